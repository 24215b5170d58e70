import Postgres

/// What a source has for a plan to read.
public struct SourceCatalog: Sendable {
  /// The tables that the plan reads and that are there.
  public var tables: [PostgresTable] = []
  /// Everything that has a name in the source's schema.
  public var relations = Relations()
  /// The collections, one of each database that a dump holds.
  public var collections: [String] = []
  /// Views of MongoDB, by name, with the stages of their pipelines.
  public var views: [String: [String]] = [:]
  public var isDump = false
  /// Conditions that the source refuses.
  var faults: [PlanFault] = []

  public init() {}

  /// Reads what a PostgreSQL source has, and has it parse the conditions on its rows.
  ///
  /// - Parameter condition: a further condition of the run.
  public init(_ plan: Plan, condition: String? = nil, _ connection: Connection) throws {
    let schema = plan.source.schema
    tables = try CatalogReader(connection).tables(
      schema: schema, named: plan.tables.flatMap(\.feeds).map(\.from))
    relations = try Relations(schema: schema, connection)
    let there = Set(tables.map(\.name))
    let statements = try plan.tables.flatMap(\.feeds).filter { there.contains($0.from) }
      .flatMap { feed in
        try [feed.filter, condition].compactMap { $0 }.map { filter in
          CheckedStatement(
            sql: SQLCondition(filter).trial(
              on: try SQL.identifier(schema: schema, feed.from)),
            what: "the condition on \(feed.from)", place: feed.place)
        }
      }
    faults = try StatementCheck(connection, schema: nil).faults(statements)
  }

  /// Lists what a MongoDB source or a dump has.
  public init(_ place: SourcePlace) throws {
    collections = try place.collections()
    views = try place.views()
    isDump = place.isDump
  }
}

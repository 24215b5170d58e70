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
            sql: "SELECT 1 FROM \(try SQL.identifier(schema: schema, feed.from)) WHERE (\(filter))",
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

/// The relations of a schema, by name.
public struct Relations: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case table = "r"
    case partitionedTable = "p"
    case view = "v"
    case materializedView = "m"
    case foreignTable = "f"
    case sequence = "S"

    /// Whether rows can be read from it chunk by chunk, and loaded into it.
    var holdsRows: Bool { self == .table || self == .partitionedTable }
    /// Whether rows can be read from it chunk by chunk.
    var isReadable: Bool { holdsRows || self == .materializedView }

    var words: String {
      switch self {
      case .table: "a table"
      case .partitionedTable: "a partitioned table"
      case .view: "a view"
      case .materializedView: "a materialized view"
      case .foreignTable: "a foreign table"
      case .sequence: "a sequence"
      }
    }
  }

  public let kinds: [String: Kind]

  public init(_ kinds: [String: Kind] = [:]) { self.kinds = kinds }

  public init(schema: String, _ connection: Connection) throws(PostgresError) {
    let found = try connection.query(
      """
      SELECT c.relname, c.relkind::text
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      """, [schema])
    let pairs = found.rows.compactMap { row in
      Kind(rawValue: row.string(1)).map { (row.string(0), $0) }
    }
    kinds = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  /// The kind of a relation that is there, and that no rows can be loaded into.
  func unusable(_ name: String) -> Kind? {
    kinds[name].flatMap { $0.holdsRows ? nil : $0 }
  }

  /// The kind of a relation that is there, and that no rows can be read from.
  func unreadable(_ name: String) -> Kind? {
    kinds[name].flatMap { $0.isReadable ? nil : $0 }
  }

  /// The names of tables.
  var tables: [String] { kinds.filter(\.value.holdsRows).keys.sorted() }
}

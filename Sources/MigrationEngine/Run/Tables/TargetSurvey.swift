import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// What the target says of a run's tables before the first is begun: asked once, in two round trips.
///
/// It is used for tables that nothing was prepared of, and that hold no rows. Each of them is begun under the
/// condition that its definition is what it was, so that a change since then is noticed.
struct TargetSurvey {
  /// What is known of a table.
  struct Table {
    let definition: PostgresTable
    /// The tables that its rules look rows up in, and itself.
    let tables: [String: PostgresTable]
    let columns: FedColumns
    let sequences: [ColumnSequence]
    /// The SQL condition that all of this is still so.
    let isUnchanged: String
  }

  private let schema: String
  private let tables: [String: PostgresTable]
  private let sequences: [String: [ColumnSequence]]
  private let stamps: [String: String]
  private let columns: [String: FedColumns]

  /// - Returns: nil if the target can't say so: then each table asks for itself, and reports why.
  init?(of plans: [TablePlan], states: [TableState], schema: String, _ ledger: Ledger) throws {
    self.schema = schema
    let names = Set(plans.flatMap { [$0.name] + $0.referencedTables }).sorted()
    let questions = try Questions(plans, names, states, schema, ledger)
    do throws(PostgresError) {
      // The stamps come before the definitions: a change in between is one.
      let results = try ledger.connection.run(questions.pipeline)
      (stamps, columns, sequences) = questions.answers(results)
    } catch {
      guard error.kind == .server else { throw error }
      return nil
    }
    let found = try CatalogReader(ledger.connection).tables(schema: schema, named: names)
    tables = Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Returns what is known of a table; nil if it has to ask for itself.
  func table(_ plan: TablePlan) throws -> Table? {
    guard let definition = tables[plan.name], let columns = columns[plan.name] else { return nil }
    let names = plan.referencedTables.union([plan.name]).sorted()
    let conditions = try names.compactMap { name -> String? in
      guard tables[name] != nil, let stamp = stamps[name] else { return nil }
      let table = QualifiedName(schema: schema, name: name)
      return "\(try CatalogStamp.expression(table)) = \(SQL.literal(stamp))"
    }
    guard conditions.count == names.count else { return nil }
    return Table(
      definition: definition, tables: tables.filter { names.contains($0.key) }, columns: columns,
      sequences: sequences[plan.name] ?? [], isUnchanged: conditions.joined(separator: " AND "))
  }
}

extension TargetSurvey {
  /// The questions of one round trip, and where their answers are.
  private struct Questions {
    private(set) var pipeline = Pipeline()
    private let schema: String
    private let plans: [(plan: TablePlan, id: TableID)]
    private let names: [String]
    private var stamps: [Pipeline.Place] = []
    private var columns: [Pipeline.Place] = []
    private var filled: [Pipeline.Place] = []
    private let sequences, planned, staged: Pipeline.Place

    init(
      _ plans: [TablePlan], _ names: [String], _ states: [TableState], _ schema: String,
      _ ledger: Ledger
    ) throws {
      (self.schema, self.names) = (schema, names)
      self.plans = plans.compactMap { plan in
        states.first { $0.name == plan.name }.map { (plan, $0.id) }
      }
      for name in names {
        let table = QualifiedName(schema: schema, name: name)
        stamps.append(pipeline.query("SELECT " + (try CatalogStamp.expression(table))))
      }
      for (plan, _) in self.plans {
        columns.append(pipeline.query(try FedColumns.asking(of: plan, schema: schema)))
        let table = try SQL.identifier(schema: schema, plan.name)
        filled.append(pipeline.query("SELECT EXISTS (SELECT FROM \(table))"))
      }
      sequences = Sequences.sequences(schema: schema, names, in: &pipeline)
      planned = ledger.plannedTables(in: &pipeline)
      staged = MergeStaging.tables(of: ledger, in: &pipeline)
    }

    /// Leaves out the columns of tables that hold rows, or that something was prepared of.
    func answers(
      _ results: Pipeline.Results
    ) -> (
      stamps: [String: String], columns: [String: FedColumns],
      sequences: [String: [ColumnSequence]]
    ) {
      var stamps: [String: String] = [:]
      for (name, place) in zip(names, self.stamps) { stamps[name] = results[place].text(0, 0) }
      let planned: Set<TableID> = Set(results[planned].rows.map { $0.id(0) })
      let staged = Set(results[staged].rows.map { $0.string(0) })
      var columns: [String: FedColumns] = [:]
      for (place, (plan, id)) in plans.enumerated() {
        guard results[filled[place]].bool(0, 0) == false, !planned.contains(id),
          !staged.contains(MergeStaging.name(ofTable: id))
        else { continue }
        let answer = results[self.columns[place]].text(0, 0)
        columns[plan.name] = FedColumns(of: plan, schema: schema, answer)
      }
      return (stamps, columns, Sequences.byTable(results[sequences]))
    }
  }
}

import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres
import Synchronization

/// In a dry run, the rows of referenced tables that the dry run itself does not load: with a limit,
/// or if only some tables were asked for.
///
/// All their source rows go through their rules into a temporary table, so that a reference counts
/// as an orphan only if the whole migration would find it one.
final class Rehearsal: Sendable {
  private let request: RunRequest
  private let source: any RowSource
  private let context: RunContext
  /// The tables that are rehearsed already.
  private let done = Mutex<Set<String>>([])

  init(_ request: RunRequest, _ source: any RowSource, _ context: RunContext) {
    (self.request, self.source, self.context) = (request, source, context)
  }

  /// Whether rows are omitted that the migration would load.
  static func isPartial(_ request: RunRequest) -> Bool {
    request.rowLimit != nil || request.condition != nil || request.tables != nil
  }

  /// Returns the name of a table with all rows that a table will have; nil if the dry run
  /// loads them itself.
  func rows(of name: String, _ target: Connection) throws -> String? {
    guard let place = request.plan.tables.firstIndex(where: { $0.name == name }),
      isLeftOut(request.plan.tables[place])
    else { return nil }
    let temporary = "migrate_rehearsed_\(place)"
    if done.withLock({ $0.insert(name).inserted }) {
      try fill(temporary, request.plan.tables[place], target)
    }
    return "pg_temp." + temporary
  }

  private func isLeftOut(_ plan: TablePlan) -> Bool {
    if request.rowLimit != nil || request.condition != nil { return true }
    guard let tables = request.tables else { return false }
    return !tables.contains(plan.name) && !tables.contains(plan.command)
  }

  private func fill(_ temporary: String, _ plan: TablePlan, _ target: Connection) throws {
    var whole = request
    whole.condition = nil
    let preparation = TablePreparation(
      request: whole, source: source, context: context,
      lookups: LookupLoading(
        schema: request.plan.target.schema, rehearse: { [self] in try rows(of: $0, $1) }),
      deferredTables: PlanOrder(request.plan.tables).tablesAfter(plan.name), tell: { _ in })
    let demand = ReaderOnDemand(source)
    let (table, feeds) = try preparation.feeds(of: plan, target, demand, nil)
    let name = try SQL.identifier(schema: table.schema, table.name)
    try target.execute(
      "CREATE TEMP TABLE \(temporary) ON COMMIT DROP AS SELECT * FROM \(name) WHERE false")
    for (feed, lookups) in feeds {
      try send(
        feed, RowMachine(feed.program, lookups: lookups), to: temporary, demand.reader(), target)
    }
  }

  private func send(
    _ feed: FeedWork, _ machine: RowMachine, to temporary: String, _ reader: any RowReader,
    _ target: Connection
  ) throws {
    let form = feed.program.copyForm
    let columns = try SQL.identifiers(feed.program.targetColumns)
    let statement = "COPY pg_temp.\(temporary) (\(columns)) FROM STDIN \(form.option)"
    let buffer = CopyBuffer()
    var store = RowStore(form)
    try reader.read(feed, .all) { row in
      machine.forEachRow(of: row) { element in
        buffer.removeAll()
        guard case .row = machine.run(row, element: element, into: buffer) else { return }
        store.add(encoded: buffer)
      }
      guard store.byteCount >= Self.batch else { return }
      try Self.send(store, statement, target)
      store = RowStore(form)
    }
    try Self.send(store, statement, target)
  }

  /// How many bytes of rows are sent together.
  private static let batch = 4 << 20

  /// Rows that the server rejects are quarantined by the migration, so nothing can refer to them.
  private static func send(_ store: RowStore, _ statement: String, _ target: Connection) throws {
    _ = try PatientCopy(target: target) { range throws(PostgresError) in
      try store.send([range], statement, target)
    }.run(store.count)
  }
}

extension ActiveRun {
  /// Keeps the rows of a dry run from moving sequences, and says which ones they move nevertheless.
  func holdSequences(_ work: TableWork, _ ledger: Ledger) throws {
    let fed = work.feeds.map { Set($0.program.targetColumns) }
    let always = fed.dropFirst().reduce(fed.first ?? []) { $0.intersection($1) }
    for moving in try Sequences(ledger).hold(of: work.name, except: always) {
      tools.warn(
        "\(work.name): the dry run moves sequence \(moving.name), which could not be kept as it is: "
          + moving.cause.message)
    }
  }

  /// Takes foreign keys off in the transaction of a dry run, which puts them back by its rollback:
  /// those whose rows were looked up by the rules, and may be rehearsed only, and those of a table to itself.
  func takeOffForeignKeys(_ work: TableWork, _ target: Connection) throws {
    let isDeferred = work.feeds.contains { !$0.program.deferredReferences.isEmpty }
    let isTakenOff = isDeferred || Rehearsal.isPartial(request)
    for key in work.target.foreignKeys
    where (isTakenOff && work.plan.referencedTables.contains(key.referencedTable))
      || (work.copiesOwnKeys && key.referencedTable == work.target.name)
    {
      try target.execute(
        "ALTER TABLE \(try work.name.quoted()) DROP CONSTRAINT \(try SQL.identifier(key.name))")
    }
  }
}

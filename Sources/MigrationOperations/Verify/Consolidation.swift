import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Whether every source of a table has arrived in it, and no row twice.
package struct Consolidation: Sendable {
  /// The row counts of one of a table's sources.
  package struct Part: Sendable, Hashable {
    package let table: String
    package let source: String
    /// Rows that the source has now; nil if it was not asked.
    package let rows: Int?
    package let read: Int
    package let loaded: Int
    package let merged: Int
    /// Rows in quarantine, and those of them that duplicate a row of this table or another source.
    package let aside: Int
    package let duplicates: Int

    package var isComplete: Bool { read == loaded + merged + aside }
  }

  package var parts: [Part] = []
  package var findings: [ValidationFinding] = []

  package var isGood: Bool {
    !parts.isEmpty && findings.allSatisfy { $0.severity == .warning }
  }

  /// Checks the tables of a plan that have several sources; it reads, and changes nothing.
  package static func look(
    _ plan: Plan, target: Connection, ledgerSchema: String, source: SourcePlace,
    reading: ReadingLimits
  ) throws -> Consolidation {
    let tables = plan.tables.filter { $0.feeds.count > 1 }
    guard !tables.isEmpty else {
      throw MigrationError(
        .configuration, "no table of plan \(plan.name) has several sources", place: plan.file,
        remedy: "see: migrate compare-counts")
    }
    let ledger = try Ledger(target, schema: ledgerSchema)
    try ledger.requireInstalled()
    guard let session = try ledger.latestSession(named: plan.name) else {
      throw MigrationError(
        .failed, "plan \(plan.name) has no migration in this target",
        remedy: "migrate first: migrate run")
    }
    let reader = try source.source(reading: reading).open(timeout: nil)
    var found = Consolidation()
    try target.begin(TransactionMode(isolation: .repeatableRead, readOnly: true))
    for table in tables {
      let look = ConsolidationLook(plan: plan, table: table, ledger: ledger, reader: reader)
      try look.run(session, &found)
    }
    try target.rollback()
    return found
  }
}

/// The check of one table.
private struct ConsolidationLook {
  let plan: Plan
  let table: TablePlan
  let ledger: Ledger
  let reader: any RowReader

  func run(_ session: Session, _ found: inout Consolidation) throws {
    guard
      let state = try ledger.tables(session: session.id).first(where: { $0.name == table.name }),
      state.status == .done
    else {
      found.findings.append(
        ValidationFinding(
          .critical, .data, table: table.name, "\(table.name) is not completely migrated",
          remedy: "continue: migrate run"))
      return
    }
    for (number, feed) in table.feeds.enumerated() {
      let part = try part(number, feed, state)
      found.parts.append(part)
      found.findings += judge(part)
    }
    try twice(&found)
  }

  private func part(
    _ number: Int, _ feed: Feed, _ state: TableState
  ) throws -> Consolidation.Part {
    let names = ledger.names
    let sums = try ledger.connection.query(
      """
      SELECT coalesce(sum(rows_read), 0)::bigint, coalesce(sum(rows_loaded), 0)::bigint,
        coalesce(sum(rows_merged + rows_filtered), 0)::bigint,
        coalesce(sum(rows_quarantined), 0)::bigint,
        (SELECT count(*) FROM \(names.quarantine)
          WHERE table_id = $1 AND feed = $2 AND code = $3 AND status <> 'retried')
      FROM \(names.chunk) WHERE table_id = $1 AND feed = $2 AND status = 'done'
      """, [state.id, number, ErrorCode.duplicate.rawValue])
    let found = try reader.find(feed, schema: plan.source.schema, condition: nil)
    return Consolidation.Part(
      table: table.name, source: feed.from, rows: try reader.count(found, each: feed.each),
      read: sums.int(0, 0) ?? 0, loaded: sums.int(0, 1) ?? 0, merged: sums.int(0, 2) ?? 0,
      aside: sums.int(0, 3) ?? 0, duplicates: sums.int(0, 4) ?? 0)
  }

  private func judge(_ part: Consolidation.Part) -> [ValidationFinding] {
    var findings: [ValidationFinding] = []
    if !part.isComplete {
      findings.append(
        ValidationFinding(
          .critical, .corruption, table: part.table,
          "\(CountText.of(part.read, "row")) of \(part.source) read, but loaded, merged and "
            + "quarantined are \(GroupedNumber.text(part.loaded + part.merged + part.aside))",
          remedy: "see: migrate validate --layers counts"))
    }
    if let rows = part.rows, rows != part.read {
      findings.append(
        ValidationFinding(
          .warning, .data, table: part.table,
          "\(part.source) has \(CountText.of(rows, "row")) now, and \(GroupedNumber.text(part.read)) were read",
          count: abs(rows - part.read), remedy: "rows were written since, or a limit was set"))
    }
    return findings
  }

  /// Looks for values that the plan or the table's key allows once, and that are there more often.
  private func twice(_ found: inout Consolidation) throws {
    guard
      let live = try CatalogReader(ledger.connection).table(
        schema: plan.target.schema, named: table.name)
    else { return found.findings.append(CountsLayer.noTable(table)) }
    let sets = Set(table.unique + [live.primaryKey]).filter { !$0.isEmpty }
    for set in sets.sorted(by: { $0.joined() < $1.joined() }) {
      let repeated = try RepeatedValues(set, in: live, ledger.connection)
      if let finding = repeated.finding(table) { found.findings.append(finding) }
    }
  }
}

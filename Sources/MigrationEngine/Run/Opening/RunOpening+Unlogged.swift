import MigrationBasics
import MigrationLedger
import Postgres

extension RunOpening {
  /// Refuses to call tables loaded that a crash of the server has emptied since.
  ///
  /// Only UNLOGGED tables can lose committed rows so; they were made so after they were begun, or begun by an
  /// older program.
  func requireRowsOfUnlogged(_ session: Session) throws {
    guard !request.dryRun else { return }
    let schema = request.plan.target.schema
    let names = try UnloggedTables.among(
      request.plan.tables.map(\.name), schema: schema, ledger.connection)
    guard !names.isEmpty else { return }
    let lost = try emptied(names, session)
    guard lost.isEmpty else {
      throw MigrationError(
        .coded(.corruption), lost.joined(separator: "; "), reason: "unloggedEmptied",
        place: ledger.connection.facts.database,
        remedy:
          "a crash of the server empties UNLOGGED tables; change them (ALTER TABLE … SET LOGGED) and "
          + "start over: migrate run --fresh --empty-tables")
    }
    tools.warn(
      "\(names.sorted().joined(separator: ", ")): UNLOGGED; a crash of the server would delete the rows; "
        + "change this: ALTER TABLE … SET LOGGED")
  }

  /// Says which of some tables have fewer rows than the ledger knows.
  private func emptied(_ names: Set<String>, _ session: Session) throws -> [String] {
    let sheets = try ledger.balance(session: session.id)
    let tables = try ledger.progress(session: session.id)
    return try zip(sheets, tables).compactMap { sheet, progress in
      guard sheet.chunksDone > 0, names.contains(sheet.table) else { return nil }
      let rows = try ledger.rowsInTarget(
        of: sheet, progress.table, schema: request.plan.target.schema,
        isMerged: request.plan.tables.contains { $0.name == sheet.table && $0.merge != nil })
      guard let rows, rows.found ?? 0 < rows.expected else { return nil }
      let found = rows.found ?? 0
      return
        "rows of \(sheet.table): \(found) in the target, \(rows.expected - found) fewer than the ledger says"
    }
  }
}

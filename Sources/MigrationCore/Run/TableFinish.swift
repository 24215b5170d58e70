import Postgres

/// Brings a loaded table to its end: late references, indexes, sequences, books.
struct TableFinish {
  let work: TableWork
  let ledger: Ledger
  let session: Int
  let lanes: Int
  let openTarget: @Sendable () throws -> Ledger
  let isDryRun: Bool
  let tell: (String) -> Void

  func run() throws {
    try checkLateReferences()
    try ledger.setStatus(.restoring, table: work.id)
    if !isDryRun {
      tell("indexes")
      try restore(.indexes(of: work.name))
    }
    tell("sequences")
    // Changes of sequences do not roll back, so that a dry run leaves them alone.
    if !isDryRun { _ = try Sequences(ledger).reset(work.name) }
    try checkBooks()
    try ledger.setStatus(.done, table: work.id)
  }

  /// Restores what was set aside, on several connections at once.
  func restore(_ scope: Restoration.Scope) throws {
    let restoration = Restoration(scope: scope, maintenanceMemory: "256MB")
    let helpers = try (1..<max(2, lanes)).map { _ in
      try WorkerThread { [openTarget] in
        // What a helper can't do, the others do.
        if let ledger = try? openTarget() { _ = try? restoration.work(through: ledger) }
      }
    }
    defer { for helper in helpers { helper.join() } }
    try restoration.work(through: ledger).requireSuccess()
  }

  /// Looks after references that could not be checked while rows were still coming.
  private func checkLateReferences() throws {
    var seen: Set<String> = []
    for reference in work.feeds.flatMap(\.program.deferredReferences)
    where reference.table == work.plan.name && seen.insert(reference.column).inserted {
      tell("references of \(reference.column)")
      try check(reference)
    }
  }

  private func check(_ reference: DeferredReference) throws {
    let table = try work.name.quoted()
    let column = try SQL.identifier(reference.column)
    let result = try SQL.identifier(reference.resultColumn)
    let other = try SQL.identifier(schema: work.target.schema, reference.table)
    let orphans =
      "t.\(column) IS NOT NULL AND NOT EXISTS (SELECT FROM \(other) o WHERE o.\(result) = t.\(column))"
    switch reference.orphan {
    case .keep: return
    case .null:
      try ledger.atomically {
        let changed = try ledger.connection.query(
          "UPDATE \(table) t SET \(column) = NULL WHERE \(orphans)")
        try ledger.addLateWarning(
          table: work.id, column: reference.column, reason: Reason.orphan.name,
          count: changed.affectedRows)
      }
    case .quarantine:
      let found = try ledger.connection.query("SELECT count(*) FROM \(table) t WHERE \(orphans)")
      guard let count = found.int(0, 0), count > 0 else { return }
      throw MigrationError(
        .coded(.foreignKey),
        "\(count) rows of \(work.name) refer to a \(reference.table) that is not there",
        place: "\(work.name).\(reference.column)",
        remedy: "correct the source, or let the plan say orphan: \"null\" for \(reference.column)")
    }
  }

  private func checkBooks() throws {
    let sheet = try ledger.balance(session: session).first { $0.table == work.plan.name }
    guard let sheet, sheet.isComplete else {
      throw MigrationError(
        .coded(.corruption), "\(work.name) has chunks that are not done",
        remedy: "run again: migrate run")
    }
    guard sheet.closes else {
      let faults = sheet.faults.map { "\($0.kind.rawValue): \($0.expected) and \($0.found)" }
      throw MigrationError(
        .coded(.corruption), "the books of \(work.name) do not close",
        place: faults.joined(separator: "; "),
        remedy: "see the chunks of the table in the ledger; nothing more was changed")
    }
  }
}

extension Ledger {
  /// Adds warnings that only the whole table could show, to its last chunk.
  func addLateWarning(table: Int, column: String, reason: String, count: Int) throws {
    guard count > 0 else { return }
    try connection.query(
      """
      WITH last AS (
        UPDATE \(names.chunk) SET warnings = warnings + $4
        WHERE table_id = $1 AND number =
          (SELECT max(number) FROM \(names.chunk) WHERE table_id = $1 AND status = 'done')
        RETURNING table_id, number)
      INSERT INTO \(names.warning) AS w (table_id, chunk, column_name, reason, count, examples)
      SELECT table_id, number, $2, $3, $4, '[]' FROM last
      ON CONFLICT (table_id, chunk, column_name, reason)
        DO UPDATE SET count = w.count + excluded.count
      """, [table, column, reason, count])
  }
}

import MigrationBasics
import MigrationLedger
import Postgres

/// Takes corrupted rows out of the target in one transaction with the ledger, in which they become
/// rows of the quarantine that wait for a retry.
struct CorruptionRemoval {
  let request: RollbackRequest
  let ledger: Ledger
  /// What people have agreed to.
  let shown: [CorruptedTable]
  let find: ([String]) throws -> [CorruptedTable]

  private var connection: Connection { ledger.connection }

  func run() throws -> [CorruptedTable] {
    try connection.inTransaction {
      try connection.execute("SET LOCAL row_security = off")
      let wanted = shown.filter { $0.rows > 0 }
      try lock(wanted)
      let found = try find(wanted.map(\.title)).filter { $0.rows > 0 }
      guard found.map(\.keys) == wanted.map(\.keys), found.map(\.rows) == wanted.map(\.rows)
      else { throw changedMeanwhile() }
      let obstacles = try Corruption.dependents(found, ledger)
      guard obstacles.isEmpty else { throw RollbackObstacle.failure(obstacles) }
      try delete(found)
      for table in found { try enter(table) }
      try ledger.addNote(
        found.map { "\(CountText.of($0.rows, "corrupted row")) of \($0.title) deleted" }
          .joined(separator: ", "),
        session: request.session.id, by: OperatorName.current)
      return found
    }
  }

  /// Keeps others from writing, in one order everywhere.
  private func lock(_ tables: [CorruptedTable]) throws {
    let own = tables.map(\.name)
    let children = try ForeignKeyEnds.leading(to: own, ledger).map(\.child)
    for name in Set(own + children).sorted() {
      try connection.execute("LOCK TABLE \(try name.quoted()) IN SHARE ROW EXCLUSIVE MODE")
    }
  }

  /// In one statement, so that references among the rows are checked when all of them are gone.
  private func delete(_ tables: [CorruptedTable]) throws {
    let parts = try tables.enumerated().map { number, table in
      "d\(number) AS (DELETE FROM \(try table.live.ownRows()) t WHERE \(table.goes("t")) RETURNING 1)"
    }
    let counts = tables.indices.map { "(SELECT pg_catalog.count(*) FROM d\($0))" }
    let found = try connection.executeOnOwnPath(
      "WITH \(parts.joined(separator: ", ")) SELECT \(counts.joined(separator: ", "))")
    try connection.executeOnOwnPath("SET CONSTRAINTS ALL IMMEDIATE")
    for (number, table) in tables.enumerated() where found.int(0, number) != table.changed {
      throw MigrationError(
        .coded(.rollback),
        "the server deleted \(found.int(0, number) ?? 0) of \(CountText.of(table.changed, "row"))",
        place: "\(table.name)",
        remedy: "nothing was changed; check whether a trigger or a rule prevents deletions"
      )
    }
  }

  /// Adjusts row counts and fingerprints to the remaining rows, and checks them.
  private func enter(_ table: CorruptedTable) throws {
    let changes = try takenSums(table).compactMap { entry, gone in
      entry.sum.map { sum -> (entry: ExpectedFingerprints.Entry, sum: FingerprintSum) in
        var left = sum
        left -= gone
        return (entry, left)
      }
    }
    try ledger.correct(changes, table: table.state.id)
    try ledger.forgetCorrupted(table: table.state.id)
    try ledger.reopenCorrupted(table)
    try ledger.enterCorrupted(table, as: .open)
    guard let bytes = request.session.fingerprintKey else { return }
    let left = try CorruptedRows.judgement(
      table.state, table.live, FingerprintKey(bytes), ledger)
    guard left.differing.isEmpty || left.isRewritten else { throw inexplicable(table) }
  }

  /// What goes of the sum of each transaction of the table.
  private func takenSums(
    _ table: CorruptedTable
  ) throws -> [(ExpectedFingerprints.Entry, FingerprintSum)] {
    let entries = table.judgement.book.groups.flatMap(\.entries)
    let late = table.judgement.differing.flatMap(\.group.entries)
      .filter { $0.kind == WriteKind.retry.rawValue }
    var sums: [Int: FingerprintSum] = [:]
    let rows = try connection.query(
      "SELECT feed, chunk, retried IS NOT NULL, fingerprint FROM \(table.collection)")
    for row in rows.rows {
      let own: Int?
      if row.bool(2) == true {
        // It is not known which of several retries loaded it.
        let fitting = late.filter { $0.feed == row.int(0) }
        own = fitting.count == 1 ? entries.firstIndex { $0.xid == fitting[0].xid } : nil
      } else {
        own = entries.firstIndex { $0.chunk != nil && $0.chunk == row.int(1) }
      }
      guard let own, let fingerprint = row.bytes(3).flatMap({ Fingerprint($0) }) else {
        throw inexplicable(table)
      }
      sums[own, default: FingerprintSum()].add(fingerprint)
    }
    return sums.map { (entries[$0.key], $0.value) }
  }

  private func changedMeanwhile() -> MigrationError {
    MigrationError(
      .coded(.rollback), "another session wrote rows during the check",
      reason: "changedMeanwhile",
      remedy: "nothing was changed; try again: migrate rollback --corrupted")
  }

  private func inexplicable(_ table: CorruptedTable) -> MigrationError {
    MigrationError(
      .coded(.rollback),
      "the remaining rows of \(table.name) would not match the fingerprints: its source has changed "
        + "since the load", reason: "inexplicable",
      remedy: "nothing was changed; roll the whole table back: migrate rollback --table "
        + table.plan.command)
  }
}

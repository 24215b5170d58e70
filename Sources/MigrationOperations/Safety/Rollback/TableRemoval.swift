import MigrationBasics
import MigrationLedger
import Postgres

/// Takes the rows of one group of tables out of the target, in one transaction with the ledger.
///
/// The tables are locked against writers, never against readers: what was checked before is true
/// until the commit. `TRUNCATE`, which readers would have to wait for, is tried for a moment only.
struct TableRemoval {
  let rollback: Int
  let survey: RollbackSurvey
  let group: RollbackSurvey.Group
  let tell: (String) -> Void

  private var ledger: Ledger { survey.ledger }
  private var connection: Connection { survey.ledger.connection }

  func run() throws {
    try connection.inTransaction {
      // Policies must not hide rows: with this setting the server refuses instead.
      try connection.execute("SET LOCAL row_security = off")
      try lock()
      let going = try group.tables.map { try requireUnchanged($0) }
      try requireNoDependents()
      let method = try remove(going)
      for (table, rows) in zip(group.tables, going) { try enter(table, rows.going, method) }
    }
  }

  /// Waits for lanes that a dead program left, then keeps others from writing.
  private func lock() throws {
    let ids = group.tables.map(\.state.id)
    try connection.query(
      """
      SELECT count(*) FROM (
        SELECT FROM \(ledger.names.chunk) WHERE table_id = ANY ($1) FOR UPDATE) c
      """, [ids])
    let own = group.tables.map(\.name)
    let children = survey.foreignKeys.filter { own.contains($0.parent) }.map(\.child)
    // In one order everywhere, so that two programs that lock the same tables can't deadlock.
    for name in Set(own + children).sorted() {
      try connection.execute("LOCK TABLE \(try name.quoted()) IN SHARE ROW EXCLUSIVE MODE")
    }
  }

  /// Returns how many rows of a table go, if that is still what was shown, and how many there are by now.
  private func requireUnchanged(_ table: RollbackTable) throws -> (going: Int, all: Int) {
    let counts = try table.counts(connection)
    guard counts.own == survey.counts[table.state.id]?.own else {
      throw MigrationError(
        .coded(.rollback), "another session wrote rows of \(table.name) during the check",
        reason: "changedMeanwhile",
        remedy: "the table was not changed; try again: migrate rollback")
    }
    guard table.takesChanged else { return (counts.own, counts.all) }
    try table.placeChanged(connection)
    let changed = try connection.query("SELECT count(*) FROM \(table.changedName)").int(0, 0) ?? 0
    return (counts.own + changed, counts.all)
  }

  private func requireNoDependents() throws {
    let dependents = RollbackDependents(
      ledger: ledger, tables: survey.tables, foreignKeys: survey.foreignKeys)
    let found = try dependents.rows(referringTo: group.tables)
    guard found.isEmpty else { throw RollbackObstacle.failure(found) }
  }

  /// Returns how the rows were deleted.
  private func remove(_ rows: [(going: Int, all: Int)]) throws -> String {
    // Others may have added rows since the survey, during the confirmation or before the lock was taken.
    let isEmptied = group.isEmptied && rows.allSatisfy { $0.going == $0.all }
    if isEmptied, try truncate() { return "TRUNCATE" }
    let (going, gone) = (rows.map(\.going), try delete())
    guard gone == going else {
      throw MigrationError(
        .coded(.rollback),
        "the server deleted \(gone.reduce(0, +)) of \(CountText.of(going.reduce(0, +), "row"))",
        place: group.tables.map(\.name.description).joined(separator: ", "),
        remedy: "nothing was changed; check whether a trigger or a rule prevents deletions"
      )
    }
    return "DELETE"
  }

  /// Empties the tables at once, unless that would have to wait or is not allowed.
  private func truncate() throws -> Bool {
    let names = try group.tables.map { try $0.live.ownRows() }.joined(separator: ", ")
    try connection.execute("SAVEPOINT migrate_truncate; SET LOCAL lock_timeout = '250ms'")
    do throws(PostgresError) {
      try connection.executeOnOwnPath("TRUNCATE \(names)")
      return true
    } catch {
      guard connection.isUsable, error.sqlState != nil else { throw error }
    }
    tell("the tables are in use by readers; deleting rows one by one")
    try connection.execute("ROLLBACK TO SAVEPOINT migrate_truncate")
    return false
  }

  /// Deletes the rows of all tables of the group in one statement, so that references among them
  /// are checked when all of them are gone; returns how many went from each.
  private func delete() throws -> [Int] {
    let parts = try group.tables.enumerated().map { number, table in
      "d\(number) AS (DELETE FROM \(try table.live.ownRows()) t WHERE \(table.goes("t")) RETURNING 1)"
    }
    let counts = group.tables.indices.map { "(SELECT pg_catalog.count(*) FROM d\($0))" }
    let found = try connection.executeOnOwnPath(
      "WITH \(parts.joined(separator: ", ")) SELECT \(counts.joined(separator: ", "))")
    try connection.executeOnOwnPath("SET CONSTRAINTS ALL IMMEDIATE")
    return group.tables.indices.map { found.int(0, $0) ?? 0 }
  }

  /// Enters the result for a table, and makes it one that is still to be migrated.
  private func enter(_ table: RollbackTable, _ gone: Int, _ method: String) throws {
    let (id, names) = (table.state.id, ledger.names)
    let after = try table.counts(connection)
    let shown = survey.shown.first { $0.name == table.state.name }
    let kept = table.takesOthers ? 0 : shown?.changed ?? 0
    let keys = table.takesOthers ? [] : shown?.changedKeys ?? []
    if kept > 0 { try ledger.keep(table, rollback: rollback) }
    if table.takesOthers { try ledger.forgetKept(table: id) }
    let left = try LeftRows.read(table.live, connection)
    try connection.query(
      """
      UPDATE \(names.rollbackTable) SET status = 'emptied', method = $3, rows_gone = $4,
        rows_kept = $5, rows_others = $6, rows_left = $7, kept_keys = $8, rows_missing = $9,
        left_sum = $10, left_keys = $11, emptied_xid = txid_current(),
        rows_before = coalesce(
          (SELECT rows_before - $12 FROM \(names.table) WHERE id = $2),
          (SELECT p.rows_before FROM \(names.rollbackTable) p
            WHERE p.table_id = $2 AND p.rollback < $1 ORDER BY p.rollback DESC LIMIT 1)),
        xids = ARRAY(SELECT xid FROM \(table.rows.transactions) ORDER BY xid, command),
        commands = ARRAY(SELECT command FROM \(table.rows.transactions) ORDER BY xid, command)
      WHERE rollback = $1 AND table_id = $2
      """,
      [
        rollback, id, gone == 0 ? nil : method, gone, kept, after.foreign - kept, after.all,
        JSONValue.array(keys.map(JSONValue.text)).jsonb, shown?.missing ?? 0, left.sum, left.keys,
        survey.kept[id]?.count ?? 0,
      ])
    if let since = table.rows.since { return try reset(table, since: since) }
    try ledger.removeChunks(table: id)
    try connection.query("DELETE FROM \(names.write) WHERE table_id = $1", [id])
    try connection.query("UPDATE \(names.table) SET rows_before = NULL WHERE id = $1", [id])
    try ledger.setStatus(.pending, table: id)
    try MergeStaging(ledgerSchema: ledger.schema, table: id).drop(connection)
  }

  /// Makes the chunks of a part pending again, and opens rows again that a retry loaded since.
  ///
  /// An older version did not note the transaction of a retry; a row of its quarantine shows the one that wrote it last.
  private func reset(_ table: RollbackTable, since: String) throws {
    let (id, names) = (table.state.id, ledger.names)
    try connection.query(
      """
      UPDATE \(names.quarantine) q SET status = 'open', closed = NULL, note = NULL, retry_xid = NULL
      WHERE table_id = $1 AND status = 'retried' AND coalesce(q.retry_xid & 4294967295, q.xmin::text::bigint) IN (
        SELECT xid & 4294967295 FROM \(names.write)
        WHERE table_id = $1 AND \(Ledger.isSince(since, "xid")))
      """, [id])
    let numbers = try connection.query(
      """
      SELECT number FROM \(names.chunk)
      WHERE table_id = $1 AND xid IS NOT NULL AND \(Ledger.isSince(since, "xid"))
      """, [id]
    ).rows.map { $0.number(0) }
    if !numbers.isEmpty {
      try ledger.resetChunks(table: id, numbers: numbers)
      try ledger.setStatus(.running, table: id)
    }
    try connection.query(
      "DELETE FROM \(names.write) WHERE table_id = $1 AND \(Ledger.isSince(since, "xid"))", [id])
  }
}

import MigrationBasics
import Postgres

extension Ledger {
  /// Enters a rollback with the tables that it will empty, in their order.
  package func beginRollback(
    session: SessionID, scope: String, force: Bool, by identity: RunIdentity,
    tables: [ChosenTable]
  ) throws -> Int {
    try atomically {
      let row = try oneRow(
        """
        INSERT INTO \(names.rollback) (session, scope, force, begun_by, host, process, backend)
        VALUES ($1, $2, $3, $4, $5, $6, pg_backend_pid()) RETURNING id
        """,
        [session, scope, force, OperatorName.current, identity.host, identity.process],
        otherwise: LedgerError(.unknown, "could not record the rollback"))
      try connection.query(
        """
        INSERT INTO \(names.rollbackTable) (rollback, table_id, position, since)
        SELECT $1, t.id, t.position, nullif(t.since, '')
        FROM unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS t(id, since, position)
        """, [row.number(0), tables.map(\.state.id), tables.map { $0.since ?? "" }])
      return row.number(0)
    }
  }

  /// Continues with a rollback that another program began.
  package func continueRollback(_ id: Int, by identity: RunIdentity) throws {
    try connection.query(
      """
      UPDATE \(names.rollback) SET host = $2, process = $3, backend = pg_backend_pid(),
        status = 'running', ended = NULL, note = NULL WHERE id = $1
      """, [id, identity.host, identity.process])
  }

  package func endRollback(_ id: Int, as status: RollbackRecord.Status, note: String? = nil) throws
  {
    try connection.query(
      """
      UPDATE \(names.rollback) SET status = $2, note = $3, ended = clock_timestamp() WHERE id = $1
      """, [id, status.rawValue, note])
  }

  /// Returns the rollback that was begun and has not come to an end; nil if there is none.
  package func unfinishedRollback() throws -> RollbackRecord? {
    guard try condition() == .current else { return nil }
    return try rollbacks("WHERE status = 'running' ORDER BY id DESC LIMIT 1").first
  }

  /// Returns the newest rollback if it ended before its end, and no run has begun since.
  package func stoppedRollback() throws -> RollbackRecord? {
    guard let last = try latestRollback(), last.status == .stopped,
      last.tables.contains(where: { $0.status == .pending })
    else { return nil }
    let isOver = try connection.query(
      """
      SELECT EXISTS (SELECT FROM \(names.run) n JOIN \(names.rollback) r ON n.started >= r.begun
        WHERE r.id = $1)
      """, [last.id])
    return isOver.bool(0, 0) == true ? nil : last
  }

  /// Whether a run has begun since a moment.
  package func hasRun(since moment: Moment) throws -> Bool {
    try connection.query(
      "SELECT EXISTS (SELECT FROM \(names.run) WHERE \(Moment.sql("started")) >= $1)",
      [moment.microseconds]
    ).bool(0, 0) == true
  }

  /// Returns the newest rollback.
  package func latestRollback() throws -> RollbackRecord? {
    try rollbacks("ORDER BY id DESC LIMIT 1").first
  }

  /// Returns the rollbacks of a session, the first one first.
  func rollbacks(session: SessionID) throws -> [RollbackRecord] {
    try rollbacks("WHERE session = \(session) ORDER BY id")
  }

  /// Refuses while a rollback is half done: rows that it would delete must not be built upon.
  package func requireNoRollback() throws {
    try FullRollbackMark.refuse(connection)
    guard let open = try unfinishedRollback() else { return }
    throw MigrationError(
      .coded(.rollback), "a rollback (\(open.scope)) started \(open.begun) and is not finished",
      reason: "rollbackUnfinished", place: "rollback \(open.id)",
      remedy: "finish it: migrate rollback --resume")
  }

  private func rollbacks(_ condition: String) throws -> [RollbackRecord] {
    let found = try connection.query(
      """
      SELECT id, session, scope, force, status, begun_by, \(Moment.sql("begun")),
        \(Moment.sql("ended")), note FROM \(names.rollback) \(condition)
      """)
    return try found.rows.map { row in
      RollbackRecord(
        id: row.number(0), session: row.id(1), scope: row.string(2),
        force: row.bool(3) ?? false,
        status: RollbackRecord.Status(rawValue: row.string(4)) ?? .running,
        begunBy: row.string(5), begun: row.moment(6) ?? Moment(microseconds: 0),
        ended: row.moment(7), note: row.text(8), tables: try rolledBack(in: row.number(0)))
    }
  }

  private func rolledBack(in rollback: Int) throws -> [RolledBackTable] {
    let found = try connection.query(
      """
      SELECT r.table_id, t.name, r.status, r.method, r.rows_before, r.rows_gone, r.rows_kept,
        r.rows_others, r.rows_left, r.kept_keys::text, r.sequences::text, r.since, r.rows_missing,
        r.left_sum, r.left_keys, r.emptied_xid, r.xids IS NOT NULL
      FROM \(names.rollbackTable) r JOIN \(names.table) t ON t.id = r.table_id
      WHERE r.rollback = $1 ORDER BY r.position
      """, [rollback])
    return try found.rows.map { row in
      RolledBackTable(
        id: row.id(0), name: row.string(1),
        status: RolledBackTable.Status(rawValue: row.string(2)) ?? .pending, method: row.text(3),
        rowsBefore: row.int(4), gone: row.number(5), kept: row.number(6), others: row.number(7),
        left: row.number(8), keptKeys: Self.texts(try row.json(9)),
        sequences: Self.sequences(try row.json(10)), since: row.text(11), missing: row.number(12),
        leftRows: row.text(13).map {
          LeftRows(rows: row.number(8), sum: $0, keys: row.text(14), later: nil)
        }, emptiedBy: row.int(15), knowsTransactions: row.bool(16) == true)
    }
  }

  private static func texts(_ list: JSONValue) -> [String] {
    guard case .array(let elements) = list else { return [] }
    return elements.compactMap { if case .text(let text) = $0 { text } else { nil } }
  }

  private static func sequences(_ list: JSONValue) -> [ReturnedSequence] {
    guard case .array(let elements) = list else { return [] }
    return elements.compactMap { element in
      guard case .text(let name)? = element["sequence"], case .text(let word)? = element["outcome"],
        let outcome = ReturnedSequence.Outcome(rawValue: word)
      else { return nil }
      return ReturnedSequence(name: name, outcome: outcome)
    }
  }
}

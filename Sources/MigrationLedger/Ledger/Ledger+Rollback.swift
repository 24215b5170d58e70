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
      "SELECT \(RollbackColumn.list) FROM \(names.rollback) \(condition)")
    return try found.rows(by: RollbackColumn.self).map { row in
      RollbackRecord(
        id: row.number(.id), session: row.id(.session), scope: row.string(.scope),
        force: row.flag(.force),
        status: RollbackRecord.Status(rawValue: row.string(.status)) ?? .running,
        begunBy: row.string(.begunBy), begun: row.moment(.begun) ?? Moment(microseconds: 0),
        ended: row.moment(.ended), note: row.text(.note),
        tables: try rolledBack(in: row.number(.id)))
    }
  }

  enum RollbackColumn: String, ColumnList {
    case id, session, scope, force, status
    case begunBy = "begun_by"
    case begun, ended, note

    var sql: String {
      switch self {
      case .begun, .ended: Moment.sql(rawValue)
      default: rawValue
      }
    }
  }

  private func rolledBack(in rollback: Int) throws -> [RolledBackTable] {
    let found = try connection.query(
      """
      SELECT \(RolledBackColumn.list)
      FROM \(names.rollbackTable) r JOIN \(names.table) t ON t.id = r.table_id
      WHERE r.rollback = $1 ORDER BY r.position
      """, [rollback])
    return try found.rows(by: RolledBackColumn.self).map { row in
      RolledBackTable(
        id: row.id(.table), name: row.string(.name),
        status: RolledBackTable.Status(rawValue: row.string(.status)) ?? .pending,
        method: row.text(.method), rowsBefore: row.int(.before), gone: row.number(.gone),
        kept: row.number(.kept), others: row.number(.others), left: row.number(.left),
        keptKeys: Self.texts(try row.json(.keptKeys)),
        sequences: Self.sequences(try row.json(.sequences)), since: row.text(.since),
        missing: row.number(.missing),
        leftRows: row.text(.leftSum).map {
          LeftRows(rows: row.number(.left), sum: $0, keys: row.text(.leftKeys), later: nil)
        }, emptiedBy: row.int(.emptiedBy), knowsTransactions: row.flag(.knowsTransactions))
    }
  }

  /// The columns of a rolled back table, in a statement that calls it `r` and the table's state `t`.
  enum RolledBackColumn: String, ColumnList {
    case table = "table_id"
    case name, status, method
    case before = "rows_before"
    case gone = "rows_gone"
    case kept = "rows_kept"
    case others = "rows_others"
    case left = "rows_left"
    case keptKeys = "kept_keys"
    case sequences, since
    case missing = "rows_missing"
    case leftSum = "left_sum"
    case leftKeys = "left_keys"
    case emptiedBy = "emptied_xid"
    case knowsTransactions = "xids"

    var sql: String {
      switch self {
      case .name: "t.name"
      case .knowsTransactions: "r.xids IS NOT NULL"
      default: "r.\(rawValue)"
      }
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

import MigrationBasics
import Postgres

extension Ledger {
  /// Opens a session, or continues the open one of that name.
  ///
  /// - Throws: `planChanged` if the open session was begun with another plan.
  package func openSession(_ request: SessionRequest) throws -> Session {
    try atomically {
      try requireLock()
      if let open = try openSession(named: request.name) {
        guard request.fresh else { return try continued(open, request) }
        try endSession(open.id, as: .abandoned)
      }
      return try createSession(request)
    }
  }

  /// Returns the open session of a name, or nil.
  package func openSession(named name: String) throws -> Session? {
    try sessions("WHERE name = $1 AND status = 'open'", [name]).first
  }

  /// Returns the newest session, of a name or of all; one of a part only if no plan was begun as a whole.
  package func latestSession(named name: String? = nil) throws -> Session? {
    try sessions(
      "WHERE $1::text IS NULL OR name = $1 ORDER BY name <> plan, id DESC LIMIT 1", [name]
    ).first
  }

  /// Returns the session that was begun last, also of a part.
  package func newestSession() throws -> Session? {
    try sessions("ORDER BY id DESC LIMIT 1", []).first
  }

  /// Returns the newest session that is not finished, of whatever name; one of a part last.
  package func latestOpenSession() throws -> Session? {
    try sessions("WHERE status = 'open' ORDER BY name <> plan, id DESC LIMIT 1", []).first
  }

  /// Returns the sessions of a plan that are not finished, apart from the one of a name.
  package func openSessions(ofPlan plan: String, besides name: String) throws -> [Session] {
    try sessions("WHERE status = 'open' AND plan = $1 AND name <> $2 ORDER BY id", [plan, name])
  }

  /// Returns the sessions of parts that are not finished, or loaded rows that are still there, the newest first.
  package func parts() throws -> [Session] {
    try sessions(
      """
      s WHERE name <> plan AND (status = 'open' OR status = 'completed' AND EXISTS (
        SELECT FROM \(names.table) t JOIN \(names.chunk) c ON c.table_id = t.id
        WHERE t.session = s.id AND c.rows_loaded > 0)) ORDER BY id DESC
      """, [])
  }

  /// Gives up the parts of a plan whose rows in some tables are emptied away.
  package func forgetParts(ofPlan plan: String, in tables: [String]) throws {
    try connection.query(
      """
      UPDATE \(names.session) s SET status = 'abandoned', ended = coalesce(ended, clock_timestamp())
      WHERE s.plan = $1 AND s.name <> s.plan AND s.status <> 'abandoned' AND EXISTS (
        SELECT FROM \(names.table) t JOIN \(names.chunk) c ON c.table_id = t.id
        WHERE t.session = s.id AND t.name = ANY ($2) AND c.status = 'done')
      """, [plan, tables])
  }

  /// Returns a session by its number.
  package func session(_ id: SessionID) throws -> Session? {
    try sessions("WHERE id = $1", [id]).first
  }

  /// Returns all sessions, the newest first.
  package func sessions() throws -> [Session] { try sessions("ORDER BY id DESC", []) }

  /// Returns the newest session that goes by a number, by what people call it, or by its name.
  package func session(called word: String) throws -> Session? {
    try sessions("WHERE id::text = $1 OR title = $1 OR name = $1 ORDER BY id DESC LIMIT 1", [word])
      .first
  }

  /// Ends a session as completed or abandoned; an ended one stays as it is.
  package func endSession(_ id: SessionID, as status: Session.Status) throws {
    var pipeline = Pipeline()
    endSession(id, as: status, in: &pipeline)
    try connection.run(pipeline)
  }

  /// Ends a session with a pipeline.
  package func endSession(
    _ id: SessionID, as status: Session.Status, in pipeline: inout Pipeline
  ) {
    pipeline.query(
      """
      UPDATE \(names.session) SET status = $2, ended = clock_timestamp()
      WHERE id = $1 AND status = 'open'
      """, [id, status.rawValue])
  }

  func requireLock() throws {
    guard try holdsLock() else { throw LedgerError.lockNotHeld }
  }

  /// Lets a pipeline fail if its connection does not hold the migration lock.
  func requireLock(in pipeline: inout Pipeline) -> Pipeline.Place {
    pipeline.require(Self.holdsLock, AdvisoryKey.migration.parameters)
  }

  private func continued(_ session: Session, _ request: SessionRequest) throws -> Session {
    if !session.isOf(hash: request.planHash, meaning: request.planMeaning),
      try isRolledBackWhole(session.id)
    {
      return try take(request, into: session)
    }
    try session.requirePlan(
      hash: request.planHash, meaning: request.planMeaning,
      remedy: "continue with the earlier plan, or start over with --fresh")
    return session
  }

  /// Whether a session loaded rows, and a rollback took all of them out.
  private func isRolledBackWhole(_ session: SessionID) throws -> Bool {
    try connection.query(
      """
      SELECT EXISTS (SELECT FROM \(names.rollback) WHERE session = $1)
        AND NOT EXISTS (SELECT FROM \(names.chunk) c JOIN \(names.table) t ON t.id = c.table_id
          WHERE t.session = $1)
      """, [session]
    ).bool(0, 0) ?? false
  }

  /// Lets a session in which nothing is loaded continue with another plan.
  private func take(_ request: SessionRequest, into session: Session) throws -> Session {
    try connection.query(
      "DELETE FROM \(names.table) WHERE session = $1 AND name <> ALL ($2)",
      [session.id, request.tables])
    try connection.query(
      """
      UPDATE \(names.session) SET plan_hash = $2, plan_meaning = $3, target_schema = $4,
        settings = settings || $5 WHERE id = $1
      """,
      [
        session.id, request.planHash, request.planMeaning, request.targetSchema,
        request.settings.jsonb,
      ])
    return try self.session(session.id) ?? session
  }

  private func createSession(_ request: SessionRequest) throws -> Session {
    let key = FingerprintKey.draw()
    let row = try oneRow(
      """
      INSERT INTO \(names.session) (name, plan, plan_hash, settings, title, started_by,
        fingerprint_key, plan_meaning, target_schema, run_time)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \(Moment.sql("clock_timestamp()")))
      RETURNING \(SessionColumn.list)
      """,
      [
        request.name, request.plan, request.planHash, request.settings.jsonb, request.title,
        OperatorName.current, key, request.planMeaning, request.targetSchema,
      ],
      otherwise: LedgerError(.unknown, "could not record the session"))
    return try Self.session(row, isContinued: false)
  }

  private func sessions(
    _ condition: String, _ parameters: [(any ParameterConvertible)?]
  ) throws -> [Session] {
    try connection.query(
      "SELECT \(SessionColumn.list) FROM \(names.session) \(condition)", parameters
    ).rows.map { try Self.session($0, isContinued: true) }
  }

  enum SessionColumn: String, ColumnList {
    case id, name, title, plan
    case planHash = "plan_hash"
    case runTime = "run_time"
    case settings, status, ended
    case startedBy = "started_by"
    case fingerprintKey = "fingerprint_key"
    case planMeaning = "plan_meaning"

    var sql: String { self == .ended ? Moment.sql(rawValue) : rawValue }
  }

  private static func session(_ found: QueryResult.Row, isContinued: Bool) throws -> Session {
    let row = ColumnRow<SessionColumn>(found)
    return Session(
      id: row.id(.id), name: row.string(.name), title: row.text(.title), plan: row.string(.plan),
      planHash: row.string(.planHash), runTime: Moment(microseconds: row.number(.runTime)),
      settings: try row.json(.settings),
      status: Session.Status(rawValue: row.string(.status)) ?? .open, ended: row.moment(.ended),
      startedBy: row.text(.startedBy), isContinued: isContinued,
      fingerprintKey: row.bytes(.fingerprintKey), planMeaning: row.text(.planMeaning))
  }
}

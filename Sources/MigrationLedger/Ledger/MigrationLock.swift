import MigrationBasics
import Postgres

/// Who holds the target: the first of two migrations, as the error of the second one names it.
package struct LockHolder: Sendable, Hashable {
  /// The host of the program; nil while it has not introduced itself yet.
  package let host: String?
  /// The program's process on its host.
  package let process: Int?
  /// The server's process that serves the holder.
  package let backend: Int
  package let since: Moment?
  package let heartbeat: Moment?
  /// How long ago the program last gave a sign of life.
  package let silence: Duration?
  /// The address that it connects from; nil on a Unix socket, or without the right to see it.
  package let address: String?

  /// A program writes its heartbeat every few seconds; after this long it hangs or is cut off.
  package static let patience = Duration.seconds(60)

  /// Whether the holder gave a sign of life lately; nil if it never introduced itself.
  package var isAlive: Bool? { silence.map { $0 < Self.patience } }
}

/// The right to migrate into a database, of which there is one.
///
/// It is a session-level advisory lock: the server frees it when the connection that took it ends,
/// however it ends. So a dead program never keeps a target, and a program that lost its connection
/// has lost the lock too and must take it again. A pooler that shares sessions breaks this.
extension Ledger {
  /// Takes the migration lock for this connection, or refuses with who has it.
  package func lock() throws {
    for attempt in 1...10 {
      if try holdsLock() { return }
      let taken = try connection.query(
        "SELECT pg_try_advisory_lock($1, $2)", AdvisoryKey.migration.parameters)
      if taken.bool(0, 0) == true { return }
      // The holder may have gone away between the two statements. The session of a command that has
      // just ended may last a moment longer: one that no program is behind is waited for.
      guard let holder = try lockHolder() else { continue }
      if holder.process != nil || attempt == 10 { throw refusal(holder) }
      WorkerThread.sleep(.milliseconds(200))
    }
    throw LedgerError(
      .heldByAnother, "other migrations keep taking the target's migration lock",
      remedy: "find out who starts migrations here, and try again")
  }

  /// Gives the migration lock back.
  package func unlock() throws {
    try connection.query("SELECT pg_advisory_unlock($1, $2)", AdvisoryKey.migration.parameters)
  }

  /// Returns whether this connection holds the migration lock.
  package func holdsLock() throws -> Bool {
    let mine = try connection.query(
      "SELECT \(Self.holdsLock)", AdvisoryKey.migration.parameters)
    return mine.bool(0, 0) ?? false
  }

  /// Returns the holder of the target's lock, or nil if it is free.
  package func lockHolder() throws -> LockHolder? {
    let found = try connection.query(
      """
      SELECT l.pid, \(Moment.sql("a.backend_start")), host(a.client_addr)
      FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.pid IN (\(Self.lockRows))
      LIMIT 1
      """, AdvisoryKey.migration.parameters)
    guard let row = found.rows.first else { return nil }
    return try introduced(backend: row.number(0), started: row.moment(1), address: row.text(2))
  }

  /// Returns the server processes of an earlier run that still have current chunks.
  ///
  /// A lane outlives its program for as long as the server does not notice. It does no harm, for
  /// its chunk is locked and commits or vanishes, but who empties tables should wait for it.
  package func lanesInHand() throws -> [LaneInHand] {
    let found = try connection.query(
      """
      SELECT \(LaneColumn.list)
      FROM pg_catalog.pg_locks l
        JOIN \(names.table) t ON (t.id & 65535) = (l.classid::bigint & 65535)
          AND t.session = (SELECT max(session) FROM \(names.table) WHERE (id & 65535) = (t.id & 65535))
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND (l.classid::bigint >> 16) = \(Chunk.mark)
      ORDER BY l.pid
      """)
    return found.rows(by: LaneColumn.self).map { row in
      LaneInHand(
        backend: row.number(.backend), table: row.string(.table), session: row.id(.session),
        chunk: row.number(.chunk), since: row.moment(.since),
        waitsFor: [row.text(.waitType), row.text(.waitEvent)].compactMap { $0 }
          .joined(separator: ": "),
        blockers: Self.integers(row.string(.blockers)))
    }
  }

  private enum LaneColumn: String, ColumnList {
    case backend = "l.pid"
    case table = "t.name"
    case session = "t.session"
    case chunk = "l.objid::bigint"
    case since = "a.xact_start"
    case waitType = "a.wait_event_type"
    case waitEvent = "a.wait_event"
    case blockers = "pg_blocking_pids(l.pid)"

    var sql: String { self == .since ? Moment.sql(rawValue) : rawValue }
  }

  /// The SQL condition that a connection holds the lock.
  static let holdsLock = "EXISTS (\(lockRows) AND l.pid = pg_backend_pid())"

  private static let lockRows =
    """
    SELECT l.pid FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
      AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid
      AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    """

  private func introduced(backend: Int, started: Moment?, address: String?) throws -> LockHolder {
    var run: QueryResult.Row?
    if case .current = try condition() {
      run = try connection.query(
        """
        SELECT host, process, \(Moment.sql("started")), \(Moment.sql("heartbeat")),
          \(Moment.sql("clock_timestamp()"))
        FROM \(names.run) WHERE backend = $1 AND ended IS NULL
        UNION ALL
        SELECT host, process, \(Moment.sql("begun")), NULL, \(Moment.sql("clock_timestamp()"))
        FROM \(names.rollback) WHERE backend = $1 AND ended IS NULL
        ORDER BY 3 DESC LIMIT 1
        """, [backend]
      ).rows.first
    }
    let heartbeat = run?.moment(3)
    let silence = heartbeat.flatMap { beat in run?.moment(4)?.since(beat) }
    return LockHolder(
      host: run?.text(0), process: run?.int(1), backend: backend, since: run?.moment(2) ?? started,
      heartbeat: heartbeat, silence: silence, address: address)
  }

  private func refusal(_ holder: LockHolder) -> LedgerError {
    let who = holder.host.map { "\($0), process \(holder.process ?? 0)" } ?? "a program"
    let since = holder.since.map { " since \($0)" } ?? ""
    let address = holder.address.map { " from \($0)" } ?? ""
    let end = "SELECT pg_terminate_backend(\(holder.backend))"
    return LedgerError(
      .heldByAnother, "another migration holds the target: \(who)\(address)\(since)",
      place: "server process \(holder.backend)",
      remedy: holder.isAlive == false
        ? "it sent no heartbeat for \(holder.silence?.components.seconds ?? 0) s; "
          + "if it has ended, release the target with: \(end)"
        : "wait until it ends, or request a pause: migrate pause",
      holder: holder)
  }

  /// Reads the text form of an array of integers.
  static func integers(_ array: String) -> [Int] {
    array.split { "{},".contains($0) }.compactMap { Int($0) }
  }
}

/// A chunk that a lane has claimed and not committed yet, as the server sees it.
package struct LaneInHand: Sendable, Hashable {
  package let backend: Int
  package let table: String
  package let session: SessionID
  package let chunk: Int
  /// When the chunk's transaction began.
  package let since: Moment?
  /// What the server process is waiting for; empty while it works.
  package let waitsFor: String
  /// The server processes whose locks it waits for.
  package let blockers: [Int]
}

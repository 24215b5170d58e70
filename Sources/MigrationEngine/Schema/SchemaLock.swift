import Glibc
import Postgres

/// Lets one session at a time change a database's schema.
enum SchemaLock {
  // Two numbers in the space of advisory locks that belong to this lock: "migr", "sche".
  private static let family: Int32 = 0x6D69_6772
  private static let member: Int32 = 0x7363_6865

  /// Runs the body while this session holds the lock, or says who holds it.
  static func hold<Value>(
    _ connection: Connection, wait: Duration, _ body: () throws -> Value
  ) throws -> Value {
    try acquire(connection, until: .now + wait)
    do {
      let value = try body()
      try release(connection)
      return value
    } catch {
      // If the session is lost, so is the lock.
      try? release(connection)
      throw error
    }
  }

  /// Asks again and again: a waiting `pg_advisory_lock` would hold up `CREATE INDEX CONCURRENTLY`
  /// of the holder, which waits for all older transactions.
  private static func acquire(
    _ connection: Connection, until deadline: ContinuousClock.Instant
  ) throws {
    while true {
      let answer = try connection.query("SELECT pg_try_advisory_lock($1, $2)", [family, member])
      if answer.bool(0, 0) == true { return }
      guard ContinuousClock.now < deadline else {
        throw SchemaFault.locked(by: try holder(connection))
      }
      usleep(100_000)
    }
  }

  private static func release(_ connection: Connection) throws {
    try connection.query("SELECT pg_advisory_unlock($1, $2)", [family, member])
  }

  private static func holder(_ connection: Connection) throws -> SchemaLockHolder? {
    let rows = try connection.query(
      """
      SELECT l.pid, coalesce(a.application_name, ''), host(a.client_addr), a.backend_start::text
      FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
        AND l.classid::bigint = $1 AND l.objid::bigint = $2
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """, [Int(family), Int(member)]
    ).rows
    return rows.first.map { row in
      SchemaLockHolder(
        pid: row.int(0) ?? 0, application: row.text(1) ?? "", host: row.text(2), since: row.text(3))
    }
  }
}

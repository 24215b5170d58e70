import Postgres

/// Which database a connection leads to, whatever name it was reached by.
package struct DatabaseIdentity: Sendable, Hashable {
  /// The number that the cluster drew when it was made; nil if the role may not read it.
  package let system: String?
  /// The database's number in its cluster.
  package let database: Int
  /// The catalog's entry of the database: the same in every physical copy of the cluster.
  package let entry: String
  let isStandby: Bool

  package init(_ connection: Connection) throws(PostgresError) {
    let found = try connection.query(
      """
      SELECT oid::bigint, xmin::text || ' ' || datname, pg_catalog.pg_is_in_recovery()
      FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
      """)
    (database, entry) = (found.int(0, 0) ?? 0, found.text(0, 1) ?? "")
    isStandby = found.bool(0, 2) == true
    system = try Self.system(connection)
  }

  /// Returns the cluster's number; nil if the role may not read it.
  ///
  /// The server checks the right before it checks any condition, so it is asked for beforehand.
  package static func system(_ connection: Connection) throws(PostgresError) -> String? {
    let right = try connection.query(
      """
      SELECT pg_catalog.has_function_privilege(p.oid, 'EXECUTE') FROM pg_catalog.pg_proc p
      WHERE p.proname = 'pg_control_system' AND p.pronamespace = 'pg_catalog'::regnamespace
      """)
    guard right.rows.first?.bool(0) == true else { return nil }
    return try connection.query(
      "SELECT system_identifier::text FROM pg_catalog.pg_control_system()"
    ).text(0, 0)
  }

  /// Whether two connections lead to one database, or one of them to a standby of the other.
  ///
  /// A clone has the number of the cluster that it was made of. So a lock that is taken through one
  /// connection is looked for through the other; a standby does not have it, and is known by its numbers.
  package static func areOne(_ first: Connection, _ second: Connection) throws -> Bool {
    let (one, other) = (try DatabaseIdentity(first), try DatabaseIdentity(second))
    if one.isStandby || other.isStandby { return one.hasOrigin(of: other) }
    return try isSeen(by: first, markedThrough: second, one)
  }

  /// Whether both are one database, or physical copies of one.
  private func hasOrigin(of other: DatabaseIdentity) -> Bool {
    if let system, let otherSystem = other.system, system != otherSystem { return false }
    return database == other.database
      && (system != nil && other.system != nil || entry == other.entry)
  }

  /// Takes a lock that no one else has, until the end of a transaction, and looks for it elsewhere.
  private static func isSeen(
    by reader: Connection, markedThrough holder: Connection, _ identity: DatabaseIdentity
  ) throws -> Bool {
    let key = (Int32.random(in: .min ... .max), Int32.random(in: .min ... .max))
    return try holder.inTransaction {
      try holder.query("SELECT pg_catalog.pg_advisory_xact_lock($1, $2)", [key.0, key.1])
      let seen = try reader.query(
        """
        SELECT EXISTS (SELECT FROM pg_catalog.pg_locks
          WHERE locktype = 'advisory' AND database = $1::bigint::oid AND objsubid = 2
            AND classid = $2::bigint::oid AND objid = $3::bigint::oid)
        """,
        [identity.database, Int(UInt32(bitPattern: key.0)), Int(UInt32(bitPattern: key.1))])
      return seen.bool(0, 0) == true
    }
  }
}

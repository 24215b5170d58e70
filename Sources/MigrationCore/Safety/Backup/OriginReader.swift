import Postgres

/// Asks a database what it is.
struct OriginReader {
  let connection: Connection

  func read(role: DatabaseRole) throws -> BackupManifest.Origin {
    let found = try connection.query(
      """
      SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
        pg_catalog.pg_database_size(oid), \(Self.identity)
      FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
      """)
    let facts = connection.facts
    return BackupManifest.Origin(
      role: role.rawValue, product: "PostgreSQL", version: facts.serverVersionText,
      majorVersion: facts.serverVersion.major, place: "\(facts.host):\(facts.port)",
      database: facts.database, user: facts.user, identity: found.text(0, 4),
      encoding: found.text(0, 0) ?? "UTF8", collation: found.text(0, 1) ?? "C",
      characterType: found.text(0, 2) ?? "C", bytes: found.int(0, 3) ?? 0)
  }

  /// The server's and the database's own numbers: the same for two names of one database.
  static func identity(of connection: Connection) throws -> String? {
    try connection.query(
      "SELECT \(identity) FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"
    ).text(0, 0)
  }

  private static let identity = """
    CASE WHEN has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
      THEN (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) || ':' || oid END
    """

  /// The roles that row level security names: a policy can't be made without its roles.
  func policyRoles() throws -> [String] {
    try connection.query(
      """
      SELECT DISTINCT role FROM pg_catalog.pg_policies, pg_catalog.unnest(roles) AS role
      WHERE role <> 'public' ORDER BY role
      """
    ).rows.map { $0.string(0) }
  }
}

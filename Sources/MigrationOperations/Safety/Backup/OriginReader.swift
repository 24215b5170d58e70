import MigrationEngine
import MigrationPlan
import Postgres

/// Asks a database what it is.
struct OriginReader {
  let connection: Connection

  func read(role: DatabaseRole) throws -> BackupManifest.Origin {
    let found = try connection.query(
      """
      SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
        pg_catalog.pg_database_size(oid)
      FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()
      """)
    let facts = connection.facts
    return BackupManifest.Origin(
      role: role.rawValue, product: "PostgreSQL", version: facts.serverVersionText,
      majorVersion: facts.serverVersion.major, place: "\(facts.host):\(facts.port)",
      database: facts.database, user: facts.user, identity: try Self.identity(of: connection),
      encoding: found.text(0, 0) ?? "UTF8", collation: found.text(0, 1) ?? "C",
      characterType: found.text(0, 2) ?? "C", bytes: found.int(0, 3) ?? 0)
  }

  /// The server's and the database's own numbers: the same for two names of one database.
  static func identity(of connection: Connection) throws -> String? {
    let identity = try DatabaseIdentity(connection)
    return identity.system.map { "\($0):\(identity.database)" }
  }

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

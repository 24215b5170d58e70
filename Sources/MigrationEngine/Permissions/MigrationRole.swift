import MigrationBasics
import Postgres

/// A role that is made for a migration, may do what the plan needs and nothing else, and goes afterwards.
package struct MigrationRole {
  private let connection: Connection
  package let name: String

  /// What distinguishes the roles of this tool from others, as the comment on the role.
  private static let mark = "made by migrate for a migration"

  package init(_ name: String, _ connection: Connection) {
    (self.name, self.connection) = (name, connection)
  }

  /// How a role is to be.
  package struct RoleOptions: Sendable {
    package var password: String
    /// Until when it may log in.
    package var days: Int
    /// Whether it becomes a member of the owners of the plan's tables.
    package var asOwner: Bool

    package init(password: String, days: Int, asOwner: Bool) {
      (self.password, self.days, self.asOwner) = (password, days, asOwner)
    }
  }

  /// Makes the role and gives it what it needs, all of it or nothing.
  ///
  /// - Parameter rights: finds out what is needed, once the role is there.
  /// - Returns: what was given.
  package func create(
    _ options: RoleOptions, _ rights: (String) throws -> [NeededRight]
  ) throws -> [NeededRight] {
    guard try !exists() else {
      throw MigrationError(
        .failed, "role \(name) already exists", place: connection.facts.host,
        remedy: "use another name, or remove it: migrate revoke-temp-permissions --name \(name)")
    }
    let role = try SQL.identifier(name)
    let verifier = try connection.passwordVerifier(options.password, user: name)
    return try connection.inTransaction {
      let until =
        try connection.query(
          "SELECT (now() + make_interval(days => $1::integer))::timestamp(0)::text", [options.days]
        ).text(0, 0) ?? ""
      try connection.execute(
        """
        CREATE ROLE \(role) LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
          CONNECTION LIMIT 64 PASSWORD \(SQL.literal(verifier)) VALID UNTIL \(SQL.literal(until));
        COMMENT ON ROLE \(role) IS \(SQL.literal(Self.mark));
        """)
      let wanted = try rights(name).filter { $0.isRequired || options.asOwner }
      let missing = wanted.filter { !$0.isGranted }
      try refuseSuperusers(missing.compactMap(\.owner))
      for statement in Set(missing.map(\.grant)).sorted() { try connection.execute(statement) }
      let left = try rights(name).filter { right in
        !right.isGranted && wanted.contains { $0.grant == right.grant }
      }
      guard left.isEmpty else {
        throw MigrationError(
          .failed,
          "could not grant to the role: "
            + left.map { "\($0.privilege) on \($0.object)" }.joined(separator: ", "),
          remedy: "use a role that can grant this")
      }
      return missing
    }
  }

  /// Who is a member of a superuser may do everything.
  private func refuseSuperusers(_ owners: [String]) throws {
    let found = try connection.query(
      "SELECT rolname::regrole::text FROM pg_roles WHERE rolsuper AND oid = ANY ($1::regrole[]::oid[])",
      [Array(Set(owners))])
    guard let superuser = found.rows.first?.text(0) else { return }
    throw MigrationError(
      .failed,
      "the tables belong to \(superuser), a superuser; a role that may act as their owner "
        + "has all rights", place: connection.facts.database,
      remedy: "change the owner of the plan's tables first: ALTER TABLE … OWNER TO …")
  }

  /// Takes the role's rights in this database, and then the role itself.
  ///
  /// What it owns goes to the role that does this. A role that has rights in another database stays
  /// without login; then false is returned.
  package func remove(force: Bool) throws -> Bool {
    try requireRemovable(force: force)
    let role = try SQL.identifier(name)
    try connection.inTransaction {
      try leaveOwnGroups(role)
      // Who is no superuser must be a member to give away what the role owns.
      let isMember = try connection.query("SELECT pg_has_role($1, 'MEMBER')", [name]).bool(0, 0)
      if isMember != true { try connection.execute("GRANT \(role) TO CURRENT_USER") }
      try connection.execute(
        """
        ALTER ROLE \(role) NOLOGIN;
        REASSIGN OWNED BY \(role) TO CURRENT_USER;
        DROP OWNED BY \(role);
        """)
    }
    do throws(PostgresError) {
      try connection.execute("DROP ROLE \(role)")
      return true
    } catch {
      // Objects or rights in another database of the server.
      guard error.sqlState == .dependentObjectsExist else { throw error }
      return false
    }
  }

  /// Throws if the role is not there, was not made by this tool, or has open sessions.
  package func requireRemovable(force: Bool) throws {
    guard try exists() else {
      throw MigrationError(
        .failed, "role \(name) does not exist", place: connection.facts.host,
        remedy: "name the role that create-migration-user created: --name")
    }
    guard try force || isOurs() else {
      throw MigrationError(
        .failed, "role \(name) was not created by create-migration-user",
        place: connection.facts.host, remedy: "to remove it anyway: --force")
    }
    let sessions =
      try connection.query(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", [name]
      ).int(0, 0) ?? 0
    guard sessions == 0 else {
      throw MigrationError(
        .failed, "role \(name) has \(CountText.of(sessions, "open session"))",
        place: connection.facts.host,
        remedy: "end these sessions first: migrate pause")
    }
  }

  /// Ends the role's membership in roles of this session, which could not become members of it otherwise.
  private func leaveOwnGroups(_ role: String) throws {
    let groups = try connection.query(
      """
      SELECT roleid::regrole::text FROM pg_auth_members
      WHERE member = (SELECT oid FROM pg_roles WHERE rolname = $1) AND pg_has_role(roleid, 'MEMBER')
      """, [name])
    for group in groups.rows {
      if let group = group.text(0) { try connection.execute("REVOKE \(group) FROM \(role)") }
    }
  }

  private func exists() throws -> Bool {
    try connection.query("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", [name])
      .bool(0, 0) ?? false
  }

  private func isOurs() throws -> Bool {
    try connection.query(
      """
      SELECT shobj_description(oid, 'pg_authid') = $2 FROM pg_roles WHERE rolname = $1
      """, [name, Self.mark]
    ).bool(0, 0) ?? false
  }
}

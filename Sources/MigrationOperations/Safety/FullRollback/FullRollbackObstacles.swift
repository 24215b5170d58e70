import MigrationBasics
import MigrationEngine
import Postgres

/// What would keep a full rollback from coming to its end, looked for before anything is done.
struct FullRollbackObstacles {
  let server: TargetServer
  let properties: DatabaseProperties
  /// The bytes of the database that was backed up, and what must stay free on the disk.
  let bytes: Int
  let freeDisk: Int

  private var connection: Connection { server.connection }

  func find(target: Connection) throws -> [MigrationError] {
    let rights = try rights()
    let settings = rights.isEmpty ? self.settings() : nil
    return try rights + users() + [room(target), settings].compactMap { $0 }
  }

  private func rights() throws -> [MigrationError] {
    let found = try connection.query(
      """
      SELECT rolname, rolsuper OR rolcreatedb, pg_catalog.pg_has_role(datdba, 'USAGE'),
        pg_catalog.has_tablespace_privilege(dattablespace, 'CREATE'),
        pg_catalog.pg_get_userbyid(datdba)
      FROM pg_catalog.pg_database, pg_catalog.pg_roles
      WHERE datname = $1 AND rolname = current_user
      """, [server.target])
    guard let row = found.rows.first else { return [] }
    let role = try SQL.identifier(row.string(0))
    var missing: [MigrationError] = []
    if row.bool(1) != true {
      missing.append(right("cannot create databases", "ALTER ROLE \(role) CREATEDB", row))
    }
    if row.bool(2) != true {
      let owner = try SQL.identifier(row.string(4))
      missing.append(right("does not own the target", "GRANT \(owner) TO \(role)", row))
    }
    if row.bool(3) != true, properties.tablespace != DatabaseProperties.usualTablespace {
      let space = try SQL.identifier(properties.tablespace)
      missing.append(
        right(
          "cannot use the target's tablespace", "GRANT CREATE ON TABLESPACE \(space) TO \(role)",
          row))
    }
    return missing
  }

  private func right(_ what: String, _ grant: String, _ row: QueryResult.Row) -> MigrationError {
    MigrationError(
      .configuration, "role \(row.string(0)) \(what)", reason: "permission",
      place: server.target, remedy: "have a superuser run: \(grant)")
  }

  /// What holds on to the database without being connected.
  private func users() throws -> [MigrationError] {
    let found = try connection.query(
      """
      SELECT 'prepared transaction ' || gid, 'end it: COMMIT PREPARED or ROLLBACK PREPARED'
      FROM pg_catalog.pg_prepared_xacts WHERE database = $1
      UNION ALL
      SELECT 'logical replication slot ' || slot_name,
        'the slot would continue to read the previous database; drop it: SELECT pg_drop_replication_slot(''' || slot_name || ''')'
      FROM pg_catalog.pg_replication_slots WHERE database = $1
      ORDER BY 1
      """, [server.target])
    return found.rows.map { row in
      MigrationError(
        .failed, "\(row.string(0)) uses the database", reason: "inUse", place: server.target,
        remedy: row.string(1))
    }
  }

  /// The restored database takes its space next to the one that is there.
  private func room(_ target: Connection) -> MigrationError? {
    guard freeDisk > 0, let free = TargetDisk(target)?.freeByteCount else { return nil }
    let needed = bytes + bytes / 4
    guard free - freeDisk < needed else { return nil }
    return MigrationError(
      .coded(.disk),
      "not enough disk space on the target's server: needs about \(ByteCount.text(needed)), "
        + "\(ByteCount.text(free)) free, of which \(ByteCount.text(freeDisk)) must stay free",
      reason: "noSpace", place: server.target,
      remedy:
        "free some space there, or restore in place, without keeping the previous database: "
        + "migrate backup restore … --replace")
  }

  /// Gives the target what it has already, and rolls that back: whether the role may shows in no catalogue.
  private func settings() -> MigrationError? {
    do throws(PostgresError) {
      try rehearse()
      return nil
    } catch {
      return MigrationError(
        .configuration,
        "the role cannot apply the target's settings to a database: \(error.message)",
        reason: "permission", place: server.target,
        remedy: "use a role that can, or remove the setting (\\drds in psql lists the settings)")
    }
  }

  private func rehearse() throws(PostgresError) {
    guard let statements = try? properties.statements(for: server.target) else { return }
    try connection.begin()
    do throws(PostgresError) {
      for statement in statements { try connection.execute(statement) }
    } catch {
      try connection.rollback()
      throw error
    }
    try connection.rollback()
  }
}

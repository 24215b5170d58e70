import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// The database that a backup is restored into, as it is before that.
package struct RestoreTarget {
  package let connection: Connection
  package let place: PostgresPlace
  /// An earlier restore that has not come to its end.
  let marker: RestoreMarker?
  /// Whether there is nothing in it that a user made.
  let isFresh: Bool
  let listed: [ContentsReader.Listed]
  /// The tables that the backup has rows of and that are there.
  let shared: [ContentsReader.Listed]
  /// What is there and is not made again: tables that the backup does not have may use it.
  package let filter: ArchiveFilter

  init(_ connection: Connection, _ place: PostgresPlace, _ manifest: BackupManifest) throws {
    (self.connection, self.place) = (connection, place)
    marker = try RestoreMarker.read(connection)
    let held = Set(manifest.holds.tables.map(\.title))
    listed = try ContentsReader(connection: connection).tables()
      .filter { $0.schema != RestoreMarker.schema }
    shared = listed.filter { held.contains($0.title) }
    filter = ArchiveFilter(
      schemas: try Self.names(connection, "SELECT nspname FROM pg_catalog.pg_namespace"),
      extensions: try Self.names(connection, "SELECT extname FROM pg_catalog.pg_extension"))
    isFresh = try connection.query(Self.objects, [RestoreMarker.schema]).bool(0, 0) != true
  }

  package var database: String { connection.facts.database }

  private static func names(_ connection: Connection, _ sql: String) throws -> Set<String> {
    Set(try connection.query(sql).rows.map { $0.string(0) })
  }

  /// Refuses to replace rows without `--replace`.
  func requireConsent(
    to backup: String, _ manifest: BackupManifest?, _ tables: [ContentsReader.Listed],
    replaces: Bool
  ) throws {
    if replaces || (marker != nil && marker?.id == manifest?.id) { return }
    let filled = try filled(tables)
    guard filled.isEmpty else {
      let names = filled.prefix(5).map(\.title).joined(separator: ", ")
      throw MigrationError(
        .failed,
        "\(CountText.of(filled.count, "table has rows, and would be", "tables have rows, and would be")) replaced by \(backup): "
          + names + (filled.count > 5 ? ", …" : ""), reason: "notEmpty", place: place.url.redacted,
        remedy:
          "nothing was changed; replace them with --replace, or restore into another database with --to URL"
      )
    }
  }

  /// The tables that have rows.
  package func filled(_ tables: [ContentsReader.Listed]) throws -> [ContentsReader.Listed] {
    try tables.filter { table in
      let name = try SQL.identifier(schema: table.schema, table.name)
      return try connection.query("SELECT EXISTS (SELECT FROM ONLY \(name))").bool(0, 0) ?? true
    }
  }

  /// Ends the sessions of a restore whose program is gone, and waits until they are.
  ///
  /// No one else restores here: this connection holds the lock.
  func endLeftovers() throws {
    let others = """
      FROM pg_catalog.pg_stat_activity WHERE application_name = $1
        AND datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
      """
    try connection.query(
      "SELECT pg_catalog.pg_terminate_backend(pid) \(others)", [RestoreProgram.purpose])
    let deadline = ContinuousClock.now + .seconds(30)
    while try connection.query("SELECT count(*) \(others)", [RestoreProgram.purpose]).int(0, 0) != 0
    {
      guard ContinuousClock.now < deadline else {
        throw MigrationError(
          .coded(.timeout), "sessions of an earlier restore do not end", place: place.url.redacted,
          remedy: "see pg_stat_activity for \(RestoreProgram.purpose), and end them")
      }
      WorkerThread.sleep(.milliseconds(50))
    }
  }

  /// Whether there are relations, types or functions of users.
  private static let objects = """
    SELECT EXISTS (
      SELECT FROM (
        SELECT oid, 'pg_class'::regclass AS class, relnamespace AS space FROM pg_catalog.pg_class
        UNION ALL SELECT oid, 'pg_type'::regclass, typnamespace FROM pg_catalog.pg_type
          WHERE typtype IN ('e', 'd', 'r')
        UNION ALL SELECT oid, 'pg_proc'::regclass, pronamespace FROM pg_catalog.pg_proc
      ) objects JOIN pg_catalog.pg_namespace n ON n.oid = objects.space
      WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', $1)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
          WHERE d.objid = objects.oid AND d.classid = objects.class AND d.deptype = 'e')
    ) OR EXISTS (
      SELECT FROM pg_catalog.pg_namespace
      WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public', $1)
    )
    """
}

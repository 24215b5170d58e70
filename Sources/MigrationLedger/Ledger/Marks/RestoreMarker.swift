import MigrationBasics
import Postgres

/// The mark in a database that a restore has begun there and has not ended.
///
/// It is made before anything is changed and goes when everything was compared. So a database that
/// is half restored is known to every command that comes to it, from whatever machine.
package struct RestoreMarker: Sendable, Hashable {
  package let backup: String
  package let id: String
  package let begun: Moment

  package static let schema = "migrate_restore"
  private static let table = schema + ".state"

  package static func read(_ connection: Connection) throws -> RestoreMarker? {
    let isThere = try connection.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", [table])
    guard isThere.bool(0, 0) == true else { return nil }
    let found = try connection.query("SELECT backup, id, \(Moment.sql("begun")) FROM \(table)")
    guard let row = found.rows.first else { return nil }
    return RestoreMarker(
      backup: row.string(0), id: row.string(1), begun: row.moment(2) ?? Moment(microseconds: 0))
  }

  package static func set(_ connection: Connection, backup: String, id: String) throws {
    try connection.inTransaction {
      try connection.execute(
        """
        CREATE SCHEMA IF NOT EXISTS \(schema);
        CREATE TABLE IF NOT EXISTS \(table) (backup text NOT NULL, id text NOT NULL, begun timestamptz NOT NULL);
        DELETE FROM \(table)
        """)
      try connection.query(
        "INSERT INTO \(table) VALUES ($1, $2, pg_catalog.clock_timestamp())", [backup, id])
    }
  }

  package static func clear(_ connection: Connection) throws {
    try connection.execute("DROP TABLE IF EXISTS \(table)")
    // Other objects in a schema of that name belong to others.
    let isEmpty = try connection.query(
      """
      SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_depend
        WHERE refclassid = 'pg_catalog.pg_namespace'::regclass AND refobjid = n.oid AND deptype = 'n')
      FROM pg_catalog.pg_namespace n WHERE nspname = $1
      """, [schema]
    ).rows.first?.bool(0)
    if isEmpty == true { try connection.execute("DROP SCHEMA \(schema)") }
  }

  /// Asks with a pipeline whether a database has, or had, such a mark.
  package static func lookingFor(in pipeline: inout Pipeline) -> Pipeline.Place {
    pipeline.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", [table])
  }

  /// Refuses a database that is half restored.
  package static func refuse(_ connection: Connection, place: String) throws {
    guard let marker = try read(connection) else { return }
    throw MigrationError(
      .coded(.rollback),
      "a restore of \(marker.backup) into this database started at \(marker.begun) and did not finish",
      reason: "halfRestored", place: place,
      remedy: "restart it: migrate backup restore \(marker.backup) --yes")
  }
}

import MigrationEngine
import Postgres

/// A schema of the target for a trial whose work is committed, as others have to see it.
///
/// It has a random name and a comment that names it, and goes when the trial is over. A lock of its session
/// distinguishes it from what a killed trial has left behind. The next trial removes what has such a comment.
struct TrialSchema {
  let name: String
  let connection: Connection

  /// The schema of a ledger that goes with the trial.
  var ledger: String { name + "_ledger" }

  /// "MIGT" in ASCII.
  private static let family: Int32 = 0x4D49_4754

  /// What the comment of a trial's schema says before the schema's name.
  private static let mark = "migrate: made for a trial and dropped after it: "

  /// Runs a trial; whatever it has made in its schemas is gone afterwards.
  ///
  /// - Parameter leavesAlone: hears of schemas that are only called as those of trials are.
  static func hold<Value>(
    _ connection: Connection, leavesAlone: (String) -> Void,
    _ body: (TrialSchema) throws -> Value
  ) throws -> Value {
    try dropLeftovers(connection, leavesAlone)
    let trial = TrialSchema(name: ScratchSchema.name("trial"), connection: connection)
    try connection.query("SELECT pg_advisory_lock($1, hashtext($2))", [family, trial.name])
    do {
      try connection.execute(trial.creation())
      let value = try body(trial)
      try trial.end()
      return value
    } catch {
      // The first failure is the one to report; what stays behind, the next trial removes.
      try? connection.rollback()
      try? trial.end()
      throw error
    }
  }

  /// In one message, so that no schema is left without its comment.
  private func creation() throws -> String {
    let schema = try SQL.identifier(name)
    return """
      CREATE SCHEMA \(schema); COMMENT ON SCHEMA \(schema) IS \(SQL.literal(Self.mark + name))
      """
  }

  /// Drops the schemas in this database or another one.
  func drop(in database: Connection) throws {
    try database.execute(
      """
      SET client_min_messages = error;
      DROP SCHEMA IF EXISTS \(SQL.identifier(name)) CASCADE;
      DROP SCHEMA IF EXISTS \(SQL.identifier(ledger)) CASCADE
      """)
  }

  private func end() throws {
    try drop(in: connection)
    try connection.query("SELECT pg_advisory_unlock($1, hashtext($2))", [Self.family, name])
  }

  private static func dropLeftovers(
    _ connection: Connection, _ leavesAlone: (String) -> Void
  ) throws {
    let found = try connection.query(
      """
      SELECT nspname, coalesce(obj_description(oid, 'pg_namespace') = $1 || nspname, false),
        EXISTS (SELECT FROM pg_catalog.pg_namespace t
          WHERE n.nspname = t.nspname || '_ledger' AND obj_description(t.oid, 'pg_namespace') = $1 || t.nspname)
      FROM pg_catalog.pg_namespace n
      WHERE nspname ~ '^migrate_trial_[0-9a-f]+(_ledger)?$' ORDER BY nspname
      """, [mark])
    for row in found.rows {
      let name = row.string(0)
      guard row.bool(1) == true else {
        if row.bool(2) != true { leavesAlone(name) }
        continue
      }
      let taken = try connection.query(
        "SELECT pg_try_advisory_lock($1, hashtext($2))", [family, name])
      guard taken.bool(0, 0) == true else { continue }
      try TrialSchema(name: name, connection: connection).end()
    }
  }

  /// What a trial reports about a schema that it has not made.
  static func leftAlone(_ name: String) -> String {
    "schema \(name) was not dropped: no trial created it"
  }
}

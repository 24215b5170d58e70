import Postgres

/// A schema of the target for a trial whose work is committed, as others have to see it.
///
/// It has a name that nobody else has, and goes when the trial is over. A lock of its session tells
/// it from what a killed trial has left behind, which the next trial removes.
struct TrialSchema {
  let name: String
  let connection: Connection

  /// The schema of a ledger that goes with the trial.
  var ledger: String { name + "_ledger" }

  /// "MIGT" in ASCII.
  private static let family: Int32 = 0x4D49_4754

  /// Runs a trial; whatever it has made in its schemas is gone afterwards.
  static func hold<Value>(
    _ connection: Connection, _ body: (TrialSchema) throws -> Value
  ) throws -> Value {
    try dropLeftovers(connection)
    let trial = TrialSchema(name: ScratchSchema.name("trial"), connection: connection)
    try connection.query("SELECT pg_advisory_lock($1, hashtext($2))", [family, trial.name])
    do {
      try connection.execute("CREATE SCHEMA " + SQL.identifier(trial.name))
      let value = try body(trial)
      try trial.end()
      return value
    } catch {
      // The first failure is the one to tell; what stays behind, the next trial removes.
      try? connection.rollback()
      try? trial.end()
      throw error
    }
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

  private static func dropLeftovers(_ connection: Connection) throws {
    let found = try connection.query(
      """
      SELECT DISTINCT substring(nspname FROM '^migrate_trial_[0-9a-f]+') FROM pg_catalog.pg_namespace
      WHERE nspname ~ '^migrate_trial_[0-9a-f]+(_ledger)?$' AND pg_has_role(nspowner, 'USAGE')
      """)
    for name in found.rows.compactMap({ $0.text(0) }) {
      let taken = try connection.query(
        "SELECT pg_try_advisory_lock($1, hashtext($2))", [family, name])
      guard taken.bool(0, 0) == true else { continue }
      try TrialSchema(name: name, connection: connection).end()
    }
  }
}

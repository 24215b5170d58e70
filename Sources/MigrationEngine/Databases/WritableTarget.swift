import MigrationBasics
import Postgres

extension Connection {
  /// Refuses a target that can't be written: read-only by a setting, or a standby.
  package func requireRestorable() throws {
    try requireWritable()
    let role = try serverRole()
    guard role.isReadOnly else { return }
    throw MigrationError(
      .configuration,
      role.isInRecovery
        ? "the target is read-only: its server is a standby, or in recovery"
        : "the target is read-only: transaction_read_only is on",
      reason: "readOnly", place: facts.database,
      remedy: role.isInRecovery
        ? "nothing was changed; name the primary, or promote this server"
        : "nothing was changed; end the read-only setting, or name another target")
  }

  /// Refuses a target that was made read-only: statements of the program that open no
  /// transaction of their own would fail, and the others would write against that person's will.
  ///
  /// - Throws: `MigrationError` of kind `configuration`.
  package func requireWritable() throws(MigrationError) {
    guard facts.isReadOnlyByDefault else { return }
    throw MigrationError(
      .configuration, "the target is read-only: default_transaction_read_only is on",
      reason: "readOnly", place: facts.database,
      remedy: "end the read-only setting of the server, database, role or URL, or name another "
        + "target")
  }
}

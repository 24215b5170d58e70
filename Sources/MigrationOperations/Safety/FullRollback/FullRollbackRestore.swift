import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Restores the backup into a database of its own, and compares it there.
struct FullRollbackRestore {
  let work: BackupWork
  let server: TargetServer
  let options: FullRollback.Options

  func run(_ state: FullRollbackState, _ backup: Backup) throws -> BackupRestore.Outcome {
    // What a killed program left is half of something.
    try server.drop(state.restored)
    try DatabaseProperties.read(server.connection, state.target)
      .create(state.restored, server.connection)
    let beside = try server.place.other(state.restored)
    let outcome = try restore(backup, beside)
    guard outcome.differences.isEmpty else {
      throw MigrationError(
        .coded(.corruption),
        "the restored database differs from \(backup.name): "
          + outcome.differences.prefix(5).joined(separator: "; "), reason: "contents",
        place: backup.path,
        remedy:
          "the target is unchanged; verify the backup again, or use another one: --backup NAME")
    }
    // A restored table has no statistics, and the application would find it slow.
    work.note("collecting statistics")
    let connection = try beside.connect()
    try connection.execute("SET statement_timeout = 0")
    try connection.execute("ANALYZE")
    try connection.close()
    // The last moment at which an interruption leaves everything as it was.
    do { try work.watch() } catch { throw told(error) }
    return outcome
  }

  private func restore(_ backup: Backup, _ beside: PostgresPlace) throws -> BackupRestore.Outcome {
    var restoring = BackupRestore.Options()
    restoring.ledgerSchema = options.ledgerSchema
    do { return try BackupRestore(work).restore(backup, into: beside, options: restoring) } catch {
      throw told(error)
    }
  }

  private func told(_ error: any Error) -> any Error {
    if var error = error as? InterruptedWork {
      error.remark = "the target is unchanged; the restored database was dropped"
      return error
    }
    guard let error = error as? MigrationError else { return error }
    return MigrationError(
      error.kind, "could not restore the backup next to the target: \(error.what)",
      reason: error.reason, place: error.place,
      remedy:
        "the target is unchanged, and the restored database was dropped; fix the cause and start over"
    )
  }
}

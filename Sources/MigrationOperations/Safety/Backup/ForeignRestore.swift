import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Puts a backup of others back into a database; there is no manifest to compare it with.
package struct ForeignRestore {
  package let work: BackupWork

  package init(_ work: BackupWork) { self.work = work }

  package func run(
    _ backup: ForeignBackup, into place: PostgresPlace, _ options: BackupRestore.Options
  ) throws -> BackupRestore.Outcome {
    let (manifest, scan) = try readable(backup, options)
    let connection = try place.connect()
    try connection.requireRestorable()
    try Ledger(connection, schema: options.ledgerSchema).lock()
    try connection.execute("SET statement_timeout = 0")
    try warnOfPower(connection)
    let target = try RestoreTarget(connection, place, manifest)
    try target.keepSource(of: manifest, options, work, isScript: backup.form == .sql)
    guard backup.form == .archive else {
      return try restoreSQL(backup, manifest, scan, target, options)
    }
    let rows = ScriptedRows(scan: scan, connection: connection)
    var outcome = try WholeRestore(work: work, target: target).run(backup.path, manifest, options) {
      try rows.differences()
    }
    outcome.proof = scan.proof
    return outcome
  }

  /// Reads all of it before anything is changed.
  private func readable(
    _ backup: ForeignBackup, _ options: BackupRestore.Options
  ) throws -> (manifest: BackupManifest, scan: SQLScan) {
    guard options.tables == nil else {
      throw MigrationError(
        .configuration, "single tables can only be restored from a backup with a manifest",
        place: backup.path,
        remedy: "restore it into another database (--to URL), and copy the tables from there")
    }
    guard backup.form != .documents else {
      throw MigrationError(
        .configuration, "a MongoDB dump cannot be restored into PostgreSQL", place: backup.path,
        remedy: "use mongorestore, or migrate from it: MONGODB_URL=dump:\(backup.path)")
    }
    do { return try ForeignManifest(work: work).read(backup) } catch let error as BackupFindings {
      throw MigrationError(
        .coded(.corruption), error.all.map(\.what).joined(separator: "; "),
        reason: error.all.first?.code.rawValue, place: backup.path,
        remedy: "nothing was changed; use another backup")
    }
  }

  /// SQL may do whatever its role may do.
  private func warnOfPower(_ connection: Connection) throws {
    let found = try connection.query(
      "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user")
    guard found.bool(0, 0) == true else { return }
    work.note(
      "role \(connection.facts.user) is a superuser: the backup's SQL can do anything on this "
        + "server, also with files and programs; a role that owns the database is enough")
  }

  /// All of it in one transaction: what can't be done is not done at all.
  private func restoreSQL(
    _ backup: ForeignBackup, _ manifest: BackupManifest, _ scan: SQLScan, _ target: RestoreTarget,
    _ options: BackupRestore.Options
  ) throws -> BackupRestore.Outcome {
    try RestoreMarker.refuse(target.connection, place: target.place.url.redacted)
    try target.requireConsent(to: backup.name, manifest, target.shared, replaces: options.replaces)
    try target.endLeftovers()
    let names = try target.shared.map { try SQL.identifier(schema: $0.schema, $0.name) }
    let drop = names.isEmpty ? nil : "DROP TABLE IF EXISTS \(names.joined(separator: ", "))"
    let clock = Stopwatch()
    work.note("running \(backup.name) in \(target.database), in one transaction")
    let differences = try SQLLoad(work: work, scan: scan).run(
      backup.path, in: target.place, before: drop)
    let restored = clock.milliseconds
    let tables = try ContentsReader(connection: target.connection).tables().count
    var outcome = BackupRestore.Outcome(
      backup: backup.name, database: target.database, way: names.isEmpty ? .fresh : .replaced,
      tables: tables, rows: nil,
      differences: differences.map { $0 + "; nothing was changed" }, mended: false,
      restoreMilliseconds: restored, compareMilliseconds: clock.milliseconds - restored)
    outcome.proof = scan.proof
    return outcome
  }
}

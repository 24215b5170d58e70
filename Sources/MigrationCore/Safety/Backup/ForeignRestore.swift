import Postgres

/// Puts a backup of others back into a database; there is no manifest to compare it with.
public struct ForeignRestore {
  let work: BackupWork

  public init(_ work: BackupWork) { self.work = work }

  public func run(
    _ backup: ForeignBackup, into place: PostgresPlace, _ options: BackupRestore.Options
  ) throws -> BackupRestore.Outcome {
    guard options.tables == nil else {
      throw MigrationError(
        .configuration, "single tables can be put back only from a backup with a manifest",
        place: backup.path, remedy: "restore it beside (--to URL), and copy the tables from there")
    }
    let manifest = try ForeignManifest(work: work).read(backup)
    let connection = try place.connect()
    try Ledger(connection, schema: options.ledgerSchema).lock()
    try connection.execute("SET statement_timeout = 0")
    let target = try RestoreTarget(connection, place, manifest)
    try target.keepSource(of: manifest, options, work, isScript: backup.form == .sql)
    switch backup.form {
    case .archive:
      return try WholeRestore(work: work, target: target).run(backup.path, manifest, options)
    case .sql:
      return try restoreSQL(backup, manifest, target, options)
    }
  }

  /// All of it in one transaction: what can't be done is not done at all.
  private func restoreSQL(
    _ backup: ForeignBackup, _ manifest: BackupManifest, _ target: RestoreTarget,
    _ options: BackupRestore.Options
  ) throws -> BackupRestore.Outcome {
    try RestoreMarker.refuse(target.connection, place: target.place)
    try target.requireConsent(to: backup.name, manifest, target.shared, replaces: options.replaces)
    try target.endLeftovers()
    let names = try target.shared.map { try SQL.identifier(schema: $0.schema, $0.name) }
    let drop = names.isEmpty ? nil : "DROP TABLE IF EXISTS \(names.joined(separator: ", "))"
    let clock = Stopwatch()
    work.note("running \(backup.name) in \(target.database), in one transaction")
    try SQLProgram(work: work).run(backup.path, in: target.place, before: drop)
    let restored = clock.milliseconds
    let tables = try ContentsReader(connection: target.connection).tables().count
    return BackupRestore.Outcome(
      backup: backup.name, database: target.database, way: names.isEmpty ? .fresh : .replaced,
      tables: tables, rows: nil, differences: [], mended: false,
      restoreMilliseconds: restored, compareMilliseconds: clock.milliseconds - restored)
  }
}

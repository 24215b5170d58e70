import Postgres

/// Proves that a backup of others can be restored, and says what came back.
public struct ForeignVerification {
  let work: BackupWork

  public init(_ work: BackupWork) { self.work = work }

  public func run(_ backup: ForeignBackup) throws -> BackupVerification.Outcome {
    let checking = Stopwatch()
    work.note("reading \(backup.name), \(ByteCount.text(backup.bytes))")
    do {
      let manifest = try ForeignManifest(work: work).read(backup)
      let checked = checking.milliseconds
      return try restore(backup, manifest, checked)
    } catch let error as MigrationError where error.kind == .coded(.corruption) {
      return BackupVerification.Outcome(
        name: backup.name, path: backup.path, manifest: nil,
        findings: [BackupFinding(.archive, error.what)])
    }
  }

  private func restore(
    _ backup: ForeignBackup, _ manifest: BackupManifest, _ checked: Int
  ) throws -> BackupVerification.Outcome {
    let server = try PrivateServer(atLeast: manifest.dumperVersion, bytes: backup.bytes * 4, work)
    let place = try server.database(like: nil)
    let clock = Stopwatch()
    work.note("restoring it into a private server, PostgreSQL \(server.version)")
    var findings: [BackupFinding] = []
    do { try load(backup, manifest, place, server) } catch let error as MigrationError {
      findings = [BackupFinding(.restore, error.what)]
    }
    let restored = clock.milliseconds
    var found = manifest
    if findings.isEmpty {
      found.holds = try ContentsReader.read(place.connect())
      if found.holds.tables.isEmpty { findings = [BackupFinding(.contents, "no table came back")] }
    }
    var outcome = BackupVerification.Outcome(
      name: backup.name, path: backup.path, manifest: found, findings: findings)
    outcome.server = server.version
    outcome.checkMilliseconds = checked
    outcome.restoreMilliseconds = restored
    outcome.compareMilliseconds = clock.milliseconds - restored
    return outcome
  }

  private func load(
    _ backup: ForeignBackup, _ manifest: BackupManifest, _ place: PostgresPlace,
    _ server: PrivateServer
  ) throws {
    let connection = try place.connect()
    let there = try connection.query("SELECT rolname FROM pg_catalog.pg_roles").rows.map {
      $0.string(0)
    }
    for role in manifest.roles where !there.contains(role) {
      try connection.execute("CREATE ROLE \(SQL.identifier(role))")
    }
    switch backup.form {
    case .archive:
      try RestoreProgram(work: work, atLeast: manifest.dumperVersion).run(
        backup.path, into: place, database: connection.facts.database, options: SchemaHash.options)
    case .sql:
      // SQL for psql may hold commands for the shell: they get no more rights than the server has.
      try SQLProgram(work: work).run(backup.path, in: place, account: server.account)
    }
  }
}

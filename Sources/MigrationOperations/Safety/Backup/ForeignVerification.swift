import MigrationBasics
import MigrationEngine
import Postgres

/// Proves that a backup of others can be restored, and says what came back.
///
/// Without a manifest the contents of the database are unknown: that the backup is complete in itself is all
/// that can be verified, and all that is reported.
package struct ForeignVerification {
  package let work: BackupWork

  package init(_ work: BackupWork) { self.work = work }

  package func run(_ backup: ForeignBackup) throws -> BackupVerification.Outcome {
    work.note("reading \(backup.name), \(ByteCount.text(backup.bytes))")
    do {
      guard backup.form != .documents else {
        return try ForeignDocuments(work: work).outcome(backup)
      }
      let checking = Stopwatch()
      let (manifest, scan) = try ForeignManifest(work: work).read(backup)
      return try restore(backup, manifest, scan, checking.milliseconds)
    } catch let error as MigrationError where error.kind == .coded(.corruption) {
      return .foreign(backup, nil, [BackupFinding(.archive, error.what)])
    } catch let error as BackupFindings {
      return .foreign(backup, nil, error.all)
    }
  }

  private func restore(
    _ backup: ForeignBackup, _ manifest: BackupManifest, _ scan: SQLScan, _ checked: Int
  ) throws -> BackupVerification.Outcome {
    let server = try PrivateServer(atLeast: manifest.dumperVersion, bytes: backup.bytes * 4, work)
    let place = try server.database(like: nil)
    let clock = Stopwatch()
    work.note("restoring into a private server, PostgreSQL \(server.version)")
    var findings: [BackupFinding] = []
    do {
      findings = try load(backup, manifest, scan, place).map { BackupFinding(.contents, $0) }
    } catch let error as MigrationError where error.kind == .coded(.rollback) {
      findings = [BackupFinding(.restore, error.what)]
    }
    let restored = clock.milliseconds
    var found = manifest
    if findings.isEmpty {
      found.holds = try ContentsReader.read(place.connect())
      if found.holds.tables.isEmpty {
        findings = [BackupFinding(.contents, "the restore has no tables")]
      }
    }
    var outcome = BackupVerification.Outcome.foreign(backup, found, findings)
    outcome.remarks = [scan.proof]
    outcome.server = server.version
    outcome.checkMilliseconds = checked
    outcome.restoreMilliseconds = restored
    outcome.compareMilliseconds = clock.milliseconds - restored
    return outcome
  }

  /// Returns how the rows that came back differ from those of the backup.
  private func load(
    _ backup: ForeignBackup, _ manifest: BackupManifest, _ scan: SQLScan, _ place: PostgresPlace
  ) throws -> [String] {
    let connection = try place.connect()
    let there = try connection.query("SELECT rolname FROM pg_catalog.pg_roles").rows.map {
      $0.string(0)
    }
    for role in manifest.roles where !there.contains(role) {
      try connection.execute("CREATE ROLE \(SQL.identifier(role))")
    }
    guard backup.form == .archive else {
      return try SQLLoad(work: work, scan: scan).run(backup.path, in: place)
    }
    try RestoreProgram(work: work, atLeast: manifest.dumperVersion).run(
      backup.path, into: place, database: connection.facts.database, options: SchemaHash.options)
    return try ScriptedRows(scan: scan, connection: connection).differences()
  }
}

extension SQLScan {
  /// The result of the comparison of rows.
  var proof: String {
    if let uncounted {
      return "rows were not counted, because the SQL also changes existing rows: \(uncounted)"
    }
    let count = rows.values.reduce(0, +)
    return
      "the file is a complete pg_dump file, and the restore has all of its rows (\(GroupedNumber.text(count)))"
  }
}

extension BackupVerification.Outcome {
  package static func foreign(
    _ backup: ForeignBackup, _ manifest: BackupManifest?, _ findings: [BackupFinding]
  ) -> Self {
    var outcome = Self(
      name: backup.name, path: backup.path, manifest: manifest, findings: findings)
    outcome.hasManifest = false
    return outcome
  }
}

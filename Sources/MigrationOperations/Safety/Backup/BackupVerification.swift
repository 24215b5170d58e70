import MigrationBasics
import Postgres

/// Proves that a backup can be restored, by restoring it into a server that is thrown away.
///
/// Only what passed everything is recorded as verified: the checksum of each file, the archive's own
/// table of contents, a whole restore, and every count, hash and definition held against the manifest.
package struct BackupVerification {
  /// What came of it.
  package struct Outcome: Sendable {
    package let name: String
    package let path: String
    /// Nil if it could not be read.
    package let manifest: BackupManifest?
    package let findings: [BackupFinding]
    /// Whether it was compared with a manifest; a backup of others has none.
    package var hasManifest = true
    /// What was verified of a backup without a manifest, a sentence each.
    package var remarks: [String] = []
    /// The version of the private server; nil if it did not come to that.
    package var server: String?
    package var checkMilliseconds = 0
    package var restoreMilliseconds = 0
    package var compareMilliseconds = 0

    package var isVerified: Bool { findings.isEmpty }
    package var milliseconds: Int { checkMilliseconds + restoreMilliseconds + compareMilliseconds }
  }

  package let work: BackupWork

  package init(_ work: BackupWork) { self.work = work }

  package func run(_ backup: Backup) throws -> Outcome {
    let files = BackupFiles(backup: backup, work: work)
    switch files.manifest() {
    case .failure(let findings):
      return Outcome(name: backup.name, path: backup.path, manifest: nil, findings: findings.all)
    case .success(let (manifest, hash)):
      let outcome = try verify(backup, manifest, files)
      try record(outcome, manifest, hash)
      return outcome
    }
  }

  private func verify(
    _ backup: Backup, _ manifest: BackupManifest, _ files: BackupFiles
  ) throws -> Outcome {
    let clock = Stopwatch()
    work.note(
      "checking \(CountText.of(manifest.files.count, "file")) of \(backup.name), \(ByteCount.text(manifest.byteCount))"
    )
    func outcome(_ findings: [BackupFinding]) -> Outcome {
      var outcome = Outcome(
        name: backup.name, path: backup.path, manifest: manifest, findings: findings)
      outcome.checkMilliseconds = clock.milliseconds
      return outcome
    }
    let found = try files.check(manifest)
    guard found.isEmpty else { return outcome(found) }
    if manifest.contents == .documents {
      return outcome(try DocumentsVerification(work: work).findings(backup, manifest))
    }
    let program = try RestoreProgram(work: work, atLeast: manifest.dumperVersion)
    do { _ = try program.list(backup.dump) } catch let error as MigrationError {
      return outcome([BackupFinding(.archive, error.what)])
    }
    return try TestRestore(work: work, program: program).run(backup, manifest, outcome([]))
  }

  /// Keeps what came of it, where it is found by the next command.
  private func record(_ outcome: Outcome, _ manifest: BackupManifest, _ hash: String) throws {
    try BackupVerificationRecord(
      id: manifest.id, manifestHash: hash, at: .now(), server: outcome.server ?? "",
      migrate: Version.number, milliseconds: outcome.milliseconds,
      findings: outcome.findings.map(\.what)
    ).write(outcome.path)
  }
}

extension BackupManifest {
  /// The version of the pg_dump that made it; programs that read it must not be older.
  var dumperVersion: Int {
    let version = tools["pg_dump"].flatMap { Int($0.prefix { $0 != "." }) }
    return max(version ?? 0, origin.majorVersion)
  }
}

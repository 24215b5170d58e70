import Mongo

/// Reads every document of what mongodump wrote.
struct ForeignDocuments {
  let work: BackupWork

  func outcome(_ backup: ForeignBackup) throws -> BackupVerification.Outcome {
    let clock = Stopwatch()
    var counts: [DumpedCollection: Int] = [:]
    do {
      let dump = try Dump.open(backup.path)
      for collection in dump.collections where collection.kind != .view { counts[collection] = 0 }
      var read = 0
      // Text that is not UTF-8 is no damage: servers keep it.
      try dump.readAll(options: DumpReadOptions(checksText: false)) { collection, _ in
        counts[collection, default: 0] += 1
        read += 1
        if read.isMultiple(of: 1000) { try work.watch() }
      }
      var outcome = BackupVerification.Outcome.foreign(backup, manifest(backup, counts), [])
      outcome.checkMilliseconds = clock.milliseconds
      outcome.remarks = [Self.proof(dump)]
      return outcome
    } catch let error as DumpError {
      return .foreign(backup, nil, [BackupFinding(Self.code(error), error.description)])
    }
  }

  private static func code(_ error: DumpError) -> BackupFinding.Code {
    switch error.code {
    case .truncated: .truncated
    case .missingFile: .missing
    default: .archive
    }
  }

  /// An archive has a checksum and an end for each collection, a folder has neither.
  private static func proof(_ dump: any DumpSource) -> String {
    dump is DumpArchive
      ? "every document is readable, and each collection has the checksum of mongodump"
      : "every document is readable; a mongodump folder has no counts, so a file truncated between "
        + "two documents is not detected"
  }

  private func manifest(
    _ backup: ForeignBackup, _ counts: [DumpedCollection: Int]
  ) -> BackupManifest {
    var manifest = BackupManifest(foreign: backup, product: "MongoDB", version: 0, key: backup.path)
    manifest.holds = DatabaseContents(
      tables: counts.sorted { $0.key.namespace < $1.key.namespace }.map {
        DatabaseContents.Table(
          schema: $0.key.database, name: $0.key.name, rows: $0.value, hash: nil, bytes: 0)
      }, sequences: [], largeObjects: nil)
    return manifest
  }
}

import MigrationBasics

/// Holds the files of a backup against its manifest.
struct BackupFiles {
  let backup: Backup
  let work: BackupWork

  /// Returns the manifest that belongs to the folder, or what is wrong with it.
  func manifest() -> Result<(BackupManifest, hash: String), BackupFindings> {
    do throws(MigrationError) {
      return .success(try BackupIdentity.checkedManifest(backup.path))
    } catch {
      let file = error.place.map { String($0.dropFirst(backup.path.count + 1)) }
      return .failure(BackupFindings(all: [BackupFinding(.manifest, error.what, file: file)]))
    }
  }

  /// Hashes the files of a new backup, and forces them to disk.
  static func hashes(of folder: String, watch: () throws -> Void) throws -> [BackupManifest.File] {
    try FileTree.files(in: folder).filter { $0.hasPrefix(Backup.dumpName + "/") }.map { name in
      let path = folder + "/" + name
      let hash = try FileTree.sha256(of: path, syncing: true, watch: watch)
      return BackupManifest.File(path: name, bytes: FileTree.size(of: path) ?? 0, sha256: hash)
    }
  }

  /// Checks every file, and reads every byte of those that have the right size.
  func check(_ manifest: BackupManifest) throws -> [BackupFinding] {
    var found: [BackupFinding] = []
    for file in manifest.files {
      let path = backup.path + "/" + file.path
      guard let size = FileTree.size(of: path) else {
        found.append(BackupFinding(.missing, "\(file.path) is missing", file: file.path))
        continue
      }
      guard size == file.bytes else {
        found.append(
          BackupFinding(
            size < file.bytes ? .truncated : .grown,
            "\(file.path) has \(CountText.of(size, "byte")) instead of \(GroupedNumber.text(file.bytes))",
            file: file.path))
        continue
      }
      if try FileTree.sha256(of: path, watch: work.watch) != file.sha256 {
        found.append(BackupFinding(.checksum, "checksum mismatch of \(file.path)", file: file.path))
      }
    }
    return try found + unknownFiles(manifest)
  }

  private func unknownFiles(_ manifest: BackupManifest) throws -> [BackupFinding] {
    let known = Set(
      manifest.files.map(\.path)
        + [BackupManifest.fileName, BackupIdentity.fileName, BackupVerificationRecord.fileName])
    return try FileTree.files(in: backup.path).filter { !known.contains($0) }.map {
      BackupFinding(.extra, "\($0) does not belong to the backup", file: $0)
    }
  }
}

/// Findings as a failure.
struct BackupFindings: Error {
  let all: [BackupFinding]
}

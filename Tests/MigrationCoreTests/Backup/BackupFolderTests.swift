import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationLedger
@testable import MigrationOperations

/// Which backups go, and in what folder they are looked for.
@Suite struct BackupFolderTests {
  @Test func whatIsNotFinishedIsNoBackup() throws {
    let folder = try TemporaryFolder()
    let backups = BackupFolder(folder.path)
    #expect(try backups.all().isEmpty)
    #expect(throws: MigrationError.self) { try backups.find(nil) }
    let moment = Moment(microseconds: 1_769_825_100_000_000)
    var draft: BackupDraft? = try backups.begin("backup", at: moment)
    let name = try #require(draft?.name)
    #expect(name == "backup_2026-01-31_02-05-00")
    #expect(try backups.begin("backup", at: moment).name == name + "-2")
    #expect(try backups.all().first { $0.name == name }?.state == .writing)
    draft = nil
    #expect(try backups.all().map(\.state) == [.incomplete, .incomplete])
    #expect(throws: MigrationError.self) { try backups.find(name) }
    for candidate in BackupPruning().candidates(try backups.all()) {
      try BackupPruning.remove(candidate.backup)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aFileIsHashedAsOthersDo() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "some text\n", count: 200_000)
    let file = try folder.file("a", text)
    let known = try mustRun("/usr/bin/sha256sum", [file]).prefix(64)
    #expect(try FileTree.sha256(of: file, watch: {}) == String(known))
  }
}

import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationEngine
@testable import MigrationLedger
@testable import MigrationOperations
@testable import MigrationPlan

/// What is written is for its owner alone, and follows no link that others have laid.
@Suite struct PrivateFileTests {
  private func rights(_ path: String) throws -> Int {
    var status = stat()
    #expect(stat(path, &status) == 0)
    return Int(status.st_mode & 0o777)
  }

  @Test func aLinkBesideAFileIsNotFollowed() throws {
    let folder = try TemporaryFolder()
    let victim = try folder.file("victim", "precious")
    let path = folder.path + "/report.json"
    symlink(victim, path + ".tmp")
    symlink(victim, path)
    try PrivateFile.write("new", to: path)
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(try rights(path) == 0o600)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left.sorted() == ["report.json", "report.json.tmp", "victim"])
  }

  @Test func aFileThatGrowsIsNarrowedAndNoLink() throws {
    let folder = try TemporaryFolder()
    let log = try folder.file("migrate.log", "old\n")
    chmod(log, 0o644)
    let file = try LogFile(folder: folder.path, limits: .init(bytes: 1000, files: 1))
    #expect(file.append("new"))
    #expect(try rights(log) == 0o600)
    let victim = try folder.file("victim", "precious")
    unlink(log)
    symlink(victim, log)
    #expect(throws: MigrationError.self) {
      try LogFile(folder: folder.path, limits: .init(bytes: 1000, files: 1))
    }
    unlink(log)
    mkfifo(log, 0o600)
    #expect(throws: MigrationError.self) {
      try LogFile(folder: folder.path, limits: .init(bytes: 1000, files: 1))
    }
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
    let below = folder.path + "/a/b"
    try PrivateFile.makeFolder(below)
    #expect(try rights(below) == 0o700)
    #expect(try rights(folder.path + "/a") == 0o700)
  }

  @Test func whatIsNoPlainFileIsNotRead() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.path + "/plan.json5"
    mkfifo(pipe, 0o600)
    for path in [pipe, folder.path, "/dev/zero"] {
      #expect(throws: FileProblem.self) { try InputFile.read(path) }
      #expect(throws: FileProblem.self) { try SmallFile.read(path) }
      #expect(throws: PlanFaults.self) { try PlanReader.read(file: path) }
    }
    #expect(throws: SchemaFault.self) { try SchemaFile(path: pipe) }
  }
}

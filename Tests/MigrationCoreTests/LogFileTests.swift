import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationLedger
@testable import MigrationOperations

@Suite struct LogFileTests {
  private func lines(_ folder: String) throws -> [String] {
    try LogReader(folder: folder).files.flatMap { file in
      try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }
  }

  @Test func fullFilesAreMovedAndTheOldestGo() throws {
    let folder = try TemporaryFolder()
    let log = try LogFile(folder: folder.path + "/logs", limits: .init(bytes: 30, files: 2))
    for number in 0..<10 { #expect(log.append("line number \(number)")) }
    let files = LogReader(folder: folder.path + "/logs").files
    #expect(
      files.map { $0.split(separator: "/").last } == [
        "migrate.log.2", "migrate.log.1", "migrate.log",
      ])
    #expect(try lines(folder.path + "/logs") == (4..<10).map { "line number \($0)" })
    let mode = try FileManager.default.attributesOfItem(atPath: files[2])[.posixPermissions]
    #expect(mode as? Int == 0o600)
  }

  @Test func twoWritersLoseNothing() async throws {
    let folder = try TemporaryFolder()
    await withTaskGroup(of: Void.self) { group in
      for writer in 0..<2 {
        group.addTask {
          guard
            let log = try? LogFile(folder: folder.path, limits: .init(bytes: 400, files: 1000))
          else { return }
          for number in 0..<200 { log.append("writer \(writer) line \(number)") }
        }
      }
    }
    let found = try lines(folder.path)
    #expect(found.count == 400)
    #expect(Set(found).count == 400)
  }

  @Test func aLogWithoutFullFilesBeginsAnew() throws {
    let folder = try TemporaryFolder()
    let log = try LogFile(folder: folder.path, limits: .init(bytes: 10, files: 0))
    for number in 0..<3 { log.append("line \(number)") }
    #expect(try lines(folder.path) == ["line 2"])
  }

  @Test func entriesAreReadAgainWithoutTheirSecrets() throws {
    let folder = try TemporaryFolder()
    var redactor = Redactor()
    redactor.add("s3cret-word")
    let log = try LogFile(folder: folder.path, limits: .init(bytes: 10_000, files: 1))
    let entry = LogEntry(
      at: Moment(microseconds: 0), .warn, "chunkRetried", table: "items",
      "postgres://u:abcdef@h/d and s3cret-word", [("chunk", 3), ("note", "s3cret-word")])
    log.append(entry.scrubbed(redactor).line)
    log.append("{ cut off")
    let read = try LogReader(folder: folder.path).last(10) { $0.level <= .warn }.lines
    #expect(read.count == 1)
    #expect(read.first?.json["chunk"] == .int(3))
    #expect(read.first?.text == "1970-01-01 00:00:00 WARN  items: postgres://u:***@h/d and ***")
    #expect(read.first?.json["note"] == "***")
    #expect(try LogReader(folder: folder.path).last(10) { $0.level <= .error }.lines.isEmpty)
  }
}

import Foundation
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationLedger

@Suite struct LedgerErrorLogTests {
  private func quarantine(_ fixture: LedgerFixture, _ count: Int) throws -> Chunk {
    let ledger = fixture.ledger
    return try ledger.connection.inTransaction {
      let chunk = try fixture.claim(ledger)
      let rows = (0..<count).map { index in
        QuarantinedRow(
          key: .int(index), row: ["note": "two\nlines"], code: .data,
          reason: index.isMultiple(of: 2) ? "tooLong" : "badDate", column: "name")
      }
      try ledger.quarantine(rows, of: chunk)
      try ledger.complete(
        chunk, counts(read: count, loaded: 0, quarantined: count), run: fixture.run.id, lane: 0)
      return chunk
    }
  }

  private func lines(_ path: String) throws -> [String] {
    try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test func eachRowIsOneLineThatTheRunbooksFind() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    try fixture.plan(2)
    let path = folder.path + "/migration-errors.log"
    let log = try ErrorLog(path, session: fixture.session.id, from: fixture.ledger)
    try log.append(fixture.ledger.quarantined(chunk: quarantine(fixture, 5)))
    try log.append(fixture.ledger.quarantined(chunk: quarantine(fixture, 2)))
    let count = try mustRun("/bin/sh", ["-c", "wc -l < '\(path)'"])
    #expect(count.trimmingCharacters(in: .whitespacesAndNewlines) == "7")
    let patterns = try mustRun(
      "/bin/sh",
      ["-c", "grep 'Error:' '\(path)' | sort | cut -d, -f1 | uniq -c | awk '{print $1}'"])
    #expect(patterns == "3\n4\n")
    for line in try lines(path) {
      let value = try JSONValue.parse(line)
      #expect(value["table"] == "items")
      #expect(value["row"] == (["note": "two\nlines"] as JSONValue))
    }
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func aLineIsTheSameFromMemoryAndFromTheLedger() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    try fixture.plan(1)
    let path = folder.path + "/e.log"
    let log = try ErrorLog(path, session: fixture.session.id, from: fixture.ledger)
    let rows = ["plain", "nul\u{0}here", "\u{1B}[31m"].enumerated().map { index, text in
      QuarantinedRow(
        key: ["id": .int(index)], row: ["note": .text(text)], code: .duplicate, reason: "duplicate",
        column: "note", value: text, hint: "change it", winner: ["id": .text(text)])
    }
    let entries = try fixture.ledger.connection.inTransaction {
      let chunk = try fixture.claim(fixture.ledger)
      let entries = try fixture.ledger.quarantine(rows, of: chunk, table: "items")
      try fixture.ledger.complete(
        chunk, counts(read: 3, loaded: 0, quarantined: 3), run: fixture.run.id, lane: 0)
      return entries
    }
    try log.append(entries)
    let appended = try lines(path)
    try log.rewrite(from: fixture.ledger)
    #expect(appended.count == 3)
    #expect(try lines(path) == appended)
  }

  @Test func aRewriteMendsWhatACrashLeftOutOrCutOff() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    try fixture.plan(2)
    let path = folder.path + "/e.log"
    let log = try ErrorLog(path, session: fixture.session.id, from: fixture.ledger)
    try log.rewrite(from: fixture.ledger)
    #expect(try lines(path) == [])
    try log.append(fixture.ledger.quarantined(chunk: quarantine(fixture, 3)))
    let whole = try lines(path)
    _ = try quarantine(fixture, 1)
    let text = whole.dropLast().joined(separator: "\n") + "\n{\"error\":\"Err"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try log.rewrite(from: fixture.ledger)
    let mended = try lines(path)
    #expect(mended.count == 4)
    // It is the same file for a program that follows it, and what was right is not written again.
    let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    try (mended[0] + "\n" + mended[1]).write(toFile: path, atomically: false, encoding: .utf8)
    try log.rewrite(from: fixture.ledger)
    #expect(try lines(path) == mended)
    let after = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    #expect(before == after)
    #expect(Array(mended.prefix(3)) == whole)
  }

  @Test func linesOfAnotherSessionAreKeptUnderANumber() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    let path = try folder.file("e.log", "something of someone else\n")
    try fixture.plan(1)
    _ = try quarantine(fixture, 1)
    let log = try ErrorLog(path, session: fixture.session.id, from: fixture.ledger)
    try log.rewrite(from: fixture.ledger)
    #expect(try lines(path + ".1") == ["something of someone else"])
    let first = try lines(path)
    let next = try ErrorLog(
      path, session: SessionID(rawValue: fixture.session.id.rawValue + 1), from: fixture.ledger)
    try next.rewrite(from: fixture.ledger)
    #expect(try lines(path + ".2") == first)
    #expect(try lines(path) == [])
  }
}

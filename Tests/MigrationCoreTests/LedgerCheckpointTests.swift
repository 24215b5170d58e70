import Foundation
import MigrationBasics
import TestSupport
import Testing

@testable import MigrationLedger

@Suite struct LedgerCheckpointTests {
  private func load(_ fixture: LedgerFixture, rows: Int, quarantined: Int = 0) throws {
    let ledger = fixture.ledger
    try ledger.connection.inTransaction {
      let chunk = try fixture.claim(ledger)
      let rejects = (0..<quarantined).map {
        QuarantinedRow(key: .int($0), row: [:], code: .data, reason: "bad")
      }
      try ledger.quarantine(rejects, of: chunk)
      try ledger.complete(
        chunk, counts(read: rows + quarantined, loaded: rows, quarantined: quarantined),
        run: fixture.run.id, lane: 0)
    }
  }

  @Test func theFileShowsWhatTheLedgerHas() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    try fixture.plan(3)
    try fixture.ledger.setStatus(.running, table: fixture.table.id)
    try load(fixture, rows: 10)
    try load(fixture, rows: 8, quarantined: 2)
    let checkpoint = try fixture.ledger.checkpoint(fixture.session, status: .running)
    let file = CheckpointFile(folder.path + "/migration-checkpoint.json")
    try file.write(checkpoint)
    #expect(try file.read() == checkpoint)
    let jq = try mustRun(
      TestServers.python(),
      [
        "-c",
        """
        import json, sys
        text = open(sys.argv[1]).read(); d = json.loads(text); t = d["table"]
        assert text.count(chr(10)) == 1 and d["totalTables"] == 1 and d["tablesDone"] == 0
        print(d["plan"], d["session"], d["status"], d["currentTable"], d["totalRecordsMigrated"],
          t["status"], t["migrated"], t["total"], t["rejected"], t["lastKey"])
        """, file.path,
      ])
    #expect(jq == "nxt \(fixture.session.id) running items 18 running 18 30 2 20\n")
    #expect(!FileManager.default.fileExists(atPath: file.path + ".tmp"))
    try file.remove()
    #expect(try file.read() == nil)
    try file.remove()
  }

  @Test func theLastKeyIsTheEndOfTheUnbrokenPart() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(3)
    let (first, second) = (try fixture.otherLedger(), fixture.ledger)
    try first.connection.begin()
    _ = try fixture.claim(first)
    try load(fixture, rows: 10)
    #expect(try second.progress(session: fixture.session.id).first?.lastKey == [])
    try first.connection.rollback()
    try load(fixture, rows: 10)
    #expect(try second.progress(session: fixture.session.id).first?.lastKey == ["20"])
  }

  @Test(arguments: ["", "{", "[]", "{\"plan\": 1}", "not json", "{\"version\":1}\u{0}"])
  func aDamagedFileIsAnErrorWithAWayOut(_ text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("migration-checkpoint.json", text)
    do {
      _ = try CheckpointFile(path).read()
      Issue.record("a damaged file was read")
    } catch let error as LedgerError {
      #expect(error.code == .checkpointDamaged)
      #expect(error.place == path)
      #expect(error.remedy != nil)
      #expect(error.migrationError.kind == .coded(.corruption))
    }
  }

  @Test func everyTruncationOfAFileIsNoticed() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    let file = CheckpointFile(folder.path + "/c.json")
    let checkpoint = try fixture.ledger.checkpoint(fixture.session, status: .paused)
    try file.write(checkpoint)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file.path))
    for length in 0..<(bytes.count - 2) {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: file.path))
      #expect(ledgerCode { _ = try file.read() } == .checkpointDamaged)
    }
  }

  /// As programs wrote it that had all tables in the file.
  @Test func aFileOfAnOlderProgramIsRead() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    try fixture.plan(3)
    try load(fixture, rows: 10)
    let now = try fixture.ledger.checkpoint(fixture.session, status: .paused)
    let path = try folder.file(
      "c.json",
      """
      {
        "version": 1,
        "plan": "nxt",
        "planHash": "\(now.planHash)",
        "session": \(now.session),
        "ledger": "\(now.ledger)",
        "status": "paused",
        "startedAt": "\(now.startedAt)",
        "updatedAt": "\(now.updatedAt)",
        "currentTable": null,
        "totalRecordsMigrated": 7,
        "totalRecordsRejected": 0,
        "tables": {
          "items": { "status": "running", "migrated": 7, "total": 30, "rejected": 0, "lastKey": null,
            "chunks": 3, "chunksDone": 1 }
        }
      }
      """)
    let file = CheckpointFile(path)
    #expect(try file.read()?.totalRecordsMigrated == 7)
    #expect(try file.reconcile(fixture.session, fixture.ledger) == .fileBehind(rows: 3))
    let damaged = try String(contentsOfFile: path, encoding: .utf8)
      .replacing(#""migrated""#, with: #""x""#)
    try damaged.write(toFile: path, atomically: true, encoding: .utf8)
    #expect(ledgerCode { _ = try file.read() } == .checkpointDamaged)
  }

  @Test func aFileOfANewerProgramIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("c.json", "{\"version\": 3, \"other\": []}")
    #expect(ledgerCode { _ = try CheckpointFile(path).read() } == .checkpointNewer)
  }

  @Test func theLedgerWinsOverTheFile() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    let file = CheckpointFile(folder.path + "/c.json")
    let ledger = fixture.ledger
    func reconcile() throws -> CheckpointFinding { try file.reconcile(fixture.session, ledger) }
    try fixture.plan(3)
    #expect(try reconcile() == .nothing)
    try load(fixture, rows: 10)
    #expect(try reconcile() == .fileMissing)
    try file.write(ledger.checkpoint(fixture.session, status: .running))
    #expect(try reconcile() == .agrees)
    try load(fixture, rows: 7)
    #expect(try reconcile() == .fileBehind(rows: 7))
    try file.write(ledger.checkpoint(fixture.session, status: .running))
    try ledger.resetChunks(table: fixture.table.id, numbers: [0])
    #expect(try reconcile() == .ledgerBehind(rows: 10))
  }

  @Test func aForeignFileIsRefusedAndAnEndedSessionsIsNot() throws {
    let fixture = try LedgerFixture()
    let folder = try TemporaryFolder()
    let file = CheckpointFile(folder.path + "/c.json")
    let ledger = fixture.ledger
    try file.write(ledger.checkpoint(fixture.session, status: .failed))
    let stranger = try LedgerFixture()
    let foreign = { _ = try file.reconcile(stranger.session, stranger.ledger) }
    #expect(ledgerCode(foreign) == .checkpointForeign)
    let otherPlan = try ledger.openSession(SessionRequest(name: "b", plan: "b", planHash: "b"))
    #expect(ledgerCode { _ = try file.reconcile(otherPlan, ledger) } == .checkpointForeign)
    let parallel = try ledger.openSession(SessionRequest(name: "c", plan: "nxt", planHash: "b"))
    #expect(ledgerCode { _ = try file.reconcile(parallel, ledger) } == .checkpointForeign)
    try ledger.endSession(fixture.session.id, as: .completed)
    #expect(try file.reconcile(parallel, ledger) == .earlierSession(fixture.session.id))
  }

  @Test func aFolderThatCannotBeWrittenIsAClearError() throws {
    let fixture = try LedgerFixture()
    let file = CheckpointFile("/nowhere/at/all/migration-checkpoint.json")
    let checkpoint = try fixture.ledger.checkpoint(fixture.session, status: .running)
    let failure = #expect(throws: MigrationError.self) { try file.write(checkpoint) }
    #expect(failure?.kind == .failed && failure?.reason == "fileProblem")
    #expect(failure?.place?.hasPrefix("/nowhere/at/all/") == true)
  }
}

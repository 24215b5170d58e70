import Foundation
import Mongo
import TestSupport
import Testing

/// What happens to the source in mid-read costs time, and no row.
@Suite struct MongoFaultEndToEndTests {
  private static let rows = 40_000

  private static func fixture(mongo: String? = nil) throws -> DocumentsFixture {
    let fixture = try DocumentsFixture(
      tables: """
        { things: { from: "things", columns: {
          id: { id: "thing", from: "_id" }, n: "n", text: "text" } } }
        """,
      targetSQL: "create table things (id uuid primary key, n int, text text)", mongo: mongo)
    let text = BSONValue(String(repeating: "some text ", count: 100))
    try fixture.insert(
      "things",
      (0..<rows).map {
        [
          "_id": .objectID(ObjectID(seconds: 1_700_000_000, rest: UInt64($0))),
          "n": .int32(Int32($0)),
          "text": text,
        ]
      })
    return fixture
  }

  /// Starts a run whose chunks are so large that each takes many batches.
  private static func start(_ fixture: DocumentsFixture, _ options: [String]) throws -> pid_t {
    let folder = fixture.migrate.folder.path
    return try spawn(
      [
        "/usr/bin/env", "-C", folder, Migrate.executable(), "run", "--batch-size", "20000",
        "--max-retries", "40",
      ] + options,
      fixture.migrate.environment,
      output: folder + "/out", errors: folder + "/errors")
  }

  private static func end(_ pid: pid_t, _ fixture: DocumentsFixture) throws {
    let exitCode = waitForEnd(of: pid, until: .now + .seconds(120))
    let errors = try String(
      contentsOfFile: fixture.migrate.folder.path + "/errors", encoding: .utf8)
    #expect(exitCode == 0, "\(errors)")
    #expect(
      try fixture.query(
        "select count(*), count(distinct id), sum(n), min(length(text)) from things")
        == "\(rows)|\(rows)|\(rows * (rows - 1) / 2)|1000")
    #expect(
      try fixture.query("select sum(rows_read), sum(rows_loaded) from migrate.chunk")
        == "\(rows)|\(rows)")
    #expect(errors.contains("again"), "nothing was tried again: \(errors)")
  }

  /// Starts a run, and waits until rows are on their way: the first ones, which are at a gate.
  private static func startReading(
    _ fixture: DocumentsFixture, _ options: String...
  ) throws -> (pid_t, Gate) {
    let gate = try Gate("things", fixture.target.url, place: "n", level: 50)
    let pid = try start(fixture, options)
    try gate.waitForHeld()
    return (pid, gate)
  }

  private static func cursors(
    of fixture: DocumentsFixture, _ client: MongoClient
  ) throws -> [BSONValue] {
    var found: [BSONValue] = []
    try client.aggregate(
      onDatabase: "admin",
      pipeline: [
        ["$currentOp": ["idleCursors": true, "allUsers": true]],
        ["$match": ["type": "idleCursor", "ns": BSONValue(fixture.database + ".things")]],
      ]
    ).forEach { document in
      if let id = try document.copy()[["cursor", "cursorId"]] { found.append(id) }
    }
    return found
  }

  /// Kills the cursor of the rows that are at a gate, and every other one that reads the collection.
  private static func killCursor(of fixture: DocumentsFixture, _ client: MongoClient) throws {
    try eventually("a cursor to be killed") {
      let killed = try cursors(of: fixture, client).filter { id in
        let reply = try client.runCommand(
          ["killCursors": "things", "cursors": [id]], on: fixture.database)
        return reply["cursorsKilled"]?.arrayValue?.document.isEmpty == false
      }
      return !killed.isEmpty
    }
  }

  /// In the first batch of a chunk, in a later one, and in the next chunk.
  @Test func killedCursorsAreOpenedAgain() throws {
    let fixture = try Self.fixture()
    let client = try fixture.client()
    let (pid, gate) = try Self.startReading(fixture, "--parallel", "1")
    for (kills, next) in [(1, 12_000), (2, 20_050), (3, nil)] as [(Int, Int?)] {
      try Self.killCursor(of: fixture, client)
      if let next { try gate.close(next) } else { try gate.open() }
      // Each is in the books before the next cursor is killed.
      try eventually("killed cursor \(kills) in the ledger") {
        try fixture.query("select sum(failures) >= \(kills) from migrate.chunk") == "t"
      }
      if next != nil { try gate.waitForHeld() }
    }
    try Self.end(pid, fixture)
  }

  /// There is no snapshot: what is written while it is read is reported.
  @Test func aSourceThatChangesUnderTheRunIsTold() throws {
    let fixture = try Self.fixture()
    let folder = fixture.migrate.folder.path
    let (pid, gate) = try Self.startReading(fixture)
    _ = try fixture.client().runCommand(
      [
        "update": "things",
        "updates": [["q": ["n": 0], "u": ["$set": ["text": "changed"]]]],
      ], on: fixture.database)
    try gate.open()
    #expect(waitForEnd(of: pid, until: .now + .seconds(120)) == 0)
    let errors = try String(contentsOfFile: folder + "/errors", encoding: .utf8)
    #expect(errors.contains("things was written to while it was read"))
    try fixture.insert("things", [["_id": "late", "n": 1]])
    #expect(
      try fixture.query("select source_state->'documents' from migrate.feed") == "\(Self.rows)")
    // Of a collection that stays as it is nothing is said.
    let quiet = try fixture.migrate("run --fresh --empty-tables --yes")
    #expect(quiet.exitCode == 0)
    #expect(!quiet.errors.contains("while it was read"))
  }

  @Test func aServerThatIsKilledAndStartedAgainLosesNoRow() throws {
    let servers = try PrivateServers(.mongo)
    let fixture = try Self.fixture(mongo: servers.environment["MONGODB_URL"])
    let pidFile = try String(contentsOfFile: servers.folder + "/mongo.pid", encoding: .utf8)
    let server = try #require(pid_t(pidFile.trimmingCharacters(in: .whitespacesAndNewlines)))
    let words = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(server)/cmdline"))
      .split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    let (pid, gate) = try Self.startReading(fixture)
    kill(server, SIGKILL)
    try eventually("the end of the server") { !isAtWork(server) }
    try gate.open()
    usleep(300_000)
    try mustRun(words[0], Array(words.dropFirst()))
    try Self.end(pid, fixture)
  }

  @Test func aPrimaryThatStepsDownIsWaitedFor() throws {
    let servers = try PrivateServers(.mongo)
    let fixture = try Self.fixture(mongo: servers.environment["MONGODB_URL"])
    let (pid, gate) = try Self.startReading(fixture)
    // Asked on its own, the server answers without being the primary.
    let alone = fixture.mongoURL.replacing("replicaSet=private", with: "directConnection=true")
    let client = try MongoClient(MongoURL(alone))
    _ = try? client.runCommand(
      ["replSetStepDown": 2, "secondaryCatchUpPeriodSecs": 0, "force": true], on: "admin")
    // A step-down alone ends no reads that are under way on this version; losing its cursors does.
    try Self.killCursor(of: fixture, client)
    try gate.open()
    try Self.end(pid, fixture)
  }
}

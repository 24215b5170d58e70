import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// The checkpoint file as the runbooks read it: `tail -20 migration-checkpoint.json | jq .currentTable`.
@Suite struct CheckpointReadingEndToEndTests {
  private static let names = (1...12).map { "t\($0)" }
  private static let rows = 400

  /// Twelve tables, of which the first has an index that is rebuilt after its load.
  private func fixture() throws -> TablesFixture {
    let tables = Self.names.map { name in
      let loading = name == "t1" ? #" loading: { setAside: "always" },"# : ""
      return
        "\(name): { from: \"old_\(name)\", key: \"id\",\(loading) sameColumns: [\"id\", \"n\"] }"
    }
    var fixture = try TablesFixture(
      tables: "{ \(tables.joined(separator: ", ")) }",
      sourceSQL: Self.names.map {
        """
        create table old_\($0) (id integer primary key, n integer);
        insert into old_\($0) select n, n from generate_series(1, \(Self.rows)) n;
        """
      }.joined(),
      targetSQL: Self.names.map { "create table \($0) (id integer primary key, n integer);" }
        .joined()
        + "create index t1_n on t1 (n)")
    fixture.migrate.environment["MIGRATION_BATCH_SIZE"] = "50"
    fixture.migrate.environment["DATABASE_LOCK_TIMEOUT"] = "120s"
    return fixture
  }

  /// What the line of the runbook prints.
  private func read(_ fixture: TablesFixture, _ keys: String = ".currentTable") throws -> String {
    try mustRun(
      "/bin/sh",
      [
        "-c",
        "cd '\(fixture.migrate.folder.path)' && tail -20 migration-checkpoint.json | jq -r \(keys)",
      ]
    ).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func theLineOfTheRunbookNamesTheTableInEveryPhase() throws {
    let fixture = try fixture()
    let gate = try Gate("t1", fixture.target.url, place: "id", level: 300)
    let before = try TableLock("t1", fixture.target, mode: ("exclusive", "ExclusiveLock"))
    let run = try BackgroundRun(fixture.migrate, "run --parallel 1")
    try waitForLockRequest("t1", fixture.target)
    // Nothing is loaded yet.
    #expect(try read(fixture) == "t1")
    try before.end()
    try gate.waitForHeld()
    #expect(try read(fixture) == "t1")
    // What keeps an index from being built, and lets rows be written.
    let rebuilding = try TableLock(
      "t1", fixture.target, mode: ("share update exclusive", "ShareUpdateExclusiveLock"))
    try gate.open()
    try waitForLockRequest("t1", fixture.target)
    #expect(try fixture.query("select count(*) from t1") == "\(Self.rows)")
    try eventually("the checkpoint of all rows") {
      try read(fixture, ".totalRecordsMigrated") == "\(Self.rows)"
    }
    #expect(try read(fixture) == "t1")
    try rebuilding.end()
    #expect(run.end() == 0, "\(run.errors)")
    #expect(!fixture.exists("migration-checkpoint.json"))
  }

  @Test func theLineIsThereFromTheFirstTableToTheLast() throws {
    let fixture = try fixture()
    let file = fixture.migrate.folder.path + "/migration-checkpoint.json"
    let run = try BackgroundRun(fixture.migrate, "run --parallel 1 --throttle 90%")
    var seen: [String] = []
    var running = 0
    while waitpid(run.pid, nil, WNOHANG) == 0 {
      if let text = try? String(contentsOfFile: file, encoding: .utf8) {
        #expect(text.count { $0 == "\n" } == 1 && text.utf8.count < 900)
        let table = try JSONValue.parse(text)["currentTable"]?.textValue
        seen.append(try #require(table, "\(text)"))
        running += text.contains(#""status":"running""#) ? 1 : 0
      }
      usleep(20_000)
    }
    #expect(running > 10)
    #expect(Set(seen).isSubset(of: Self.names) && Set(seen).count > 3, "\(Set(seen))")
    #expect(seen.map { Self.names.firstIndex(of: $0) ?? -1 }.isSortedUpward, "\(seen)")
  }

  @Test func aPausedMigrationSaysWhereItGoesOn() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run t1").exitCode == 0)
    #expect(try read(fixture) == "t2")
    let run = try BackgroundRun(fixture.migrate, "run t2 t3 --parallel 1 --throttle 90%")
    try run.waitForChunks(11, in: fixture.target)
    kill(run.pid, SIGINT)
    #expect(run.end() == 7)
    let rows = try fixture.query("select (select count(*) from t1) + (select count(*) from t2)")
    #expect(
      try read(fixture, ".currentTable,.totalRecordsMigrated,.tablesDone,.totalTables,.status")
        == "t2\n\(rows)\n1\n12\ninterrupted")
    #expect(try fixture.migrate("status --check").exitCode == 0)
    #expect(try fixture.migrate("run").exitCode == 0)
  }
}

extension [Int] {
  fileprivate var isSortedUpward: Bool { zip(self, dropFirst()).allSatisfy(<=) }
}

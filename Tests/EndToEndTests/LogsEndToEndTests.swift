import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// The log of runs: written, rotated, filtered, followed.
@Suite(.serialized) struct LogsEndToEndTests {
  @Test func aRunIsLoggedWithoutSecretsAndFilesRotate() throws {
    let target = try TemporaryDatabase("logged")
    var migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    migrate.environment["MIGRATION_LOG_LEVEL"] = "debug"
    migrate.environment["MIGRATION_LOG_MAX_SIZE"] = "800"
    migrate.environment["MIGRATION_LOG_MAX_FILES"] = "3"
    #expect(try migrate("logs").exitCode == 1)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("run customers suppliers").exitCode == 5)
    let folder = migrate.folder.path + "/logs"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { $0.hasPrefix("migrate.log") }
    #expect(files == ["migrate.log", "migrate.log.1", "migrate.log.2", "migrate.log.3"])
    let password = URLComponents(string: target.url)?.password ?? ""
    for file in files {
      let text = try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
      #expect(text.utf8.count <= 800)
      #expect(password.isEmpty || !text.contains(password))
      for line in text.split(separator: "\n") { _ = try JSONValue.parse(String(line)) }
    }
    let entries = try migrate.json("logs --table suppliers").document["entries"]
    guard case .array(let found)? = entries else {
      Issue.record("no entries")
      return
    }
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { $0["table"] == "suppliers" })
    guard case .array(let errors)? = try migrate.json("logs --level error").document["entries"]
    else { return }
    #expect(errors.allSatisfy { $0["event"] == "quarantined" } && !errors.isEmpty)
  }

  @Test func failuresAreLogged() throws {
    let target = try TemporaryDatabase("unlogged")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    // The target has no tables: the run fails after it has begun.
    #expect(try migrate("run customers").exitCode != 0)
    let log = try migrate("logs --level error")
    #expect(log.exitCode == 0)
    #expect(log.output.contains("the target has no table public.customers"))
  }

  @Test func theReasonsOfQuarantinedRowsAreErrorsOfTheLog() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let migrate = fixture.migrate
    let run = try BackgroundRun(migrate, "run items --parallel 1 --throttle 80%")
    try run.waitForChunks(8, in: fixture.target)
    kill(run.pid, SIGINT)
    #expect(run.end() == 7)
    let rows = try fixture.query("select count(*) from migrate.quarantine")
    let paused = try migrate("logs --level=error")
    #expect(
      paused.output.contains(
        "items: \(rows) rows quarantined: Transformation error (ERR_003) name:"),
      "\(paused.output)")
    #expect(try migrate("run").exitCode == 5)
    let (_, document) = try migrate.json("logs --level=error --table=items --lines 1")
    #expect(document["entries"]?[0]?["event"] == "quarantined")
    #expect(document["entries"]?[0]?["rows"] == 10)
    #expect(document["entries"]?[0]?["code"] == "ERR_003")
    #expect(document["archives"] == [])
    // Rows that were loaded by a retry wait for nothing.
    let clean = try ErrorLimitEndToEndTests.fixture(every: 5000)
    #expect(try clean.migrate("run").exitCode == 0)
    #expect(try clean.migrate("logs --level=error").output.isEmpty)
  }

  @Test func theReasonsAreErrorsOfTheLogWhileTheRunIsAtWork() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 60)
    let run = try BackgroundRun(fixture.migrate, "run items --parallel 1 --throttle 80%")
    let words = "quarantined so far: Transformation error (ERR_003) name:"
    try eventually("the first row in quarantine", within: .seconds(60)) {
      try fixture.migrate("logs --level=error").output.contains("items: 1 row \(words)")
    }
    #expect(isAtWork(run.pid) && run.output.isEmpty, "\(run.output)")
    try eventually("ten rows in quarantine", within: .seconds(60)) {
      try fixture.migrate("logs --level=error").output.contains("items: 10 rows \(words)")
    }
    #expect(run.end() == 5)
    let (_, document) = try fixture.migrate.json("logs --level=error")
    let counts = (0..<3).map { document["entries"]?[$0]?["rows"]?.intValue }
    #expect(counts == [1, 10, 50] && document["entries"]?[3] == nil, "\(document)")
    #expect(document["entries"]?[2]?["soFar"] == false)
    // A dry run quarantines nothing.
    let dry = try ErrorLimitEndToEndTests.fixture(every: 60)
    #expect(try dry.migrate("run --dry-run").exitCode == 5)
    #expect(try dry.migrate("logs --level=error").output.isEmpty)
  }

  /// Orphans that are found at the end of a table.
  @Test func lateReasonsAreErrorsOfTheLogToo() throws {
    let fixture = try TablesFixture(
      tables: """
        {
          nodes: { from: "old_nodes", key: "id", columns: { id: "id",
            parent: { reference: "nodes", by: { id: "parent" }, orphan: "quarantine" } } },
          slow: { phase: 2, from: "old_slow", key: "id", sameColumns: ["id"] },
        }
        """,
      sourceSQL: """
        create table old_nodes (id integer primary key, parent integer);
        insert into old_nodes select n, 1000 + n from generate_series(1, 12) n;
        create table old_slow (id integer primary key);
        insert into old_slow select generate_series(1, 5000);
        """,
      targetSQL: """
        create table nodes (id integer primary key, parent integer references nodes);
        create table slow (id integer primary key);
        """)
    let run = try BackgroundRun(
      fixture.migrate, "run --parallel 1 --batch-size 100 --throttle 90%")
    try eventually("the orphans", within: .seconds(60)) {
      try fixture.migrate("logs --level=error --table nodes").output
        .contains("nodes: 10 rows quarantined so far: Foreign key constraint violation")
    }
    #expect(isAtWork(run.pid))
    #expect(run.end() == 5, "\(run.errors)")
  }

  @Test func theArchiveIsReadWhereTheLogHasTooLittle() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_LOG_MAX_SIZE"] = "1000"
    #expect(try migrate("run items").exitCode == 5)
    let before = try migrate("logs")
    let errors = try migrate("logs --level=error")
    #expect(!errors.output.isEmpty)
    #expect(try migrate("archive-logs").exitCode == 0)
    for (line, expected) in [("logs", before), ("logs --level=error", errors)] {
      let read = try migrate(line)
      #expect(read.exitCode == 0, "\(read.errors)")
      #expect(read.output == expected.output)
      #expect(read.errors.contains("read from the archive: "), "\(read.errors)")
      #expect(read.errors.contains("logs/archive/migrate.log-"), "\(read.errors)")
    }
    // What is logged since comes after it; what the log has is not searched in the archive.
    #expect(try migrate("run others").exitCode == 0)
    let both = try migrate("logs --lines 1000").output
    #expect(both.hasPrefix(before.output) && both.count > before.output.count)
    #expect(try migrate.json("logs --lines 2").document["archives"] == [])
    let archive = migrate.folder.path + "/logs/archive"
    for name in try FileManager.default.contentsOfDirectory(atPath: archive) {
      try "no archive".write(toFile: "\(archive)/\(name)", atomically: true, encoding: .utf8)
      truncate("\(archive)/\(name)", 0)
    }
    let damaged = try migrate("logs --lines 1000")
    #expect(damaged.exitCode == 1)
    #expect(damaged.errors.contains("logs/archive/migrate.log"), "\(damaged.errors)")
  }

  @Test func theLogIsFollowed() throws {
    let target = try TemporaryDatabase("followed")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    let output = migrate.folder.path + "/followed"
    let follower = try spawn(
      [
        "/usr/bin/env", "-C", migrate.folder.path, Migrate.executable(), "logs", "--follow",
        "--table", "customers",
      ], migrate.environment, output: output, errors: "/dev/null")
    defer {
      kill(follower, SIGKILL)
      _ = waitForEnd(of: follower, until: .now + .seconds(120))
    }
    #expect(try migrate("run customers").exitCode == 5)
    try eventually("the end of the table in the log") {
      try String(contentsOfFile: output, encoding: .utf8).contains("customers: 12,000 read")
    }
    kill(follower, SIGTERM)
    #expect(waitForEnd(of: follower, until: .now + .seconds(120)) == 143)
  }
}

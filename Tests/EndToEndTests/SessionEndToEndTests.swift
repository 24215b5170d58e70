import Foundation
import MigrationCore
import TestSupport
import Testing

/// Named sessions, their notes and timeline, and what is put away and cleaned up after them.
@Suite struct SessionEndToEndTests {
  private func prepared() throws -> (Migrate, TemporaryDatabase) {
    let target = try TemporaryDatabase("session")
    let migrate = try Undisturbed.prepared(
      source: try Undisturbed.source.get().url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    return (migrate, target)
  }

  private func events(_ migrate: Migrate, _ words: String = "") throws -> [String] {
    let (_, document) = try migrate.json("session show \(words)")
    guard case .array(let events)? = document["timeline"] else { return [] }
    return events.compactMap { if case .text(let event)? = $0["event"] { event } else { nil } }
  }

  @Test func aNamedSessionHoldsAllThatHappens() throws {
    let (migrate, target) = try prepared()
    #expect(try migrate.json("session list").document["sessions"] == [])
    let (code, begun) = try migrate.json("session start --name night-1")
    #expect(code == 0 && begun["title"] == "night-1" && begun["status"] == "open")
    let refused = try migrate.json("session start --name night-2")
    #expect(refused.exitCode == 1)
    #expect(try migrate("session note window-begins").exitCode == 0)
    #expect(try migrate("customers").exitCode == 5)
    // The run belongs to the session that was begun by hand.
    #expect(
      try psql(target.url, "select count(distinct session) || ' ' || min(session) from migrate.run")
        == "1 1")
    #expect(try migrate.json("session show night-1").document["session"] == .int(1))
    #expect(try migrate("session show nothing").exitCode == 3)
    let told = try events(migrate)
    #expect(Array(told.prefix(3)) == ["begun", "note", "runBegan"])
    #expect(told.contains("tableDone") && told.last == "runEnded")
  }

  @Test func onlyWhatIsDoneOrGivenUpCanBeClosed() throws {
    let (migrate, target) = try prepared()
    #expect(try migrate("session start").exitCode == 0)
    // Nothing was moved: it is closed without a word.
    #expect(try migrate.json("session stop").document["status"] == "abandoned")
    #expect(try migrate("session start --name second").exitCode == 0)
    #expect(try migrate("customers").exitCode == 5)
    #expect(try migrate("session stop").exitCode == 1)
    let rows = try number(target, "select count(*) from customers")
    #expect(rows > 0)
    let (code, stopped) = try migrate.json("session stop --abandon")
    #expect(code == 0 && stopped["status"] == "abandoned")
    #expect(try number(target, "select count(*) from customers") == rows)
    #expect(try events(migrate).last == "abandoned")
    // The rows are there still: another session would load them again.
    let again = try migrate("session start --name third")
    #expect(again.exitCode == 1 && again.errors.contains("customers"))
    // The checkpoint of a session that has ended is of no use.
    let checkpoint = migrate.folder.path + "/migration-checkpoint.json"
    #expect(FileManager.default.fileExists(atPath: checkpoint))
    try "half".write(toFile: checkpoint + ".tmp", atomically: false, encoding: .utf8)
    #expect(try migrate("cleanup --dry-run").output.contains("would remove"))
    #expect(FileManager.default.fileExists(atPath: checkpoint + ".tmp"))
    #expect(try migrate("cleanup").exitCode == 0)
    #expect(!FileManager.default.fileExists(atPath: checkpoint))
    #expect(!FileManager.default.fileExists(atPath: checkpoint + ".tmp"))
  }

  @Test func aRunningMigrationIsNotClosedOrCleanedUp() throws {
    let (migrate, target) = try prepared()
    let gate = try Gate("customers", target.url)
    let running = try BackgroundRun(migrate, "run customers")
    try running.waitForChunks(1, in: target)
    #expect(try migrate("session stop --abandon").exitCode == 8)
    #expect(try migrate("cleanup").exitCode == 8)
    #expect(try migrate("session note still-running").exitCode == 0)
    #expect(try migrate.json("pause", ending: running, past: gate).exitCode == 0)
    #expect(running.end() == 7)
  }

  @Test func logsAreArchivedAndForgotten() throws {
    let (migrate, target) = try prepared()
    defer { withExtendedLifetime(target) {} }
    #expect(try migrate("customers").exitCode == 5)
    let logs = URL(filePath: migrate.folder.path).standardizedFileURL.path() + "/logs"
    let text = try String(contentsOfFile: logs + "/migrate.log", encoding: .utf8)
    #expect(text.contains("tableEnded"))
    #expect(try migrate("archive-logs --dry-run").exitCode == 0)
    #expect(FileManager.default.fileExists(atPath: logs + "/migrate.log"))
    let (code, document) = try migrate.json("archive-logs")
    #expect(code == 0)
    #expect(document["archived"] == [.text(logs + "/migrate.log")])
    #expect(!FileManager.default.fileExists(atPath: logs + "/migrate.log"))
    #expect(FileManager.default.fileExists(atPath: logs + "/migration-audit.log"))
    let names = try FileManager.default.contentsOfDirectory(atPath: logs + "/archive")
    let archive = logs + "/archive/" + (try #require(names.first))
    #expect(try run("/bin/gzip", ["-dc", archive]).output == text)
    // Young archives stay; old ones go.
    #expect(try migrate.json("archive-logs").document["removed"] == [])
    #expect(try run("/usr/bin/touch", ["-d", "100 days ago", archive]).exitCode == 0)
    // Files of others stay, however old it is.
    let foreign = logs + "/archive/customers-2019.gz"
    #expect(try run("/usr/bin/touch", ["-d", "900 days ago", foreign]).exitCode == 0)
    #expect(try migrate.json("archive-logs").document["removed"] == [.text(archive)])
    #expect(FileManager.default.fileExists(atPath: foreign))
    #expect(!FileManager.default.fileExists(atPath: archive))
  }

  @Test func anIncidentReportHoldsNoSecrets() throws {
    var (migrate, target) = try prepared()
    #expect(try migrate("customers").exitCode == 5)
    migrate.environment["BACKUP_DATABASE_PASSWORD"] = "not-the-one-in-use"
    let (code, document) = try migrate.json("report incident")
    #expect(code == 0 && document["problems"] == [])
    guard case .text(let path)? = document["file"] else {
      Issue.record("no file: \(document)")
      return
    }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let report = try JSONValue.parse(text)
    for part in [
      "tool", "settings", "target", "session", "timeline", "tables", "errors", "log", "audit",
    ] {
      #expect(report[part] != nil, "\(part)")
    }
    #expect(report["session"]?["session"] == .int(1))
    #expect(!text.contains("not-the-one-in-use"))
    let password = try #require(URLComponents(string: target.url)?.password)
    #expect(!text.contains(password))
    #expect(try run("/usr/bin/stat", ["-c", "%a", path]).output.hasPrefix("600"))
    // Without a target there is a report too, and it says what it lacks.
    migrate.environment["DATABASE_URL"] = "postgres://nobody@127.0.0.1:1/none"
    let (lonely, rest) = try migrate.json("report incident")
    #expect(lonely == 0)
    guard case .array(let problems)? = rest["problems"] else { return }
    #expect(problems.count == 1)
  }
}

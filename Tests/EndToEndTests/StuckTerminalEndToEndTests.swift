import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// A terminal that shows nothing, after Ctrl+S or because it is full, holds up no run.
@Suite struct StuckTerminalEndToEndTests {
  private func start(
    _ migrate: Migrate, _ line: String, _ output: PseudoTerminal, _ errors: String? = nil
  ) throws -> pid_t {
    var environment = migrate.environment
    environment["LANG"] = "C.UTF-8"
    return try spawn(
      ["/usr/bin/env", "-C", migrate.folder.path, Migrate.executable()]
        + line.split(separator: " ").map(String.init),
      environment, output: output.path, errors: errors ?? output.path)
  }

  @Test func aRunGoesOnAndIsPausedAndTellsAllWhenTheTerminalReadsAgain() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let terminal = try PseudoTerminal()
    terminal.stop()
    let pid = try start(fixture.migrate, "run --parallel 1 --throttle 90%", terminal)
    defer { kill(pid, SIGKILL) }
    try eventually("chunks of a run that nobody reads", within: .seconds(60)) {
      try number(fixture.target, "select count(*) from migrate.chunk where status = 'done'") >= 3
    }
    let paused = try fixture.migrate("pause --timeout 20s")
    #expect(paused.exitCode == 0, "\(paused.output) \(paused.errors)")
    #expect(paused.output.contains("is paused"), "\(paused.output)")
    terminal.goOn()
    let shown = terminal.read(untilEndOf: pid)
    #expect(waitForEnd(of: pid, until: .now + .seconds(20)) == 7)
    for words in [
      "Plan crm", "items: 3,000 rows, 1 lane", "stopping (requested by", "Migration paused",
      "Continue: migrate resume",
    ] {
      #expect(shown.components(separatedBy: words).count == 2, "\(words): \(shown)")
    }
    // Of the progress nobody wants to see each picture that was drawn meanwhile.
    let bars = shown.components(separatedBy: "\u{1B}[2K").count - 1
    #expect(bars >= 1 && bars <= 4, "\(bars): \(shown)")
    // A bar ends its line before something else is said.
    #expect(!shown.contains(/rows\/s[^\r\n]*(⚠|✅|\[ok\]|stopping)/), "\(shown)")
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(try fixture.query("select count(*) from items") == "2990")
  }

  @Test func aRunEndsThatNobodyReads() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 5000)
    let terminal = try PseudoTerminal()
    terminal.stop()
    let pid = try start(fixture.migrate, "run", terminal)
    defer { kill(pid, SIGKILL) }
    try eventually("a run that nobody reads", within: .seconds(50)) {
      try fixture.migrate.json("status").document["status"] == "completed"
    }
    #expect(try fixture.query("select count(*) from items") == "3000")
    // What others wait for is given back before the terminal is waited for.
    let second = try start(fixture.migrate, "rollback --table items --yes", terminal)
    defer { kill(second, SIGKILL) }
    try eventually("a rollback that nobody reads", within: .seconds(50)) {
      try fixture.query("select count(*) from items") == "0"
    }
    terminal.goOn()
    let shown = terminal.read(untilEndOf: second)
    #expect(shown.contains("Migration Complete"), "\(shown)")
    #expect(waitForEnd(of: second, until: .now + .seconds(50)) == 0)
    #expect(waitForEnd(of: pid, until: .now + .seconds(50)) == 0)
  }

  /// A pipe whose reader takes its time gets all of it.
  @Test func aSlowReaderOfAPipeGetsEverything() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 2)
    try fixture.changePlan("stopAt: \"10%\"", "stopAt: \"100%\"")
    let line = "'\(try Migrate.executable())' run --dry-run --details 2>&1 | (sleep 12; cat)"
    let read = try run(
      "/bin/bash", ["-c", line], environment: fixture.migrate.environment,
      in: fixture.migrate.folder.path)
    let rows = read.output.split(separator: "\n").count { $0.hasPrefix("ERR_003 items.name") }
    #expect(rows == 1500, "\(rows)")
  }
}

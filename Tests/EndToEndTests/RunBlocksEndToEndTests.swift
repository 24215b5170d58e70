import Foundation
import Glibc
import MigrationCore
import TestSupport
import Testing

/// What an operator sees when a run ends, is paused, is continued.
@Suite struct RunBlocksEndToEndTests {
  private func steps(_ output: String) -> [String] {
    let lines = output.split(separator: "\n").map(String.init)
    guard let start = lines.lastIndex(of: "Next steps:") else { return [] }
    return Array(lines[(start + 1)...])
  }

  @Test func aPauseAndWhatFollowsSayHowFarItIs() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let run = try BackgroundRun(fixture.migrate, "run --parallel 1 --throttle 90%")
    try run.waitForChunks(4, in: fixture.target)
    kill(run.pid, SIGINT)
    #expect(run.end() == 7)
    let rows = try number(fixture.target, "select count(*) from items")
    let paused = run.output
    #expect(paused.contains("Migration paused (Ctrl+C); what is committed is safe"), "\(paused)")
    #expect(
      paused.contains("complete (0/2 tables, \(GroupedNumber.text(rows)) records migrated)"),
      "\(paused)")
    #expect(paused.contains("Checkpoint saved to migration-checkpoint.json"))
    #expect(steps(paused).last?.hasSuffix("Continue: migrate resume") == true, "\(paused)")
    #expect(!paused.contains("Migration Complete"))

    let rest = try fixture.migrate("resume")
    #expect(rest.exitCode == 5)
    #expect(
      rest.errors.contains(
        "Checkpoint found: Resuming from items (\(GroupedNumber.text(rows)) records already migrated)"
      ),
      "\(rest.errors)")
    #expect(rest.errors.contains("Continuing: items, "), "\(rest.errors)")
    #expect(!rest.errors.contains("Skipping"))
    let told = (rest.output + rest.errors).split(separator: "\n")
    for table in ["items: 3,000 read", "others: 50 read"] {
      #expect(told.count { $0.contains(table) } == 1, "\(rest.output) \(rest.errors)")
    }
    for line in [
      "Migration Complete", "Session: 1 of crm",
      "Progress: 100% complete (2/2 tables, 3,040 records migrated)",
      "Total records: 3,050 read (",
      "3,040 loaded", "Errors: 10 records quarantined (0.3%)", "Start: 20", "End:   20",
      "Duration: ", "records/s", "Checkpoint file deleted (migration successful)",
      "Error details: migration-errors.log", "Log: /", "/logs/migrate.log",
    ] {
      #expect(rest.output.contains(line), "\(line): \(rest.output)")
    }
    #expect(
      steps(rest.output) == [
        "  1. Review the errors (10 rows are quarantined): migrate errors --patterns",
        "  2. Correct the rows in the source and load them: migrate retry",
        "  3. Run the validation: migrate validate",
        "  4. Write the receipt: migrate receipt write",
      ], "\(rest.output)")
  }

  @Test func aRunOfSomeTablesSaysWhatIsLeftAndTheNextWhatItSkips() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 5000)
    let first = try fixture.migrate("run items")
    #expect(first.exitCode == 0)
    #expect(first.output.contains("Run complete; the migration is not"), "\(first.output)")
    #expect(first.output.contains("Progress: 50% complete (1/2 tables, 3,000 records migrated)"))
    #expect(first.output.contains("Checkpoint saved to migration-checkpoint.json"))
    #expect(!first.output.contains("Error details"))
    #expect(steps(first.output) == ["  1. Move the remaining tables (others): migrate run"])
    let second = try fixture.migrate("run")
    #expect(
      second.errors.contains(
        "Checkpoint found: Resuming from others (3,000 records already migrated)"))
    #expect(second.errors.contains("Skipping completed tables: items (3,000)"), "\(second.errors)")
    #expect(!second.output.contains("items"), "\(second.output)")
    #expect(second.output.contains("Errors: 0 records quarantined (0.0%)"), "\(second.output)")
    #expect(
      steps(second.output) == [
        "  1. Run the validation: migrate validate",
        "  2. Write the receipt: migrate receipt write",
      ])
    // Of a session that is complete no block says that it came to its end now.
    #expect(try !fixture.migrate("run").output.contains("Next steps"))
  }

  @Test func aStopSaysWhatGetsPastIt() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture()
    let stopped = try fixture.migrate("run")
    #expect(stopped.exitCode == 6)
    #expect(stopped.output.contains("Migration stopped, ERR_003: "), "\(stopped.output)")
    #expect(stopped.output.contains("Checkpoint saved to migration-checkpoint.json"))
    let steps = steps(stopped.output)
    #expect(steps.first == "  1. See why: migrate errors --patterns", "\(steps)")
    #expect(steps.contains("  3. Continue: migrate resume"), "\(steps)")
    #expect(steps.last?.contains("migrate resume --accept-rejects N%") == true, "\(steps)")

    let part = try ErrorLimitEndToEndTests.fixture(every: 5000)
    let some = try part.migrate("run items --limit 5")
    #expect(some.output.contains("Part of the rows complete"), "\(some.output)")
    #expect(!some.output.contains("heckpoint"))
    #expect(self.steps(some.output) == ["  1. To delete its rows: migrate rollback --session 1"])
    #expect(
      try part.migrate("run items --limit 5 --dry-run").output.contains("Next steps") == false)
  }

  @Test func theStatusOfATableShowsEachOfItsSources() throws {
    let target = try TemporaryDatabase("sources")
    let source = try Undisturbed.source.get()
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("run suppliers").exitCode == 5)
    let (_, status) = try migrate.json("status --table=suppliers")
    for (place, name) in ["legacy_suppliers", "legacy_vendors"].enumerated() {
      let feed = try #require(status["sources"]?[place])
      #expect(feed["source"]?.textValue?.hasSuffix(name) == true, "\(feed)")
      #expect(feed["read"]?.intValue == (try number(source, "select count(*) from \(name)")))
      let numbers = ["loaded", "merged", "filtered", "quarantined"].map { feed[$0]?.intValue ?? -1 }
      #expect(numbers.reduce(0, +) == feed["read"]?.intValue, "\(feed)")
      let text = try migrate("status --table=suppliers").output
      let read = GroupedNumber.text(feed["read"]?.intValue ?? 0)
      let loaded = GroupedNumber.text(numbers[0])
      #expect(text.contains("\(name): \(read) read, \(loaded) migrated"), "\(text)")
      #expect(text.contains("; complete"))
    }
    #expect(try migrate.json("status").document["sources"] == [])
  }

  @Test func aVerifiedBackupHasTheFourLinesOfTheManual() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    #expect(try fixture.migrate("backup create").exitCode == 0)
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: fixture.migrate.folder.path + "/backups")
        .first { $0.hasPrefix("backup_") })
    let verified = try fixture.migrate("backup verify").output.split(separator: "\n").map(
      String.init)
    let expected = [
      "Backup created: \(name)", "Backup size: ", "Backup integrity: Verified",
      "Restore test: Passed",
    ]
    for (line, words) in zip(verified, expected) { #expect(line.contains(words), "\(verified)") }
    #expect(verified.count >= 4)
  }
}

import Foundation
import MigrationCore
import TestSupport
import Testing

/// What an operator can do who has nothing but the help: each step has to be in it.
@Suite struct OperatorEndToEndTests {
  @Test func withTheHelpAloneTheTargetIsBroughtBack() throws {
    let world = try World()
    try world.step("db migrate")
    let empty = try world.contents()
    try world.step("backup create")
    try world.step("backup verify")
    try world.step("run --all")
    try world.step("validate")

    try psql(
      world.target.url,
      "delete from upload_history where id in (select id from upload_history limit 3); "
        + "update customers set company_name = 'broken by hand'")
    try world.step("validate", exitCode: 4)

    // A table, and then the whole.
    try world.step("rollback --last-step --dry-run")
    try world.step("rollback --last-step --yes")
    try world.step("rollback verify")
    try world.step("rollback --full --dry-run")
    try world.step("rollback --full --yes")
    #expect(try world.contents() == empty)
    #expect(try psql(world.target.url, "select to_regclass('migrate.session') is null") == "t")
    try world.step("rollback verify")
    try world.step("rollback commit --yes")
    try world.step("run --all")
    try world.step("validate")
  }

  /// A full rollback stops the migration that is at work; undone, the migration continues where it was.
  @Test func anEmergencyTakesBackWhatAMigrationAtWorkBrought() throws {
    let world = try World()
    try world.step("db migrate")
    let empty = try world.contents()
    // Each run stands here while it is stopped. The backup holds the gate, so that it is there afterwards too.
    let gate = try Gate("customers", world.target.url, level: 192)
    try world.step("backup create --verify")
    let first = try BackgroundRun(world.migrate, "run --all --parallel 1")
    try first.waitForChunks(2, in: world.target)
    let (_, preview) = try world.migrate.json("rollback --full --dry-run")
    #expect(preview["running"] == "run 1")
    // The checkpoint file describes a ledger that no longer exists afterwards.
    #expect(world.hasFile("migration-checkpoint.json"))
    try world.step("rollback --full --yes")
    #expect(first.end() == 7, "\(first.errors)")
    #expect(try world.contents() == empty)
    #expect(!world.hasFile("migration-checkpoint.json"))
    try world.step("rollback undo --yes")
    #expect(try number(world.target, "select count(*) from customers") > 0)

    let second = try BackgroundRun(world.migrate, "resume")
    try gate.waitForHeld()
    let back = try world.migrate("emergency-rollback --yes")
    #expect(back.exitCode == 0, "\(back.errors)")
    #expect(back.output.contains("the rollback is verified"))
    #expect(second.end() == 7, "\(second.errors)")
    #expect(try world.contents() == empty)
    try world.step("rollback commit --yes")
    #expect(try world.migrate("audit verify").exitCode == 0)
    try gate.open()
    try world.step("run --all")
    try world.step("validate")
  }

  private struct World {
    let source: TemporaryDatabase
    let target: TemporaryDatabase
    let migrate: Migrate
    /// What `migrate --help` prints.
    let overview: String

    init() throws {
      source = try TemporaryDatabase("operatorsource")
      target = try TemporaryDatabase("operator")
      var migrate = try Undisturbed.prepared(source: source.url, target: target.url)
      migrate.environment["MIGRATION_PLAN"] = "nxt"
      migrate.environment["MIGRATION_BATCH_SIZE"] = "100"
      self.migrate = migrate
      overview = try migrate("--help").output
      #expect(try migrate("sample --rows 400 --seed 31").exitCode == 0)
    }

    /// Runs a command line whose command is in the overview, and its options on its page.
    @discardableResult
    func step(_ line: String, exitCode: Int32 = 0) throws -> Finished {
      let words = line.split(separator: " ").map(String.init)
      let command = words.prefix { !$0.hasPrefix("-") }.joined(separator: " ")
      let listed = overview.split(separator: "\n").contains { $0.hasPrefix("  \(command)  ") }
      #expect(listed, "migrate --help does not name: \(command)")
      let page = try migrate("\(command) --help").output
      for option in words where option.hasPrefix("--") {
        #expect(page.contains(option), "migrate \(command) --help does not name \(option)")
      }
      let finished = try migrate(line)
      #expect(finished.exitCode == exitCode, "\(line): \(finished.output) \(finished.errors)")
      return finished
    }

    func contents() throws -> [String] { try Self.contents(target.url) }

    private static func contents(_ url: String) throws -> [String] {
      try Undisturbed.tables.map {
        try psql(url, "select count(*), md5(string_agg(t::text, '')) from \($0) t")
      }
    }

    func hasFile(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: migrate.folder.path + "/" + name)
    }
  }
}

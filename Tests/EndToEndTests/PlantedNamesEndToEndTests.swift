import Foundation
import MigrationCore
import TestSupport
import Testing

/// A superuser runs every command on databases with planted objects of the system's names.
@Suite struct PlantedNamesEndToEndTests {
  /// A command line, and the exit code that it has to have; nil for one that is refused here, once it has connected.
  private struct Step {
    let line: String
    let exitCode: Int32?

    init(_ line: String, _ exitCode: Int32? = 0) { (self.line, self.exitCode) = (line, exitCode) }
  }

  private static let before = [
    Step("test-connections", nil), Step("check"), Step("check-permissions"), Step("plan check"),
    Step("network-test --repeat 2"), Step("plan profile", 4), Step("plan explain items"),
    Step("find-duplicates"), Step("find-orphans", 4), Step("validate-all", nil), Step("baseline"),
    Step("db status"), Step("validate-schema", nil), Step("db rollback --yes"), Step("db migrate"),
    Step("session start --name first --force"), Step("run --dry-run", 5), Step("pause", nil),
    Step("stop", nil), Step("configure --throttle 50%", nil), Step("restart", 5),
  ]

  private static let after = [
    Step("resume", nil), Step("status"), Step("progress"), Step("metrics"), Step("session list"),
    Step("session show"), Step("session note seen"), Step("performance-analysis"), Step("errors"),
    Step("trace --table items --key item~7"), Step("find-orphans --in target"),
    Step("verify-consolidation"), Step("validate-rules"), Step("test-performance"),
    Step("validate --all"), Step("validate --fingerprint --without-source"),
    Step("validate --layers counts,records,references,types --samples 10"),
    Step("quarantine corrupted"), Step("receipt write --output receipt.json"),
    Step("receipt verify receipt.json"), Step("session checkpoint planted"), Step("retry", nil),
    Step("backup create"), Step("backup verify"), Step("backup list"),
  ]

  private static let undo = [
    Step("rollback --tables tags --yes"), Step("rollback verify"), Step("report rollback"),
    Step("rollback --session latest --yes"), Step("rollback verify"),
    Step("run --fresh --empty-tables --yes", 5), Step("session stop", nil),
  ]

  private static let whole = [
    Step("rollback --full --yes"), Step("rollback undo --yes"), Step("rollback --full --yes"),
    Step("rollback verify"), Step("rollback commit --yes"),
    Step("backup restore $backup --replace --yes"), Step("backup prune --keep 1 --yes"),
    Step("report incident"), Step("cleanup"), Step("sample --plan nxt --rows 20"),
    Step("notify seen", nil), Step("notify test", nil),
  ]

  /// On tables that belong to no superuser.
  private static let roles = [
    Step("create-migration-user --name $role --password-file word"),
    Step("revoke-temp-permissions --name $role --yes"),
  ]

  /// Commands that reach no PostgreSQL database.
  private static let without: Set<String> = [
    "config", "plan", "logs", "id", "audit verify", "report audit", "db generate", "archive-logs",
    "scripts", "completions", "help", "version",
  ]

  private func tryAll(_ steps: [Step], _ world: PlantedWorld) throws {
    for step in steps {
      let known = Set(try PlantedNames.calls())
      let words = try step.line.split(separator: " ").map {
        try String($0).replacing("~", with: " ").replacing(
          "$role", with: world.target.name + "_role"
        )
        .replacing("$backup", with: world.backup())
      }
      let done = try run(
        Migrate.executable(), words, environment: world.migrate.environment,
        in: world.migrate.folder.path, timeout: .seconds(120))
      if let exitCode = step.exitCode {
        #expect(done.exitCode == exitCode, "\(step.line): \(done.output) \(done.errors)")
      }
      let found = try PlantedNames.calls().filter { !known.contains($0) }
      #expect(
        found.isEmpty, "\(step.line): \(found.count)\n\(found.prefix(3).joined(separator: "\n"))")
    }
  }

  @Test func nobodysObjectOfASystemsNameIsUsed() throws {
    let world = try PlantedWorld()
    try tryAll([Step("db migrate")], world)
    try world.addTriggers()
    try tryAll(Self.before, world)
    try tryAll([Step("run", 5)], world)
    // The code of the target's owner has run, along the path of the database.
    func notes(_ what: String) throws -> Int {
      try number(
        world.target,
        "select pg_catalog.count(*) from notes where what operator(pg_catalog.=) '\(what)'")
    }
    #expect(try notes("INSERT") >= 117)
    #expect(try notes("TAG") == 59)
    #expect(try number(world.target, "select pg_catalog.count(*) from shop.items") == 111)
    try tryAll(Self.after, world)
    try tryAll(Self.undo, world)
    #expect(try notes("DELETE") >= 110)
    try tryAll(Self.whole, world)
    try world.withOwner { try tryAll(Self.roles, world) }
    // They are planted well: a session with the database's own path uses them.
    let known = Set(try PlantedNames.calls())
    try psql(world.target.url, "select count(*) from shop.items where code = code")
    #expect(try Set(PlantedNames.calls()).subtracting(known).isEmpty == false)
  }

  /// Whoever adds a command adds it to one of the lists.
  @Test func everyCommandIsTried() throws {
    let help = try Migrate()("--help").output.split(
      separator: "\n", omittingEmptySubsequences: false)
    var commands: Set<String> = []
    for line in help.drop(while: { $0 != "Check:" }).prefix(while: {
      !$0.hasPrefix("Global options")
    }) {
      guard line.hasPrefix("  "), !line.hasPrefix("   "),
        let end = line.dropFirst(2).range(of: "  ")
      else { continue }
      commands.insert(String(line.dropFirst(2)[..<end.lowerBound]))
    }
    let steps =
      Self.before + [Step("run")] + Self.after + Self.undo + Self.whole + Self.roles
    let tried = Set(
      steps.compactMap { step in
        commands.filter { step.line == $0 || step.line.hasPrefix($0 + " ") }
          .max { $0.count < $1.count }
      })
    #expect(commands.count > 60)
    #expect(commands.subtracting(tried) == Self.without)
  }
}

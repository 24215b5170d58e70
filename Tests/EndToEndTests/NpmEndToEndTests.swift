import Foundation
import MigrationCore
import TestSupport
import Testing

/// The scripts through npm itself, as the runbooks call them.
@Suite struct NpmEndToEndTests {
  /// A plan of the tests, with the scripts of the repository and a package.json for them.
  private struct World {
    let fixture: TablesFixture

    init(every: Int = 300) throws {
      var fixture = try ErrorLimitEndToEndTests.fixture(every: every)
      let scripts = try String(
        contentsOfFile: packageRoot + "/config/scripts.json", encoding: .utf8)
      _ = try fixture.migrate.folder.file("config/scripts.json", scripts)
      fixture.migrate.environment["HOME"] = fixture.migrate.folder.path
      self.fixture = fixture
    }

    func write() throws { #expect(try fixture.migrate("scripts --npm").exitCode == 0) }

    /// `npm run` with these words.
    func npm(_ line: String, _ more: [String: String] = [:]) throws -> Finished {
      try run(
        "/usr/bin/env", ["npm", "run", "--silent"] + line.split(separator: " ").map(String.init),
        environment: fixture.migrate.environment.merging(more) { $1 },
        in: fixture.migrate.folder.path)
    }

    func json(_ line: String) throws -> (exitCode: Int32, document: JSONValue) {
      let finished = try npm(line)
      return (finished.exitCode, try JSONValue.parse(finished.output))
    }
  }

  @Test func optionsReachTheCommandWithAndWithoutTheTwoDashes() throws {
    let world = try World()
    try world.write()
    #expect(try world.npm("migration:run").exitCode == 5)
    for line in [
      "migration:compare-counts --table=items --json",
      "migration:compare-counts -- --table items --json",
      "migration:compare-counts --table items --json",
      "migration:compare-counts --json -- --table=items",
    ] {
      let (exitCode, report) = try world.json(line)
      #expect(exitCode == 0, "\(line)")
      let tables = report["rowCountValidation"]?["tables"]
      #expect(tables?[0]?["table"] == "items" && tables?[1] == nil, "\(line): \(report)")
    }
    #expect(
      try world.json("migration:compare-counts --json").document["rowCountValidation"]?["tables"]?[
        1] != nil)
    // A number, a flag, an option of the script's own, and what is behind `--` over what is before it.
    let (_, samples) = try world.json("migration:validate --layers=records --samples=7 --json")
    let records = samples["sampleRecordValidation"]?["records"]?.intValue ?? 0
    #expect(records > 7 && records < 70, "\(records)")
    let (_, own) = try world.json("migration:verify-samples --count=9 --json")
    #expect(own["sampleRecordValidation"]?["records"]?.intValue ?? 0 > 9)
    let (_, size) = try world.json("migration:test-sample --size=huge -- --size=small --json")
    #expect(size["tables"]?[0]?["read"] == 1000, "\(size)")
    #expect(try world.npm("migration:errors --summary").output.contains("10 rows quarantined"))
    #expect(
      try !world.npm("migration:errors --no-summary").output.contains("10 rows quarantined"))
  }

  @Test func nothingIsChangedByAnOptionThatIsDropped() throws {
    let world = try World()
    try world.write()
    let (exitCode, report) = try world.json("migration:items --dry-run --limit=5 --json")
    #expect(exitCode == 0 && report["dryRun"] == true, "\(report)")
    #expect(try world.fixture.query("select count(*) from items") == "0")
    #expect(try world.npm("db:migrate --no-such-option").exitCode == 2)
    let wrong: [(String, String)] = [
      ("migration:items --dry-rum", "unknown option --dry-rum"),
      ("migration:items --limt=5", "did you mean --limit?"),
      ("migration:items --limit", "--limit requires a value"),
      ("migration:items --limit=", "--limit"),
      ("migration:items --limit=few", "invalid --limit \"few\""),
      ("migration:items --limit 5 --where id<3", "--limit, --where"),
      ("migration:errors --summary=perhaps", "--summary takes no value"),
    ]
    for (line, words) in wrong {
      let refused = try world.npm(line)
      #expect(refused.exitCode == 2, "\(line): \(refused.output)")
      #expect(refused.errors.contains(words), "\(line): \(refused.errors)")
    }
    #expect(try world.fixture.query("select count(*) from items") == "0")
  }

  /// Settings of npm's own, from its files and of its own names, are no options of the command.
  @Test func whatNpmIsSetToIsNoOption() throws {
    let world = try World()
    try world.write()
    let folder = world.fixture.migrate.folder
    _ = try folder.file(
      ".npmrc",
      "force=true\nyes = true\nsummary=true\nelectron_mirror=https://x.invalid/\nfund=false\n")
    #expect(try world.npm("migration:items").exitCode == 5)
    let errors = try world.npm("migration:errors")
    #expect(errors.exitCode == 0, "\(errors.errors)")
    #expect(!errors.output.contains("in all"))
    // A command that is not the script of the package.json has options of its own alone.
    let nested = try world.fixture.migrate("errors")
    #expect(nested.exitCode == 0)
    var migrate = world.fixture.migrate
    migrate.environment["npm_config_user_agent"] = "npm/10 node"
    migrate.environment["npm_lifecycle_script"] = "migrate compare-counts"
    migrate.environment["npm_config_summary"] = "true"
    #expect(try !migrate("errors").output.contains("in all"))
    migrate.environment["npm_lifecycle_script"] = "echo && '/a b/migrate' errors 2>&1 | tee log"
    #expect(try migrate("errors").output.contains("10 rows quarantined"))
    // Who is asked is not answered by a file.
    let asked = try world.npm("migration:rollback --table=items")
    #expect(asked.exitCode == 2, "\(asked.errors)")
    #expect(try world.npm("migration:rollback --table=items --yes=true").exitCode == 2)
    #expect(try FileManager.default.removeItem(atPath: folder.path + "/.npmrc") == ())
    #expect(try world.npm("migration:rollback --table=items --yes").exitCode == 0)
  }

  /// Variables that are set for npm, before npm begins, answer no question of the program and choose no rows.
  @Test func whatIsExportedForNpmIsNoOption() throws {
    let world = try World()
    try world.write()
    #expect(try world.npm("migration:items").exitCode == 5)
    let rollback = try world.npm("migration:rollback --table=items", ["npm_config_yes": "true"])
    #expect(rollback.exitCode == 2, "\(rollback.errors)")
    #expect(
      rollback.errors.contains(
        "warning: npm_config_yes was set before npm began; it does not count as --yes"),
      "\(rollback.errors)")
    #expect(try world.fixture.query("select count(*) from items") == "2990")
    let dry = try world.npm("migration:others", ["npm_config_dry_run": "true"])
    #expect(dry.exitCode == 0 && dry.errors.contains("npm_config_dry_run"), "\(dry.errors)")
    #expect(try world.fixture.query("select count(*) from others") == "50")
    let force = try world.npm(
      "migration:run --fresh", ["npm_config_force": "true", "npm_config_empty_tables": "true"])
    #expect(force.exitCode == 1, "\(force.errors)")
    // What has nothing to do with the command is not spoken of.
    let silent = try world.npm("migration:errors", ["npm_config_yes": "true"])
    #expect(silent.exitCode == 0 && !silent.errors.contains("npm"), "\(silent.errors)")
    // Behind `--` and by npm itself it is an option.
    let given = try world.npm(
      "migration:rollback --table=items -- --yes", ["npm_config_yes": "true"])
    #expect(given.exitCode == 0, "\(given.errors)")
    #expect(try world.npm("migration:rollback --table=others --yes").exitCode == 0)
    // Without npm above it, the program cannot determine whose option it is.
    var alone = world.fixture.migrate
    alone.environment["npm_config_user_agent"] = "npm/10 node"
    alone.environment["npm_lifecycle_script"] = "migrate run"
    alone.environment["npm_config_dry_run"] = "true"
    let unclear = try alone("run")
    #expect(unclear.exitCode == 2, "\(unclear.errors)")
    #expect(unclear.errors.contains("npm run NAME -- --dry-run"), "\(unclear.errors)")
  }

  @Test func aPackageFileKeepsWhatItHas() throws {
    let world = try World()
    let migrate = world.fixture.migrate
    let path = try migrate.folder.file(
      "package.json",
      """
      { "name": "shop", "version": "1.20.0", "scripts": { "build": "make", "migration:run": "echo mine" },
        "dependencies": { "pg": "^8" }, "big": 12345678901234567890 }
      """)
    #expect(chmod(path, 0o640) == 0)
    let (exitCode, told) = try migrate.json("scripts --npm")
    #expect(exitCode == 0)
    #expect(told["kept"]?["migration:run"] == "echo mine")
    let written = try String(contentsOfFile: path, encoding: .utf8)
    let package = try JSONValue.parse(written)
    #expect(package["name"] == "shop" && package["version"] == "1.20.0")
    #expect(package["dependencies"]?["pg"] == "^8")
    #expect(written.contains("12345678901234567890"))
    #expect(package["scripts"]?["build"] == "make")
    #expect(package["scripts"]?["migration:run"] == "echo mine")
    for name in [
      "db:status", "db:backup", "migration:items", "migration:compare-counts", "validate:migration",
      "migrate:mongo-to-postgres", "migration:emergency-rollback", "migration:status",
    ] {
      #expect(package["scripts"]?[name]?.textValue?.contains("migrate ") == true, "\(name)")
    }
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o640)
    // Nothing is left to add.
    #expect(try migrate.json("scripts --npm").document["added"] == [])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == written)
    #expect(try world.npm("migration:run").output == "mine\n")
    for damaged in ["{", "[]", #"{ "scripts": [] }"#, #"{ "scripts": { "db:status": 1 } }"#] {
      try damaged.write(toFile: path, atomically: true, encoding: .utf8)
      let refused = try migrate("scripts --npm")
      #expect(refused.exitCode == 3 && refused.errors.contains("package.json"), "\(refused.errors)")
      #expect(try String(contentsOfFile: path, encoding: .utf8) == damaged)
    }
  }
}

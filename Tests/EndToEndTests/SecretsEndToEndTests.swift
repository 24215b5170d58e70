import Foundation
import TestSupport
import Testing

/// What the executable prints holds no password, and its help is not cut where it names one.
@Suite struct SecretsEndToEndTests {
  private static let secret = "hunter2secret"

  @Test(arguments: [
    "postgres://u@127.0.0.1:1/db?pasword=SECRET",
    "postgres://u@127.0.0.1:1/db?sslmode=require;pasword=SECRET",
    "host=127.0.0.1 port=1 Pass=SECRET", "mongodb://127.0.0.1:1/db?pasword=SECRET",
    "mongodb://127.0.0.1:1/db?tls=true;pasword=SECRET",
    "postgres://u@127.0.0.1:1/db?PASSWORT=SECRET",
    "mysql://u@127.0.0.1:1/db?pasword=SECRET", "mongodb://127.0.0.1:1/db?readPreference=SECRET&x=1",
  ]) func aMisspeltPasswordIsShownByNoCommand(_ text: String) throws {
    var migrate = try Migrate()
    let url = text.replacing("SECRET", with: Self.secret)
    let isKnownName = text.contains("readPreference")
    migrate.environment["MIGRATION_CONFIG_DIR"] = packageRoot + "/config"
    for name in ["DATABASE_URL", "SOURCE_DATABASE_URL", "MONGODB_URL"] {
      migrate.environment[name] = url
      for line in [
        "config", "config --json", "test-connections --verbose", "check", "plan check --plan nxt",
        "run --plan nextcrm --all --verbose", "status --plan nxt",
      ] where !isKnownName {
        let said = try migrate(line)
        #expect(!(said.output + said.errors).contains(Self.secret), "\(line): \(said)")
      }
      migrate.environment[name] = nil
    }
  }

  /// Help holds no values: what it says of passwords stays readable, whatever the passwords are.
  @Test func helpIsNeverRedacted() throws {
    var migrate = try Migrate()
    migrate.environment["DATABASE_URL"] = "postgres://u@127.0.0.1:1/db"
    migrate.environment["DATABASE_PASSWORD"] = "database"
    for line in [
      "create-migration-user --help", "help create-migration-user", "help --man", "--help",
      "check --help",
      "completions bash", "completions zsh", "help create-migration-user --json",
    ] {
      let said = try migrate(line)
      #expect(said.exitCode == 0)
      #expect(!said.output.contains("***"), "\(line)")
    }
    #expect(
      try migrate("create-migration-user --help").output.contains("DATABASE_PASSWORD=file:FILE"))
    let example = try String(contentsOfFile: packageRoot + "/.env.example", encoding: .utf8)
    #expect(!example.contains("***"))
  }

  /// A script is written by people, who may have put a password into it.
  @Test func scriptsInHelpAreRedacted() throws {
    let migrate = try Migrate()
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/scripts.json",
      #"{ "scripts": { "go": "check --target postgres://u:\#(Self.secret)@h/db" } }"#)
    for line in ["help go", "completions bash", "completions zsh"] {
      let said = try migrate(line)
      #expect(!(said.output + said.errors).contains(Self.secret), "\(line): \(said)")
    }
  }
}

import Foundation
import MigrationCore
import TestSupport
import Testing

@Suite struct ConfigEndToEndTests {
  func setting(_ migrate: Migrate, _ name: String, _ options: String = "") throws -> JSONValue {
    let (exitCode, document) = try migrate.json("config \(name) \(options)")
    #expect(exitCode == 0)
    guard case .array(let entries)? = document["settings"], let entry = entries.first else {
      return .null
    }
    return entry
  }

  @Test func theStrongestPlaceWinsAndIsNamed() throws {
    var migrate = try Migrate()
    _ = try migrate.folder.file(".env", "MIGRATION_MAX_RETRIES=4\n")
    #expect(try setting(migrate, "MIGRATION_MAX_RETRIES")["origin"] == "file .env line 1")
    migrate.environment["MIGRATION_MAX_RETRIES"] = "5"
    let fromEnvironment = try setting(migrate, "MIGRATION_MAX_RETRIES")
    #expect(fromEnvironment["value"] == "5")
    #expect(fromEnvironment["hides"]?.firstItem?["origin"] == "file .env line 1")
    let fromFlag = try setting(migrate, "MIGRATION_MAX_RETRIES", "--set MIGRATION_MAX_RETRIES=6")
    #expect(fromFlag["value"] == "6")
  }

  @Test func anEnvironmentReadsItsOwnFileAndPrefixedVariables() throws {
    var migrate = try Migrate()
    _ = try migrate.folder.file(".env", "DATABASE_URL=postgres://developer@laptop/mine\n")
    _ = try migrate.folder.file(
      ".env.staging", "STAGING_POSTGRESQL_URL=postgres://u@staging-host/nextcrm\n")
    let staging = try setting(migrate, "DATABASE_URL", "--env staging")
    #expect(staging["value"] == "postgres://u@staging-host/nextcrm")
    migrate.environment["PRODUCTION_POSTGRESQL_URL"] = "postgres://u@production-host/nextcrm"
    let production = try setting(migrate, "DATABASE_URL", "--env production")
    #expect(production["value"] == "postgres://u@production-host/nextcrm")
    #expect(try migrate("config --env nowhere").exitCode == 3)
  }

  @Test(arguments: [
    ("MIGRATION_BATCH_SIZE", "many", "MIGRATION_BATCH_SIZE"),
    ("MIGRATION_TIMEOUT", "soon", "soon"),
    ("MIGRATION_LOG_LEVEL", "loud", "debug"),
    ("DATABASE_URL", "mysql://u:secret99@h/x", "postgres"),
  ])
  func aWrongValueNamesVariableValueAndWhatIsAllowed(name: String, value: String, shown: String)
    throws
  {
    var migrate = try Migrate()
    migrate.environment[name] = value
    let finished = try migrate("config")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains(name))
    #expect(finished.errors.contains(shown))
    #expect(!finished.errors.contains("secret99"))
  }

  @Test func secretsAreNeverShown() throws {
    var migrate = try Migrate()
    migrate.environment["DATABASE_URL"] = "postgres://u:t0psecret%21@h:5/x"
    migrate.environment["DATABASE_PASSWORD"] = ""
    migrate.environment["SOURCE_DATABASE_PASSWORD"] = "an0ther-secret"
    migrate.environment["SOURCE_DATABASE_URL"] = "postgres://u@h/x"
    for line in ["config", "config --json", "config --verbose"] {
      let finished = try migrate(line)
      #expect(finished.exitCode == 0)
      for secret in ["t0psecret", "an0ther-secret"] {
        #expect(!(finished.output + finished.errors).contains(secret))
      }
    }
  }

  @Test func theExampleFileIsReadWithoutFault() throws {
    var migrate = try Migrate()
    let example = try String(contentsOfFile: packageRoot + "/.env.example", encoding: .utf8)
    let filledIn = example.split(separator: "\n").map { line in
      line.firstMatch(of: /^#([A-Z_]+=.*)$/).map { String($0.1) } ?? String(line)
    }
    let usable = filledIn.filter {
      !$0.contains("_PASSWORD=file:") && !$0.contains("_KEY=file:") && !$0.contains("=env:")
    }
    _ = try migrate.folder.file(".env", usable.joined(separator: "\n"))
    migrate.environment["PATH"] = "/usr/bin"
    let finished = try migrate("config")
    #expect(finished.exitCode == 0, "\(finished.errors)")
  }

  @Test func anUnknownSettingGetsASuggestion() throws {
    let finished = try Migrate()("config MIGRATION_BATCHSIZE")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains("MIGRATION_BATCH_SIZE"))
  }
}

extension JSONValue {
  fileprivate var firstItem: JSONValue? {
    if case .array(let items) = self { items.first } else { nil }
  }
}

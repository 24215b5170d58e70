import Foundation
import MigrationCore
import TestSupport
import Testing

/// Production is meant when its variables and NODE_ENV say so, and it can't be missed.
@Suite struct ProductionEndToEndTests {
  /// A plan whose databases are known by prefixed variables alone.
  private func fixture() throws -> TablesFixture {
    var fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let variables = fixture.migrate.environment
    fixture.migrate.environment["SOURCE_DATABASE_URL"] = nil
    fixture.migrate.environment["DATABASE_URL"] = nil
    fixture.migrate.environment["PRODUCTION_SOURCE_DATABASE_URL"] = variables["SOURCE_DATABASE_URL"]
    fixture.migrate.environment["PRODUCTION_POSTGRESQL_URL"] = variables["DATABASE_URL"]
    return fixture
  }

  @Test func nodeEnvironmentNamesTheEnvironmentWhoseDatabasesAreSet() throws {
    let fixture = try fixture()
    var migrate = fixture.migrate
    let missing = try migrate("run")
    #expect(missing.exitCode == 3)
    #expect(
      missing.errors.contains("PRODUCTION_POSTGRESQL_URL is set, which --env production takes")
        || missing.errors.contains(
          "PRODUCTION_SOURCE_DATABASE_URL is set, which --env production takes"),
      "\(missing.errors)")
    migrate.environment["NODE_ENV"] = "production"
    let run = try migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    let url = try DatabaseURL(fixture.target.url)
    let place = "PostgreSQL \(fixture.target.name) at \(url.hosts[0].name)"
    #expect(run.errors.contains("target: \(place)"), "\(run.errors)")
    #expect(run.errors.contains("[production]"))
    #expect(run.errors.contains("source: PostgreSQL \(fixture.source.name) at"))
    #expect(run.errors.contains("batch size: 100 rows"))
    #expect(run.errors.contains("PRODUCTION: this run writes to \(place)"))
    #expect(!run.errors.contains(url.password ?? "?"))
    #expect(try fixture.query("select count(*) from items") == "2990")
  }

  @Test func twoDatabasesThatMayBeMeantAreRefused() throws {
    let fixture = try fixture()
    var migrate = fixture.migrate
    migrate.environment["NODE_ENV"] = "production"
    let other = try TemporaryDatabase("other")
    migrate.environment["DATABASE_URL"] = other.url
    let refused = try migrate("run")
    #expect(refused.exitCode == 3)
    #expect(
      refused.errors.contains("PRODUCTION_POSTGRESQL_URL and DATABASE_URL"), "\(refused.errors)")
    #expect(
      try psql(other.url, "select count(*) from pg_tables where schemaname = 'migrate'") == "0")
    #expect(try migrate("run --env production").exitCode == 5)
    // The same address twice is no question.
    migrate.environment["DATABASE_URL"] = fixture.target.url
    #expect(try migrate("status").exitCode == 0)
  }

  @Test func elsewhereNothingSaysProduction() throws {
    let fixture = try ErrorLimitEndToEndTests.fixture(every: 300)
    let run = try fixture.migrate("run --dry-run")
    #expect(run.errors.contains("target: PostgreSQL"))
    #expect(!run.errors.contains("PRODUCTION"))
    var migrate = fixture.migrate
    migrate.environment["NODE_ENV"] = "production"
    #expect(try migrate("run --dry-run").errors.contains("PRODUCTION: this dry run"))
  }
}

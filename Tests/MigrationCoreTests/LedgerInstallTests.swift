import Postgres
import TestSupport
import Testing

@testable import MigrationLedger

@Suite struct LedgerInstallTests {
  @Test func installsOnceAndThenChangesNothing() throws {
    let database = try TemporaryDatabase("install")
    let ledger = try Ledger(LedgerFixture.connect(database))
    #expect(try ledger.condition() == .absent)
    #expect(ledgerCode { try ledger.requireInstalled() } == .notInstalled)
    try ledger.install()
    let identity = try ledger.identity()
    try ledger.install()
    #expect(try ledger.condition() == .current)
    #expect(try ledger.identity() == identity)
    let version = try psql(database.url, "SELECT version FROM migrate.meta")
    #expect(version == String(Ledger.version))
  }

  @Test(arguments: ["Mixed Case", "dots.and\"quotes", "select", "schéma"])
  func takesAnySchemaName(_ name: String) throws {
    let fixture = try LedgerFixture(schema: name)
    try fixture.plan(2)
    #expect(try fixture.ledger.chunks(table: fixture.table.id).count == 2)
    let found = try fixture.sql(
      "SELECT count(*) FROM pg_namespace WHERE nspname = \(SQL.literal(name))")
    #expect(found == "1")
  }

  @Test func installsIntoASchemaThatIsThereWithoutTheRightToCreateOne() throws {
    let database = try TemporaryDatabase("install")
    let role = "limited_\(database.name)"
    try psql(
      database.url,
      """
      CREATE ROLE "\(role)" LOGIN PASSWORD 'x';
      CREATE SCHEMA migrate AUTHORIZATION "\(role)";
      """)
    defer { _ = try? psql(database.url, "DROP OWNED BY \"\(role)\"; DROP ROLE \"\(role)\"") }
    let ledger = try Ledger(LedgerFixture.connect(database))
    try ledger.connection.execute("SET SESSION AUTHORIZATION \"\(role)\"")
    try ledger.install()
    #expect(try ledger.condition() == .current)
  }

  @Test func refusesALedgerOfANewerProgram() throws {
    let database = try TemporaryDatabase("install")
    let ledger = try Ledger(LedgerFixture.connect(database))
    try ledger.install()
    try psql(database.url, "UPDATE migrate.meta SET version = 99")
    #expect(try ledger.condition() == .newer(version: 99))
    #expect(ledgerCode { try ledger.install() } == .newerLedger)
    #expect(ledgerCode { try ledger.requireInstalled() } == .newerLedger)
    #expect(try psql(database.url, "SELECT version FROM migrate.meta") == "99")
  }

  @Test func aDeathInMidInstallationLeavesNothing() throws {
    let database = try TemporaryDatabase("install")
    let ledger = try Ledger(LedgerFixture.connect(database))
    // An object in the way makes the last statements of the step fail.
    try psql(database.url, "CREATE SCHEMA migrate; CREATE TABLE migrate.sequence_reset ()")
    #expect(sqlState { try ledger.install() } == .duplicateTable)
    #expect(try ledger.condition() == .absent)
    try psql(database.url, "DROP TABLE migrate.sequence_reset")
    try ledger.install()
    #expect(try ledger.condition() == .current)
  }

  @Test func aNewerProgramBringsAnOlderLedgerUpToDateStepByStep() throws {
    let fixture = try LedgerFixture()
    _ = try fixture.sql("UPDATE migrate.meta SET version = 0; ALTER SCHEMA migrate RENAME TO old")
    _ = try fixture.sql("CREATE SCHEMA migrate; ALTER TABLE old.meta SET SCHEMA migrate")
    #expect(try fixture.ledger.condition() == .older(version: 0))
    try fixture.ledger.install()
    #expect(try fixture.ledger.condition() == .current)
  }
}

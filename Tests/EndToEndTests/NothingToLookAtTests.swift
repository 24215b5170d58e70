import Foundation
import MigrationCore
import TestSupport
import Testing

/// A look that had nothing to check says so, and is no proof that all is well.
@Suite struct NothingToLookAtTests {
  private static let tables = """
    { parents: { from: "old_parents", key: "id", columns: { id: "id" } },
      items: { from: "old_items", key: "id", columns: { id: "id",
        parent: { reference: "parents", by: { id: "parent" }, orphan: "quarantine" } } } }
    """
  private static let target = """
    create table parents (id int primary key);
    create table items (id int primary key, parent int references parents);
    """

  private func fixture() throws -> PlanFixture {
    let fixture = try PlanFixture(
      source: """
        create table old_parents (id int primary key);
        create table old_items (id int primary key, parent int);
        """, target: Self.target, tables: Self.tables)
    _ = try fixture.migrate.folder.file("config/shop/schema/001_tables.up.sql", Self.target)
    return fixture
  }

  @Test func looksAtEmptySourcesSayThatTheySawNothing() throws {
    let fixture = try fixture()
    for command in ["find-duplicates", "find-orphans", "plan profile"] {
      let told = try fixture.migrate(command)
      #expect(told.exitCode == 0, "\(command): \(told.errors)")
      #expect(told.output.contains("no rows were read"), "\(command): \(told.output)")
      let document = try fixture.migrate.json(command).document
      #expect(document["read"] ?? document["examined"] == 0, "\(command): \(document)")
    }
    try psql(fixture.source.url, "insert into old_parents values (1)")
    for command in ["find-duplicates", "find-orphans"] {
      let told = try fixture.migrate(command)
      #expect(told.exitCode == 0)
      #expect(told.output.contains("items: the source has no rows"), "\(told.output)")
      #expect(told.output.contains("1 row read"), "\(told.output)")
    }
    #expect(try !fixture.migrate("plan profile").output.contains("no rows were read"))
  }

  @Test func aMigrationOfNoRowsIsToldAsOne() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run --all").exitCode == 0)
    let validated = try fixture.migrate("validate --all")
    #expect(validated.exitCode == 0, "\(validated.output)")
    #expect(validated.output.contains("have no rows"), "\(validated.output)")
    let retried = try fixture.migrate("retry")
    #expect(retried.exitCode == 0)
    #expect(retried.output.contains("no quarantined rows to retry"), "\(retried.output)")
    #expect(try fixture.migrate("receipt write --output receipt.json").exitCode == 0)
    let receipt = try fixture.migrate("receipt verify receipt.json")
    #expect(receipt.exitCode == 0, "\(receipt.output) \(receipt.errors)")
    #expect(receipt.output.contains("the receipt has no rows"), "\(receipt.output)")
  }

  @Test func aPlanWithoutSchemaFilesIsToldAsOne() throws {
    let fixture = try PlanFixture(
      source: "create table t (id int primary key)", target: "create table t (id int primary key)",
      tables: #"{ t: { from: "t", key: "id", columns: { id: "id" } } }"#)
    let applied = try fixture.migrate("db migrate")
    #expect(applied.exitCode == 0, "\(applied.errors)")
    #expect(applied.output.contains("no schema files in"), "\(applied.output)")
    let status = try fixture.migrate("db status")
    #expect((status.output + status.errors).contains("no schema files in"))
  }

  @Test(arguments: ["", "create table t (id int primary key)"])
  func aBackupWithoutRowsIsToldAsOne(_ definitions: String) throws {
    let database = try TemporaryDatabase("empty")
    if !definitions.isEmpty { try psql(database.url, definitions) }
    var migrate = try Migrate()
    migrate.environment["DATABASE_URL"] = database.url
    #expect(try migrate("backup create").exitCode == 0)
    let verified = try migrate("backup verify")
    #expect(verified.exitCode == 0, "\(verified.output) \(verified.errors)")
    #expect(verified.output.contains("the backup has no rows"), "\(verified.output)")
  }
}

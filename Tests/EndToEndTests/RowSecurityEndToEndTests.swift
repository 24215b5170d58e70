import Foundation
import MigrationCore
import Mongo
import TestSupport
import Testing

/// Policies that hide rows from the role that the program uses.
@Suite struct RowSecurityEndToEndTests {
  /// A role that is no owner and reads the source under a policy that shows it every other row.
  private func reader(_ fixture: SessionFixture, _ migrate: inout Migrate) throws -> String {
    let (role, _) = try fixture.role()
    try psql(
      fixture.source.url,
      """
      grant select on all tables in schema public to \(role);
      create policy half on entries for select to \(role) using (id % 2 = 0);
      alter table entries enable row level security;
      """)
    migrate.environment["SOURCE_DATABASE_URL"] = try SessionFixture.login(role, fixture.source)
    return role
  }

  @Test func aSourceThatHidesRowsIsRefusedAndToldBeforehand() throws {
    let fixture = try SessionFixture()
    var migrate = fixture.migrate
    let role = try reader(fixture, &migrate)
    defer { fixture.drop(role, [fixture.target, fixture.source]) }
    for line in ["check-permissions", "plan check", "validate-all --parts schema"] {
      let told = try migrate(line)
      #expect(told.exitCode == 4, "\(line): \(told.output) \(told.errors)")
      #expect(
        told.output.contains("entries") && told.output.contains("half")
          && told.output.contains("BYPASSRLS"), "\(line): \(told.output)")
    }
    let run = try migrate("run")
    #expect(run.exitCode == 1, "\(run.output)")
    #expect(run.errors.contains("row-level security"), "\(run.errors)")
    #expect(try number(fixture.target, "select count(*) from entries") == 0)
    #expect(try migrate("plan profile").exitCode != 0)

    // Who sees all rows is not kept from them.
    try psql(fixture.source.url, "alter role \(role) bypassrls")
    #expect(try migrate("check-permissions").exitCode == 0)
    #expect(try migrate("plan check").exitCode == 0)
    #expect(try migrate("run").exitCode == 5)
    #expect(try number(fixture.target, "select count(*) from entries") == SessionFixture.rows)
  }

  /// With FORCE, not even the owner sees all rows.
  @Test func aTargetThatHidesRowsIsNotValidated() throws {
    let fixture = try SessionFixture()
    let (role, url) = try fixture.role()
    defer { fixture.drop(role, [fixture.target]) }
    var migrate = fixture.migrate
    migrate.environment["DATABASE_URL"] = url
    #expect(try migrate("run").exitCode == 5)
    try psql(
      fixture.target.url,
      """
      create policy few on entries using (id > 3);
      alter table entries enable row level security, force row level security;
      """)
    let told = try migrate("check-permissions")
    #expect(told.exitCode == 4 && told.output.contains("few"), "\(told.output)")
    let checked = try migrate("plan check")
    #expect(checked.exitCode == 4 && checked.output.contains("few"), "\(checked.output)")
    let validated = try migrate("validate")
    #expect(validated.exitCode == 4, "\(validated.output)")
    #expect(validated.output.contains("row-level security"), "\(validated.output)")
    let rolled = try migrate("rollback --session latest --yes")
    #expect(rolled.exitCode != 0)
    #expect(try number(fixture.target, "select count(*) from entries") == SessionFixture.rows)
  }

  @Test func aViewOfMongoDBIsNamedAsOne() throws {
    let fixture = try DocumentsFixture(
      tables: """
        { people: { from: "open_people", columns: { id: { from: "_id" }, name: { from: "name" } } } }
        """, targetSQL: "create table people (id text primary key, name text)")
    try fixture.insert(
      "people", [["_id": "a", "name": "A", "hidden": false], ["_id": "b", "hidden": true]])
    let create: BSONDocument = [
      "create": "open_people", "viewOn": "people",
      "pipeline": [["$match": ["hidden": false]], ["$redact": "$$KEEP"]],
    ]
    _ = try fixture.client().runCommand(create, on: fixture.database)
    for line in ["plan check", "check-permissions", "validate-all --parts schema"] {
      let told = try fixture.migrate(line)
      #expect(
        told.output.contains("open_people is a view (of people, $match, $redact)"),
        "\(line): \(told.output) \(told.errors)")
    }
    #expect(try fixture.migrate("plan check").exitCode == 0)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect((run.output + run.errors).contains("open_people is a view"), "\(run.errors)")
  }
}

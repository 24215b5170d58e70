import Foundation
import MigrationCore
import TestSupport
import Testing

/// A role with the rights that `check-permissions` asks for, and no other, migrates and rolls back.
///
/// The target's tables are in `public` as PostgreSQL 15 makes it: only its owner may create objects there.
@Suite struct LeastRoleEndToEndTests {
  private let fixture: PlanFixture
  private let role = "least_" + UUID().uuidString.prefix(8).lowercased()
  private var owner: String { role + "_owner" }

  private static let source = """
    create table old_parents (id integer primary key, name text not null);
    insert into old_parents select n, 'parent ' || n from generate_series(1, 40) n;
    create table old_items (id integer primary key, parent integer, name text);
    insert into old_items select n, n % 40 + 1, 'item ' || n from generate_series(1, 1500) n;
    """

  private static let target = """
    create schema tools;
    create function tools.folded(text) returns text language sql immutable as 'select lower($1)';
    create sequence numbers;
    create table parents (id integer primary key, name text not null unique);
    create table items (id integer primary key, number integer not null default nextval('numbers'),
      serial bigserial, parent integer not null references parents, name text not null);
    create index items_name on items (name);
    create index items_folded on items (tools.folded(name)) where tools.folded(name) <> '';
    """

  private static let tables = """
    {
      parents: { from: "old_parents", key: "id", sameColumns: ["id", "name"],
        loading: { setAside: "always" } },
      items: { from: "old_items", key: "id", sameColumns: ["id", "name"], columns: {
        parent: { reference: "parents", by: { id: "parent" }, orphan: "quarantine" } },
        loading: { setAside: "always" } },
    }
    """

  init() throws {
    fixture = try PlanFixture(
      source: Self.source, target: Self.target, tables: Self.tables)
    try psql(
      fixture.target.url,
      """
      create role \(owner);
      create role \(role) login password 'secret';
      grant \(owner) to \(role);
      alter table parents owner to \(owner);
      alter table items owner to \(owner);
      alter sequence numbers owner to \(owner);
      """)
    // The ledger is made by an administrator, as create-migration-user does it.
    _ = try fixture.migrate("create-migration-user --name \(role)_maker --password-file p")
    try psql(fixture.target.url, "drop owned by \(role)_maker; drop role \(role)_maker")
    try grantMissing(needs: ["migration", "rollback"])
  }

  /// Takes what the roles have, so that they can go with the database.
  private func end() {
    for name in [role, owner] {
      _ = try? psql(fixture.target.url, "drop owned by \(name) cascade; drop role \(name)")
    }
  }

  private func asRole() throws -> Migrate {
    var migrate = fixture.migrate
    var url = try #require(URLComponents(string: fixture.target.url))
    (url.user, url.password) = (role, "secret")
    migrate.environment["DATABASE_URL"] = url.string
    return migrate
  }

  private func missing() throws -> [JSONValue] {
    let (_, found) = try fixture.migrate.json("check-permissions --role \(role)")
    guard case .array(let rights)? = found["rights"] else { return [] }
    return rights.filter { $0["granted"] == false }
  }

  /// Runs the statements that `check-permissions` shows.
  private func grantMissing(needs: [String]) throws {
    for right in try missing() {
      guard case .text(let grant)? = right["grant"], case .text(let need)? = right["need"],
        needs.contains(need)
      else { continue }
      try psql(fixture.target.url, grant)
    }
  }

  private func definitions() throws -> String {
    try psql(
      fixture.target.url,
      """
      select string_agg(d, chr(10) order by d) from (
        select conrelid::regclass || ' ' || pg_get_constraintdef(oid) || convalidated as d
        from pg_constraint where connamespace = 'public'::regnamespace
        union all select indexdef from pg_indexes where schemaname = 'public') x
      """)
  }

  private func migratesAndRollsBack(warns: String?) throws {
    let before = try definitions()
    let migrate = try asRole()
    #expect(try migrate("check-permissions").exitCode == 0)
    let run = try migrate("run --all")
    #expect(run.exitCode == 0, "\(run.errors)")
    if let warns {
      #expect(run.errors.contains(warns) || run.output.contains(warns), "\(run.errors)")
    } else {
      #expect(!run.errors.contains("slower"), "\(run.errors)")
    }
    #expect(try definitions() == before)
    #expect(try number(fixture.target, "select count(*) from items") == 1500)
    #expect(try migrate("validate").exitCode == 0)
    let rollback = try migrate("rollback --session latest --yes")
    #expect(rollback.exitCode == 0, "\(rollback.errors)")
    #expect(try migrate("rollback verify").exitCode == 0)
    #expect(try number(fixture.target, "select count(*) from items") == 0)
    #expect(try definitions() == before)
  }

  /// What it may not build again, it does not drop.
  @Test func theLeastRoleMigratesAndRollsBack() throws {
    defer { end() }
    #expect(try missing().contains { $0["privilege"] == "CREATE" && $0["need"] == "speed" })
    try migratesAndRollsBack(warns: "CREATE on schema public")
  }

  /// Few roles may read `data_directory`: a query that fails would end the transaction of a rehearsal.
  @Test func aRehearsalNeedsNoRightToReadSettings() throws {
    defer { end() }
    try grantMissing(needs: ["speed"])
    let rehearsal = try asRole()("run --dry-run")
    #expect(rehearsal.exitCode == 0, "\(rehearsal.errors)")
  }

  @Test func withTheRightsToBuildAgainItDropsAndBuilds() throws {
    defer { end() }
    try grantMissing(needs: ["speed"])
    try migratesAndRollsBack(warns: nil)
    #expect(
      try number(
        fixture.target, "select count(*) from migrate.set_aside where status = 'restored'") >= 4)
  }

  @Test(arguments: [
    ("revoke usage on schema tools from public, ROLE", "USAGE on schema tools"),
    ("revoke references on parents from OWNER, ROLE", "REFERENCES on public.parents"),
    ("revoke execute on function tools.folded from public", "EXECUTE on FUNCTION tools.folded"),
  ]) func whatLacksARightStaysOn(_ revoked: String, _ told: String) throws {
    defer { end() }
    try psql(
      fixture.target.url,
      """
      grant usage on schema tools to \(role), \(owner);
      grant execute on function tools.folded to \(role);
      grant create on schema public to \(role);
      """)
    try psql(
      fixture.target.url,
      revoked.replacing("ROLE", with: role).replacing("OWNER", with: owner))
    if told.contains("USAGE") {
      try psql(fixture.target.url, "revoke usage on schema tools from \(owner)")
    }
    #expect(try missing().contains { $0["need"] == "speed" })
    let before = try definitions()
    let run = try asRole()("run --all")
    #expect(run.errors.contains(told) || run.output.contains(told), "\(run.errors)")
    #expect(try definitions() == before)
  }

  /// What only an attempt shows is tried before anything is dropped.
  @Test func aServerThatRefusesToBuildIsFoundBeforeAnythingIsDropped() throws {
    defer { end() }
    try grantMissing(needs: ["speed"])
    try psql(
      fixture.target.url,
      """
      create function forbid() returns event_trigger language plpgsql as
        $$ begin raise exception 'no indexes by day'; end $$;
      create event trigger forbids on ddl_command_start when tag in ('CREATE INDEX')
        execute function forbid();
      """)
    let before = try definitions()
    let run = try asRole().json("run --all")
    #expect(run.exitCode == 1)
    #expect("\(run.document)".contains("could be suspended for the load, but not rebuilt"))
    #expect(try definitions() == before)
    #expect(try number(fixture.target, "select count(*) from parents") == 0)
  }

  /// The default of a column that the plan does not feed draws from a sequence of its own.
  @Test func aSequenceThatCanNotBeSetIsToldAtTheBeginning() throws {
    defer { end() }
    try psql(
      fixture.target.url,
      """
      alter sequence numbers owner to current_user; revoke all on sequence numbers from \(role), \(owner);
      grant usage on sequence numbers to \(role);
      """)
    let (code, _) = try fixture.migrate.json("check-permissions --role \(role)")
    #expect(code == 4)
    let run = try asRole()("run --all")
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("SELECT, UPDATE on sequence public.numbers"), "\(run.errors)")
    #expect(try number(fixture.target, "select count(*) from migrate.session") == 0)
    #expect(try number(fixture.target, "select count(*) from parents") == 0)
  }

  /// A right that goes while indexes are off: it is named, and with it the run continues.
  @Test func aRightThatGoesInTheMiddleIsNamedAndTheRunGoesOn() throws {
    defer { end() }
    try grantMissing(needs: ["speed"])
    let before = try definitions()
    try psql(
      fixture.target.url,
      """
      create function revokes() returns trigger language plpgsql security definer as
        $$ begin revoke create on schema public from \(role), \(owner); return null; end $$;
      create trigger revokes after insert on items for each statement execute function revokes();
      """)
    let run = try asRole()("run --all")
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("could not rebuild"), "\(run.errors)")
    let (code, found) = try fixture.migrate.json("check-permissions --role \(role)")
    #expect(code == 4 && found["missing"] != 0)
    try psql(fixture.target.url, "drop trigger revokes on items")
    try grantMissing(needs: ["migration"])
    #expect(try asRole()("run --resume").exitCode == 0)
    #expect(try definitions() == before)
  }

  /// Rows of a table outside the plan may refer to those that a rollback deletes.
  @Test func aTableOutsideThePlanIsAskedForBecauseOfTheRollback() throws {
    defer { end() }
    try psql(
      fixture.target.url,
      "create table public.extra (id integer primary key, item integer references items)")
    let rights = try missing().filter { $0["need"] == "rollback" }
    #expect(
      rights.map { $0["object"] } == ["table \"public\".\"extra\"", "table \"public\".\"extra\""])
    #expect(rights.map { $0["privilege"] } == ["SELECT", "UPDATE"])
    let run = try asRole()("run --all")
    #expect(run.exitCode == 0)
    #expect(run.errors.contains("a rollback"), "\(run.errors)")
    try grantMissing(needs: ["rollback"])
    #expect(try asRole()("rollback --session latest --yes").exitCode == 0)
  }

  @Test func theValidationBeforeAMigrationNamesAMissingRight() throws {
    defer { end() }
    try psql(fixture.target.url, "revoke insert on items from \(role), \(owner)")
    let (code, report) = try asRole().json("validate-all --parts schema")
    #expect(code == 4)
    #expect("\(report)".contains("INSERT on table"), "\(report)")
  }
}

import Foundation
import MigrationCore
import TestSupport
import Testing

/// A dry run takes values of the sequences that fill what the plan does not, and leaves them as they were.
@Suite struct DryRunSequencesEndToEndTests {
  private static let sourceSQL = """
    create table items (v text);
    insert into items select 'v' || n from generate_series(1, 200) n;
    insert into items values ('much too long for it');
    """
  private static let targetSQL = """
    create sequence shared increment 5 start 7;
    create sequence worded;
    create domain numbered as bigint default nextval('shared');
    create table items (
      id serial primary key, other int generated always as identity, word text default 'w' || nextval('worded'),
      number numbered, v varchar(9));
    select nextval('items_id_seq');
    """
  private static let states = """
    select (last_value, is_called) from items_id_seq union all select (last_value, is_called) from items_other_seq
    union all select (last_value, is_called) from worded union all select (last_value, is_called) from shared
    """

  private func fixture(_ more: String = "") throws -> TablesFixture {
    try TablesFixture(
      tables: "{ items: { from: \"items\", key: [], columns: { v: \"v\" } } }",
      sourceSQL: Self.sourceSQL, targetSQL: Self.targetSQL + more)
  }

  @Test(arguments: ["run --dry-run", "run --dry-run --limit 50"])
  func sequencesStayAsTheyWere(_ command: String) throws {
    let fixture = try fixture()
    let before = try fixture.query(Self.states)
    #expect(before.split(separator: "\n").count == 4)
    let run = try fixture.migrate(command)
    #expect([0, 5].contains(run.exitCode), "\(run.output)\(run.errors)")
    #expect(try fixture.query(Self.states) == before)
    #expect(try fixture.query("select nextval('items_id_seq'), nextval('shared')") == "2|7")
  }

  /// Sequences of columns that the plan fills are nobody's concern: others get values of them meanwhile.
  @Test func sequencesOfFedColumnsAreLeftToOthers() throws {
    let fixture = try TablesFixture(
      tables: "{ items: { from: \"items\", key: \"id\", sameColumns: [\"id\", \"v\"] } }",
      sourceSQL:
        "create table items (id int primary key, v text); insert into items values (1, 'a')",
      targetSQL: "create table items (id serial primary key, v text)")
    let gate = try Gate("items", fixture.target.url, place: "id", level: 0)
    let run = try BackgroundRun(fixture.migrate, "run --dry-run")
    try gate.waitForHeld()
    #expect(
      try fixture.query("set lock_timeout = '5s'; select nextval('items_id_seq')").hasSuffix("1"))
    try gate.open()
    #expect(run.end() == 0, "\(run.errors)")
  }

  /// A role that does not own a sequence can't keep it, and is told.
  @Test func aSequenceOfOthersMovesAndIsTold() throws {
    let role = "dry_\(UUID().uuidString.prefix(8).lowercased())"
    let fixture = try fixture(
      """
      create role \(role) login password 'seldom-seen';
      alter table items owner to \(role); grant all on sequence worded, shared to \(role);
      grant create on schema public to \(role);
      do $$ begin execute format('grant create on database %I to \(role)', current_database()); end $$;
      """)
    var migrate = fixture.migrate
    var components = try #require(URLComponents(string: fixture.target.url))
    (components.user, components.password) = (role, "seldom-seen")
    migrate.environment["DATABASE_URL"] = components.string
    let run = try migrate("run --dry-run")
    #expect([0, 5].contains(run.exitCode), "\(run.output)\(run.errors)")
    for name in ["public.shared", "public.worded"] {
      #expect(run.errors.contains("the dry run moves sequence \(name)"), "\(run.errors)")
    }
    #expect(!run.errors.contains("items_id_seq"), "\(run.errors)")
    let own = "select last_value from items_id_seq union all select last_value from items_other_seq"
    #expect(try fixture.query(own) == "1\n1")
    try psql(fixture.target.url, "drop owned by \(role) cascade; drop role \(role)")
  }
}

import MigrationCore
import Postgres
import Synchronization
import TestSupport
import Testing

/// Foreign keys whose columns the plan copies as they are, without looking them up.
@Suite struct RunCopiedKeysTests {
  private static let plan = """
    {
      name: "staff", source: { kind: "postgres" }, limits: { warnAt: "100%", stopAt: "100%" },
      tables: {
        people: {
          from: "old_people", key: "id", sameColumns: ["id", "boss"], columns: { age: { from: "age", max: 150 } },
          loading: { setAside: "always" },
        },
        cars: { from: "old_cars", key: "id", sameColumns: ["id", "owner"] },
      },
    }
    """

  /// Each refers to the next, ten by ten; 25 refers to no one, and 52 is rejected as too old.
  private func fixture() throws -> RunFixture {
    try RunFixture(
      plan: PlanReader.read(bytes: Array(Self.plan.utf8)),
      sourceSQL: """
        create table old_people (id integer primary key, boss integer, age integer);
        insert into old_people select n, case when n % 10 > 0 then n + 1 end, 30 from generate_series(1, 3000) n;
        update old_people set boss = 9999 where id = 25;
        update old_people set age = 1000 where id = 52;
        create table old_cars (id integer primary key, owner integer);
        insert into old_cars select n, n from generate_series(1, 60) n;
        """,
      targetSQL: """
        create table people (
          id integer primary key, age integer check (age < 150), boss integer references people);
        create table cars (id integer primary key, owner integer references people);
        """)
  }

  private static let setAside = """
    select string_agg(key->>'id', ' ' order by (key->>'id')::int) from migrate.quarantine q
    join migrate.table_state t on t.id = q.table_id where t.name =
    """

  /// What is quarantined does not depend on chunks and lanes, and nothing refers to it in the end.
  @Test(arguments: [(100, 1), (100, 3), (10_000, 1)])
  func rowsMayComeBeforeThoseThatTheyReferTo(chunk: Int, lanes: Int) throws {
    let fixture = try fixture()
    let outcome = try fixture.run {
      ($0.tuning.batchSize, $0.tuning.lanes) = (.exactly(chunk), .exactly(lanes))
    }
    #expect(outcome.ending == .completed)
    #expect(outcome.tables.allSatisfy { $0.sheet.closes })
    #expect(try psql(fixture.target.url, Self.setAside + " 'people'") == "21 22 23 24 25 51 52")
    #expect(try psql(fixture.target.url, Self.setAside + " 'cars'") == "21 22 23 24 25 51 52")
    #expect(try fixture.count("people") == 2993)
    #expect(try fixture.count("cars") == 53)
    #expect(
      try fixture.count(
        "pg_constraint",
        where:
          "contype = 'f' and convalidated and conname like '%_fkey' and conrelid in ('people'::regclass, 'cars'::regclass)"
      ) == 2)
    try fixture.expectFingerprintsHold()
  }

  @Test func aDryRunSaysTheSame() throws {
    let fixture = try fixture()
    let outcome = try fixture.run { ($0.dryRun, $0.tuning.batchSize) = (true, 100) }
    #expect(outcome.tables.map(\.sheet.quarantined) == [7, 7])
    #expect(try fixture.count("people") == 0)
  }

  /// Stops after the first chunks of a table.
  private func stop(_ fixture: RunFixture, in table: String) throws {
    let control = RunControl()
    let outcome = try fixture.run(
      control: control,
      observer: { event in
        if case .progress(let report) = event, report.table == table, report.chunksDone > 0 {
          control.interrupt()
        }
      }
    ) { ($0.tuning.batchSize, $0.tuning.lanes, $0.tuning.throttle) = (10, 1, 90) }
    #expect(outcome.ending == .paused(.interrupted))
  }

  @Test func aRunThatGoesOnFindsThemToo() throws {
    let fixture = try fixture()
    try stop(fixture, in: "people")
    #expect(try fixture.run().ending == .completed)
    #expect(try psql(fixture.target.url, Self.setAside + " 'people'") == "21 22 23 24 25 51 52")
    #expect(try fixture.count("cars") == 53)
  }

  /// A table is not emptied under rows that refer to it, while their foreign key is off and can't refuse it.
  @Test func aTableIsNotEmptiedUnderOthers() throws {
    let fixture = try fixture()
    try stop(fixture, in: "cars")
    let error = try #require(throws: MigrationError.self) {
      try fixture.run { ($0.fresh, $0.emptiesTables, $0.tables) = (true, true, ["people"]) }
    }
    #expect(error.reason == "notEmpty")
    #expect(try fixture.count("people") == 2993)
    #expect(try fixture.run().ending == .completed)
    #expect(try fixture.count("cars") == 53)
  }

  /// Tables that were emptied are not taken for those that a session has filled.
  @Test func aFreshStartThatFailsHalfwayIsNoSessionThatIsDone() throws {
    let fixture = try fixture()
    try stop(fixture, in: "people")
    try psql(fixture.target.url, "create unique index people_pkey on people (id, boss)")
    #expect(throws: LedgerError.self) {
      try fixture.run { ($0.fresh, $0.emptiesTables) = (true, true) }
    }
    #expect(try fixture.count("people") == 0)
    try psql(fixture.target.url, "drop index people_pkey")
    #expect(try fixture.run().ending == .completed)
    #expect(try fixture.count("people") == 2993)
    #expect(try fixture.count("cars") == 53)
  }

  /// A search costs as much as the foreign key itself.
  @Test func whatWasLookedUpIsNotLookedForAgain() throws {
    let plan = """
      {
        name: "staff", source: { kind: "postgres" },
        tables: {
          people: { from: "old_people", key: "id", sameColumns: ["id"] },
          cars: {
            from: "old_cars", key: "id", sameColumns: ["id"], loading: { setAside: "always" },
            columns: { owner: { reference: "people", by: { id: "owner" }, orphan: "quarantine" } },
          },
        },
      }
      """
    let fixture = try RunFixture(
      plan: PlanReader.read(bytes: Array(plan.utf8)),
      sourceSQL: """
        create table old_people as select n as id from generate_series(1, 50) n;
        create table old_cars (id integer primary key, owner integer);
        insert into old_cars select n, n from generate_series(1, 50) n;
        alter table old_people add primary key (id);
        """,
      targetSQL: """
        create table people (id integer primary key);
        create table cars (id integer primary key, owner integer references people);
        """)
    let steps = Mutex<[String]>([])
    let outcome = try fixture.run(
      control: RunControl(),
      observer: { event in
        if case .preparing(_, let step) = event { steps.withLock { $0.append(step) } }
      })
    #expect(outcome.ending == .completed)
    let seen = steps.withLock { $0 }
    #expect(seen.contains("suspending indexes") && seen.contains("foreign keys"), "\(seen)")
    #expect(!seen.contains("references"), "\(seen)")
  }
}

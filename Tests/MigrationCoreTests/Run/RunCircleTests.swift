import MigrationCore
import Postgres
import TestSupport
import Testing

/// Tables that refer to themselves and to each other: rows whose references match no row.
@Suite struct RunCircleTests {
  private static let plan = """
    {
      name: "staff", source: { kind: "postgres" }, limits: { warnAt: "100%", stopAt: "100%" },
      tables: {
        departments: {
          from: "old_departments", key: "id",
          columns: {
            id: { id: "departments", from: "id" },
            head: { reference: "people", by: { id: { id: "people", from: "head" } }, orphan: "null" },
          },
        },
        people: {
          from: "old_people", key: "id", loading: { setAside: "LOADING" },
          columns: {
            id: { id: "people", from: "id" }, number: "id",
            department: {
              reference: "departments", by: { id: { id: "departments", from: "department" } },
              orphan: "quarantine",
            },
            boss: {
              reference: "people", by: { id: { id: "people", from: "boss" } }, orphan: "quarantine",
            },
          },
        },
      },
    }
    """

  /// Ten people each are a chain of bosses; 21 to 24 are below 25, whose boss is not there.
  private func fixture(setAside: String = "auto") throws -> RunFixture {
    let plan = Self.plan.replacing("LOADING", with: setAside)
    return try RunFixture(
      plan: PlanReader.read(bytes: Array(plan.utf8)),
      sourceSQL: """
        create table old_departments (id integer primary key, head integer);
        create table old_people (id integer primary key, department integer, boss integer);
        insert into old_departments select n, n * 10 from generate_series(1, 100) n;
        update old_departments set head = 22 where id = 1;
        update old_departments set head = 8888 where id = 2;
        insert into old_people select n, n % 100 + 1, case when n % 10 > 0 then n + 1 end
          from generate_series(1, 3000) n;
        update old_people set boss = 9999 where id = 25;
        """,
      targetSQL: """
        create table departments (id uuid primary key, head uuid);
        create table people (
          id uuid primary key, number integer unique,
          department uuid not null references departments, boss uuid references people);
        alter table departments add foreign key (head) references people;
        """)
  }

  private func check(_ fixture: RunFixture) throws {
    #expect(
      try psql(
        fixture.target.url,
        """
        select string_agg((key->>'id') || code || reason || column_name || (row->>'boss'), ' '
          order by (key->>'id')::int) from migrate.quarantine
        """)
        == "21ERR_004orphanboss22 22ERR_004orphanboss23 23ERR_004orphanboss24 "
        + "24ERR_004orphanboss25 25ERR_004orphanboss9999")
    #expect(try fixture.count("people") == 2995)
    try fixture.expectFingerprintsHold()
    #expect(try fixture.count("people", where: "number between 21 and 25") == 0)
    #expect(try fixture.count("departments", where: "head is null") == 2)
    #expect(
      try fixture.count(
        "pg_constraint", where: "contype = 'f' and convalidated and conname !~ '_id_'")
        >= 3)
    #expect(
      try psql(
        fixture.target.url,
        """
        select sum(rows_read) || ' ' || sum(rows_loaded) || ' ' || sum(rows_quarantined)
        from migrate.chunk
        """) == "3100 3095 5")
    #expect(
      try psql(
        fixture.target.url,
        "select column_name || reason || count || jsonb_array_length(examples) from migrate.warning"
      )
        == "headorphan22")
  }

  @Test(arguments: [(1, "auto"), (3, "auto"), (3, "never")])
  func orphansAreFoundBeforeTheForeignKeysComeBack(lanes: Int, setAside: String) throws {
    let fixture = try fixture(setAside: setAside)
    let outcome = try fixture.run {
      $0.tuning.batchSize = 200; $0.tuning.lanes = .exactly(lanes)
    }
    #expect(outcome.ending == .completed)
    #expect(outcome.tables.allSatisfy { $0.sheet.closes })
    #expect(outcome.openRows == 5)
    try check(fixture)
    // Row by row, those that were fixed come back, bosses first.
    try psql(fixture.source.url, "update old_people set boss = null where id = 25")
    var loaded = 0
    for _ in 0..<5 { loaded += try QuarantineRetry.run(fixture.request()).first?.loaded ?? 0 }
    #expect(loaded == 5)
    #expect(try fixture.count("people") == 3000)
    try fixture.expectFingerprintsHold()
  }

  /// Rows of others may refer to nothing if no foreign key forbids it; they are not ours to repair.
  @Test func rowsThatWereThereBeforeAreLeftAlone() throws {
    let fixture = try fixture()
    let (department, person) = (
      "11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
    )
    try psql(
      fixture.target.url,
      """
      alter table departments drop constraint departments_head_fkey;
      alter table people drop constraint people_boss_fkey;
      insert into departments values ('\(department)', '\(person)');
      insert into people values ('\(department)', -1, '\(department)', '\(person)');
      """)
    #expect(try fixture.run().ending == .completed)
    #expect(try fixture.count("people") == 2996)
    #expect(try fixture.count("people", where: "number = -1 and boss = '\(person)'") == 1)
    #expect(try fixture.count("departments", where: "head = '\(person)'") == 1)
    #expect(try fixture.count("departments", where: "head is null") == 2)
    try fixture.expectFingerprintsHold()
    // Every other row bears a transaction that the ledger names.
    #expect(
      try psql(
        fixture.target.url,
        """
        select count(*) from departments d where d.xmin::text::bigint in (
          select w.xid & 4294967295 from migrate.write w join migrate.table_state t on t.id = w.table_id
          where t.name = 'departments' and w.kind = 'late null')
        """) == "2")
  }

  /// Rows that are quarantined late are found by their primary key, which is off for the load.
  @Test func orphansAreFoundWhereTheKeyWasSetAside() throws {
    let fixture = try fixture(setAside: "always")
    let outcome = try fixture.run { $0.tuning.batchSize = 200 }
    #expect(outcome.ending == .completed)
    #expect(
      try fixture.count("migrate.set_aside", where: "kind = 'primary key' and status = 'restored'")
        == 1)
    try check(fixture)
  }

  @Test func halfACircleKeepsItsForeignKeysOff() throws {
    let fixture = try fixture()
    let half = try fixture.run {
      $0.tables = ["departments"]; $0.force = true
    }
    #expect(half.ending == .completed)
    #expect(try fixture.count("migrate.set_aside", where: "status <> 'restored'") == 1)
    #expect(try fixture.run().ending == .completed)
    try check(fixture)
  }

  @Test func aDryRunFindsTheSame() throws {
    let fixture = try fixture()
    let outcome = try fixture.run { $0.dryRun = true }
    #expect(outcome.openRows == 5)
    #expect(outcome.tables.first { $0.name == "departments" }?.sheet.warned == 2)
    #expect(try fixture.count("people") == 0)
    #expect(try fixture.count("pg_constraint", where: "contype = 'f'") == 3)
  }

  /// The rows that others refer to are beyond the limit, and would be there.
  @Test func aDryRunOfAPartDoesNotCallRowsOrphans() throws {
    let fixture = try fixture()
    try psql(fixture.source.url, "update old_people set boss = id + 1 where id % 10 = 0")
    try psql(fixture.source.url, "update old_people set boss = null where id = 3000")
    let first = try fixture.run {
      $0.dryRun = true; $0.rowLimit = 20
    }
    #expect(first.openRows == 0)
    #expect(first.tables.first { $0.name == "departments" }?.sheet.warned == 1)
    let people = try fixture.run {
      $0.dryRun = true; $0.tables = ["people"]; $0.force = true; $0.rowLimit = 100
    }
    #expect(people.openRows == 1)
    #expect(try fixture.count("pg_constraint", where: "contype = 'f'") == 3)
  }

  @Test func warningsKeepTheKeysOfAFewRows() throws {
    let plan = """
      {
        name: "mail", source: { kind: "postgres" },
        tables: { mail: { from: "old", key: "id",
          columns: { id: "id", address: { from: "address", email: "null" } } } },
      }
      """
    let fixture = try RunFixture(
      plan: PlanReader.read(bytes: Array(plan.utf8)),
      sourceSQL: """
        create table old (id integer primary key, address text);
        insert into old select n, case when n % 10 = 0 then 'none' else 'a@b.de' end
        from generate_series(1, 1000) n;
        """, targetSQL: "create table mail (id integer primary key, address text);")
    let outcome = try fixture.run { $0.tuning.batchSize = 300 }
    let ledger = try Ledger(Connection(to: ConnectionString(fixture.target.url)))
    let warnings = try ledger.warnings(session: outcome.session)
    #expect(warnings.count == 1)
    #expect(warnings.first?.warning.count == 100)
    #expect(
      warnings.first?.warning.examples
        == [10, 20, 30, 40, 50].map { ["id": .int($0)] as JSONValue })
  }
}

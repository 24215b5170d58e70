import MigrationCore
import Postgres
import TestSupport
import Testing

/// A foreign key that can't come back, because of rows that the migration does not know as its own any more.
@Suite struct RunDanglingRowsTests {
  private static let plan = """
    {
      name: "staff", source: { kind: "postgres" }, limits: { warnAt: "100%", stopAt: "100%" },
      tables: {
        people: {
          from: "old_people", key: "id",
          columns: {
            id: "id", number: "id",
            boss: { reference: "people", by: { id: "boss" }, orphan: "quarantine" },
          },
        },
      },
    }
    """

  private func fixture() throws -> RunFixture {
    try RunFixture(
      plan: PlanReader.read(bytes: Array(Self.plan.utf8)),
      sourceSQL: """
        create table old_people (id integer primary key, boss integer);
        insert into old_people select n, case when n % 10 > 0 then n + 1 end from generate_series(1, 3000) n;
        update old_people set boss = 9999 where id = 25;
        """,
      targetSQL: """
        create table people (id integer primary key, number integer, boss integer references people);
        """)
  }

  /// Stops after the first chunks, and lets another session rewrite all rows meanwhile.
  private func stopAndRewrite(_ fixture: RunFixture) throws {
    let control = RunControl()
    let paused = try fixture.run(
      control: control,
      observer: { event in
        if case .progress(let report) = event, report.chunksDone > 0 { control.interrupt() }
      }
    ) {
      ($0.tuning.batchSize, $0.tuning.lanes, $0.tuning.throttle) = (100, 1, 90)
    }
    #expect(paused.ending == .paused(.interrupted))
    #expect(try fixture.count("people", where: "id = 25") == 1)
    try psql(fixture.target.url, "alter table people alter number type bigint")
  }

  @Test func theyAreNamedWithTheWayOut() throws {
    let fixture = try fixture()
    try stopAndRewrite(fixture)
    for _ in 1...2 {
      let error = try #require(throws: MigrationError.self) { try fixture.run() }
      #expect(error.kind == .coded(.foreignKey))
      #expect(error.reason == "danglingRows")
      #expect(
        error.what
          == "1 orphan in public.people: boss matches no row of public.people, such as 9999"
      )
      #expect(error.remedy?.contains("migrate run --fresh --empty-tables") == true)
    }
    let anew = try fixture.run { ($0.fresh, $0.emptiesTables) = (true, true) }
    #expect(anew.ending == .completed)
    // The chain of bosses below the one who refers to no one is deleted too.
    #expect(try fixture.count("people") == 2995)
    #expect(
      try fixture.count(
        "pg_constraint", where: "contype = 'f' and convalidated and conname = 'people_boss_fkey'")
        == 1)
  }

  @Test func theWayIsFreeOnceTheyAreCorrected() throws {
    let fixture = try fixture()
    try stopAndRewrite(fixture)
    #expect(throws: MigrationError.self) { try fixture.run() }
    try psql(fixture.target.url, "update people set boss = null where id = 25")
    #expect(try fixture.run().ending == .completed)
    #expect(try fixture.count("people") == 3000)
  }
}

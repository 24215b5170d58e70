import Foundation
import MigrationCore
import Postgres
import TestSupport
import Testing

/// Tables that refer to each other, with rows of both from before: deleted in one statement, after
/// references became null late, rows were quarantined late, and while objects are suspended.
@Suite struct RollbackCircleTests {
  private static let plan = """
    {
      name: "staff", source: { kind: "postgres" }, limits: { warnAt: "100%", stopAt: "100%" },
      tables: {
        departments: {
          from: "old_departments", key: "id", loading: { setAside: "always" },
          columns: {
            id: { id: "departments", from: "id" },
            head: { reference: "people", by: { id: { id: "people", from: "head" } }, orphan: "null" },
          },
        },
        people: {
          from: "old_people", key: "id", loading: { setAside: "always" },
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

  /// Three departments have heads who are not there, and five people have bosses who are not.
  private static let sourceSQL = """
    create table old_departments (id integer primary key, head integer);
    create table old_people (id integer primary key, department integer, boss integer);
    insert into old_departments select n, n * 10 from generate_series(1, 100) n;
    update old_departments set head = 8888 where id in (2, 50, 99);
    insert into old_people select n, n % 100 + 1, case when n % 10 > 0 then n + 1 end
      from generate_series(1, 3000) n;
    update old_people set boss = 9999 where id = 25;
    """

  private static let targetSQL = """
    create table departments (id uuid primary key, head uuid);
    create table people (
      serial serial, id uuid primary key, number integer unique,
      department uuid not null references departments, boss uuid references people);
    create index people_department on people (department);
    alter table departments add foreign key (head) references people;
    """

  private static let rowsBefore = """
    insert into departments select gen_random_uuid(), null from generate_series(1, 10);
    insert into people (id, number, department)
      select gen_random_uuid(), -n, (select id from departments order by id limit 1)
      from generate_series(1, 200) n;
    update departments set head = (select id from people order by id limit 1);
    update people set boss = (select id from people order by id desc limit 1);
    """

  /// A target with rows from before, where people are quarantined late.
  private func filled() throws -> RunFixture {
    try RunFixture(
      plan: PlanReader.read(bytes: Array(Self.plan.utf8)), sourceSQL: Self.sourceSQL,
      targetSQL: Self.targetSQL + Self.rowsBefore)
  }

  /// An empty target, whose indexes and keys are suspended for the load; all bosses are there.
  private func empty() throws -> RunFixture {
    try RunFixture(
      plan: PlanReader.read(bytes: Array(Self.plan.utf8)),
      sourceSQL: Self.sourceSQL + "update old_people set boss = null where id = 25;",
      targetSQL: Self.targetSQL)
  }

  private func rollback(
    _ fixture: RunFixture, _ scope: RollbackScope
  ) throws -> RollbackRecord {
    let ledger = try Ledger(Connection(to: ConnectionString(fixture.target.url)))
    let session = try #require(try ledger.latestSession())
    let source = try ConnectionString(fixture.source.url)
    let request = RollbackRequest(
      scope, of: session, plan: fixture.plan, target: try ConnectionString(fixture.target.url),
      sourcePlace: { .postgres(source) })
    return try Rollback.run(request, confirm: { _ in })
  }

  @Test(arguments: [1, 3]) func aCircleGoesAsOneAndComesAgain(lanes: Int) throws {
    let fixture = try filled()
    let before = try targetState(fixture.target.url)
    let outcome = try fixture.run {
      $0.tuning.batchSize = 200; $0.tuning.lanes = .exactly(lanes)
    }
    #expect(outcome.openRows == 5)
    #expect(try fixture.count("migrate.write", where: "kind = 'late null'") == 1)
    let after = try digest(of: "people", fixture.target.url, without: "serial")
    // The orphans come in after all, bosses first.
    try psql(fixture.source.url, "update old_people set boss = null where id = 25")
    for _ in 0..<5 { _ = try QuarantineRetry.run(fixture.request()) }
    #expect(try fixture.count("people") == 3200)

    let record = try rollback(fixture, .session("latest"))
    #expect(record.tables.map(\.gone).sorted() == [100, 3000])
    #expect(record.tables.allSatisfy { $0.method == "DELETE" })
    #expect(try targetState(fixture.target.url) == before)

    try psql(fixture.source.url, "update old_people set boss = 9999 where id = 25")
    #expect(try fixture.run().openRows == 5)
    #expect(try digest(of: "people", fixture.target.url, without: "serial") == after)
  }

  @Test func halfACircleCannotStay() throws {
    let fixture = try empty()
    #expect(try fixture.run().ending == .completed)
    let state = try targetState(fixture.target.url)
    for table in ["people", "departments"] {
      do {
        _ = try rollback(fixture, .tables([table]))
        Issue.record("\(table) was rolled back alone")
      } catch let error as MigrationError {
        #expect(error.kind == .coded(.rollback))
        #expect(error.remedy?.contains("--tables departments,people") == true)
      }
    }
    #expect(try targetState(fixture.target.url) == state)
  }

  /// Indexes and foreign keys are off their tables at that moment; the rows refer to rows that have
  /// not come yet.
  @Test(arguments: ["departments", "people"]) func outOfTheMiddle(of table: String) throws {
    let fixture = try empty()
    let before = try targetState(fixture.target.url)
    let control = RunControl()
    let observer: RunObserver = { event in
      if case .progress(let report) = event, report.table == table, report.chunksDone > 0 {
        control.interrupt()
      }
    }
    let paused = try fixture.run(control: control, observer: observer) {
      $0.tuning.batchSize = 5; $0.tuning.lanes = 1
    }
    #expect(paused.ending == .paused(.interrupted))
    #expect(try fixture.count("migrate.set_aside", where: "status <> 'restored'") > 0)
    _ = try rollback(fixture, .session("latest"))
    #expect(try targetState(fixture.target.url) == before)
    #expect(try fixture.run().ending == .completed)
    #expect(try fixture.count("people") == 3000)
    #expect(try fixture.count("departments", where: "head is null") == 3)
  }

  /// A row that others added while the foreign key was suspended: nothing on the server would stop
  /// the rollback from taking its department away.
  @Test func rowsThatReferThroughASetAsideForeignKeyCount() throws {
    let fixture = try empty()
    let half = try fixture.run {
      $0.tables = ["departments"]; $0.force = true
    }
    #expect(half.ending == .completed)
    let ledger = try Ledger(Connection(to: ConnectionString(fixture.target.url)))
    let people = QualifiedName(schema: "public", name: "people")
    _ = try SuspendedObjects(ledger).setAside(people, .foreignKeys)
    try psql(
      fixture.target.url,
      """
      insert into people (id, number, department)
      select gen_random_uuid(), 1, id from departments order by id limit 1
      """)
    #expect(throws: MigrationError.self) { try rollback(fixture, .session("latest")) }
    #expect(try fixture.count("departments") == 100)
  }
}

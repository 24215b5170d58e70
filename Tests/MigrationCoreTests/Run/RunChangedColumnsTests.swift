import MigrationCore
import Postgres
import Synchronization
import TestSupport
import Testing

/// Columns of the target that are changed while a table is prepared.
@Suite struct RunChangedColumnsTests {
  private static let plan = """
    {
      name: "goods", source: { kind: "postgres" }, limits: { warnAt: "100%", stopAt: "100%" },
      tables: { goods: { from: "old_goods", key: "id", sameColumns: ["id", "code", "price"] } },
    }
    """

  /// Of two rows with a code the first is taken, unless the rules refuse it.
  private func fixture() throws -> RunFixture {
    try RunFixture(
      plan: PlanReader.read(bytes: Array(Self.plan.utf8)),
      sourceSQL: """
        create table old_goods (id integer primary key, code integer, price numeric);
        insert into old_goods select n, n % 500, 1.5 from generate_series(1, 1000) n;
        """,
      targetSQL: """
        create table goods (id integer primary key, code integer unique, price numeric(10,2));
        """)
  }

  /// Runs with a change of the price's type at the moment of a step.
  private func run(_ fixture: RunFixture, changingAt moment: String) throws -> any Error {
    let target = fixture.target.url
    let hasChanged = Atomic(false)
    return try #require(throws: (any Error).self) {
      try fixture.run(
        control: RunControl(),
        observer: { event in
          guard case .preparing(_, let step) = event, step == moment,
            !hasChanged.exchange(true, ordering: .relaxed)
          else { return }
          _ = try? psql(target, "alter table goods alter price type numeric(12,0)")
        })
    }
  }

  private func expectUndisturbed(_ fixture: RunFixture) throws {
    #expect(try fixture.count("goods") == 500)
    #expect(try fixture.count("goods", where: "id > 500") == 0)
    #expect(
      try psql(
        fixture.target.url,
        "select count(*) || ' ' || count(winner) from migrate.quarantine where reason = 'duplicate'"
      )
        == "500 500")
  }

  @Test(arguments: ["look-up tables", "duplicates"])
  func duplicatesOfOtherColumnsAreNotKept(moment: String) throws {
    let fixture = try fixture()
    let error = try #require(try run(fixture, changingAt: moment) as? MigrationError)
    #expect(error.kind == .coded(.schema))
    #expect(error.what.contains("were changed"))
    #expect(try fixture.count("migrate.chunk") == 0)
    try psql(fixture.target.url, "alter table goods alter price type numeric(10,2)")
    #expect(try fixture.run().ending == .completed)
    try expectUndisturbed(fixture)
  }

  /// The table was made ready for the changed column, and nothing was loaded when it was changed back.
  @Test func aTableThatWasReadyForOtherColumnsIsMadeReadyAnew() throws {
    let fixture = try fixture()
    try psql(fixture.target.url, "alter table goods alter price type numeric(12,0)")
    let control = RunControl()
    let outcome = try fixture.run(
      control: control,
      observer: { event in
        if case .preparing(_, "duplicates") = event { control.interrupt() }
      })
    #expect(outcome.ending == .paused(.interrupted))
    #expect(try fixture.count("migrate.chunk") > 0)
    try psql(fixture.target.url, "alter table goods alter price type numeric(10,2)")
    #expect(try fixture.run().ending == .completed)
    try expectUndisturbed(fixture)
  }
}

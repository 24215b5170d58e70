import MigrationCore
import TestSupport
import Testing

/// A target table with tables that inherit from it, of which rows are loaded too.
@Suite struct HeirsEndToEndTests {
  private static let tables = """
    { staff: { from: "staff", key: "id", sameColumns: ["id", "name", "since"], unique: ["name"] },
      managers: { from: "managers", key: "id", sameColumns: ["id", "name", "since", "grade"] },
      desks: { from: "desks", key: "id", sameColumns: ["id", "owner"] } }
    """
  private static let sourceSQL = """
    create table staff (id int primary key, name text, since interval);
    create table managers (id int primary key, name text, since interval, grade int);
    create table desks (id int primary key, owner int);
    insert into staff select n, 'n' || n, '24 hours' from generate_series(1, 20) n;
    insert into managers select n, 'n' || n, '24 hours', 1 from generate_series(1, 30) n;
    insert into desks select n, n from generate_series(1, 10) n;
    """
  private static let targetSQL = """
    create table staff (id int primary key, name text, since interval);
    create table managers (grade int, primary key (id)) inherits (staff);
    create table desks (id int primary key, owner int references staff);
    create table old_desks (owner int) inherits (desks);
    """

  private func fixture(_ more: String = "") throws -> TablesFixture {
    try TablesFixture(
      tables: Self.tables, sourceSQL: Self.sourceSQL, targetSQL: Self.targetSQL + more)
  }

  private static let counts = """
    select (select count(*) from only staff), (select count(*) from only managers),
      (select count(*) from only desks)
    """

  /// Nothing that a row of `managers` has is a row of `staff`.
  @Test func eachTableCountsItsOwnRows() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.query(Self.counts) == "20|30|10")
    let validation = try fixture.migrate("validate --all --fingerprint --samples all")
    #expect(validation.exitCode == 0, "\(validation.output)\(validation.errors)")
    let state = try fixture.migrate("status --check")
    #expect(state.exitCode == 0, "\(state.output)")
    let repeated = try fixture.migrate("find-duplicates --in target")
    #expect(repeated.exitCode == 0, "\(repeated.output)\(repeated.errors)")
    let baseline = try fixture.migrate.json("baseline")
    #expect(baseline.document["target"]?["staff"] == 20, "\(baseline.document.pretty)")

    // A row that is gone is missed, whatever the heirs have.
    _ = try fixture.query("update only staff set name = 'other' where id = 15")
    let damaged = try fixture.migrate("validate --all --fingerprint --samples all")
    #expect(damaged.exitCode == 4)
    #expect(damaged.output.contains("staff"), "\(damaged.output)")
    #expect(!damaged.output.contains("managers:"), "\(damaged.output)")
  }

  @Test func aRollbackOfEachTableLeavesTheOthersAlone() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run").exitCode == 0)
    // A row of an heir refers to nothing: foreign keys are not inherited.
    _ = try fixture.query("insert into old_desks values (99, 5)")
    let part = try fixture.migrate.json("rollback --tables staff,desks --yes")
    #expect(part.exitCode == 0, "\(part.document.pretty)")
    #expect(part.document["rowsGone"] == 30)
    #expect(try fixture.query(Self.counts) == "0|30|0")
    #expect(try fixture.query("select count(*) from old_desks") == "1")
    let verification = try fixture.migrate("rollback verify")
    #expect(verification.exitCode == 0, "\(verification.output)")
    #expect(try fixture.migrate("status --check").exitCode == 0)

    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.query(Self.counts) == "20|30|10")
    let all = try fixture.migrate("rollback --session latest --yes")
    #expect(all.exitCode == 0, "\(all.errors)")
    #expect(try fixture.query(Self.counts) == "0|0|0")
    #expect(try fixture.migrate("rollback verify").exitCode == 0)
  }

  /// Rows of the heirs from before are none of the table's, and stay.
  @Test func rowsOfHeirsFromBeforeAreNotEmptiedAway() throws {
    let fixture = try fixture(
      """
      insert into managers select n, 'm' || n, '1 day', 2 from generate_series(100, 150) n;
      insert into managers select n, 'n' || n, '1 day', 2 from generate_series(1, 5) n;
      """)
    let run = try fixture.migrate("run staff")
    #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
    #expect(try fixture.query(Self.counts) == "20|56|0")
    #expect(
      try fixture.query("select rows_before from migrate.table_state where name = 'staff'") == "0")
    let rollback = try fixture.migrate.json("rollback --session latest --yes")
    #expect(rollback.exitCode == 0, "\(rollback.document.pretty)")
    #expect(try fixture.query(Self.counts) == "0|56|0")
    let verification = try fixture.migrate("rollback verify")
    #expect(verification.exitCode == 0, "\(verification.output)")
  }

  /// A row that others deleted is not made up for by one of an heir.
  @Test func corruptedRowsAreTheTablesOwn() throws {
    let fixture = try fixture()
    #expect(try fixture.migrate("run").exitCode == 0)
    _ = try fixture.query("update only staff set name = 'other' where id = 15")
    let taken = try fixture.migrate.json("rollback --corrupted --yes")
    #expect(taken.exitCode == 0, "\(taken.document.pretty)")
    #expect(try fixture.query(Self.counts) == "19|30|10")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query(Self.counts) == "20|30|10")
    #expect(try fixture.migrate("validate --all --fingerprint --samples all").exitCode == 0)
  }

  /// A partitioned table has no rows but those of its partitions.
  @Test func aPartitionedTableCountsThoseOfItsPartitions() throws {
    let fixture = try TablesFixture(
      tables:
        "{ staff: { from: \"staff\", key: \"id\", sameColumns: [\"id\", \"name\", \"since\"] } }",
      sourceSQL: Self.sourceSQL,
      targetSQL: """
        create table staff (id int primary key, name text, since interval) partition by range (id);
        create table staff_low partition of staff for values from (0) to (10);
        create table staff_rest partition of staff default;
        """)
    #expect(try fixture.migrate("run").exitCode == 0)
    let validation = try fixture.migrate("validate --all --fingerprint --samples all")
    #expect(validation.exitCode == 0, "\(validation.output)")
    #expect(try fixture.migrate("status --check").exitCode == 0)
    let rollback = try fixture.migrate.json("rollback --session latest --yes")
    #expect(rollback.document["rowsGone"] == 20)
    #expect(try fixture.migrate("rollback verify").exitCode == 0)
    #expect(try fixture.query("select count(*) from staff") == "0")
  }
}

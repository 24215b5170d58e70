import MigrationCore
import TestSupport
import Testing

/// A reference finds the row whose column has an equal value, however either of them is written.
@Suite struct LookupEqualityEndToEndTests {
  private static let keys = ["c", "n", "ts", "tz", "d", "tm", "u", "i", "b", "v"]

  private static var tables: String {
    let references = keys.map { "p_\($0): { reference: \"p\", by: { \($0): \"\($0)\" } }" }
    return """
      {
        p: { from: "p", key: "id", sameColumns: ["id", "\(keys.joined(separator: "\", \""))"] },
        child: { from: "child", key: "id", columns: { id: "id", \(references.joined(separator: ", ")) } },
      }
      """
  }

  private static let targetSQL = """
    create table p (id int primary key, c char(5) unique, n numeric unique, ts timestamp unique, tz timestamptz unique,
      d date unique, tm time unique, u uuid unique, i int unique, b bool unique, v varchar unique);
    create table child (id int primary key, \(keys.map { "p_\($0) int" }.joined(separator: ", ")))
    """

  @Test func equalValuesFindEachOther() throws {
    let columns = Self.keys.map { "\($0) text" }.joined(separator: ", ")
    let fixture = try TablesFixture(
      tables: Self.tables,
      sourceSQL: """
        create table p (id int primary key, \(columns));
        create table child (id int primary key, \(columns));
        insert into p values
          (1, 'ab ', '1.50', '2024-01-01', '2024-01-01 00:00:00+01', '2024-01-01', '10:00',
            'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '007', 'yes', 'x '),
          (2, 'cd', '-100', '2024-02-01 10:00', '2024-02-01 10:00:00Z', '2024-02-01', '11:00:00.5',
            'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '100', 'no', 'x');
        insert into child values
          (1, 'ab', '1.5', '2024-01-01 00:00:00.000', '2023-12-31 23:00:00Z', '2024-01-01', '10:00:00.0',
            'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '7', 'true', 'x '),
          (2, 'cd   ', '-100.00', '2024-02-01 10:00:00', '2024-02-01 11:00:00+01', '2024-02-01', '11:00:00.500',
            'B0EEBC999C0B4EF8BB6D6BB9BD380A11', '+100', 'f', 'x'),
          (3, 'ab x', '1', '2024-01-01', '2024-01-01 00:00:00+01', '2024-01-01', '10:00',
            'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '7', 'true', 'x ')
        """, targetSQL: Self.targetSQL)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.output)\(run.errors)")
    let ones = Self.keys.map { _ in "1" }.joined(separator: "|")
    let twos = Self.keys.map { _ in "2" }.joined(separator: "|")
    #expect(
      try fixture.query("select * from child order by id") == "1|\(ones)\n2|\(twos)")
    #expect(
      try fixture.query("select reason, key ->> 'id' from migrate.quarantine") == "orphan|3")
    let validated = try fixture.migrate("validate --all")
    #expect(validated.exitCode == 0, "\(validated.output)")
    // Changed rows are known from the source, whose look-ups a rollback repeats.
    try psql(
      fixture.target.url,
      "alter table child add t text; update child set t = 'changed' where id = 1")
    let gone = try fixture.migrate("rollback --table child --force --yes")
    #expect(gone.exitCode == 0, "\(gone.errors)")
    #expect(try fixture.query("select count(*) from child") == "0")
  }

  @Test(arguments: ["citext", "float8", "jsonb", "interval", "text collate blind"])
  func whatOnlyTheServerComparesIsRefused(_ type: String) throws {
    let fixture = try TablesFixture(
      tables: """
        {
          p: { from: "p", key: "id", columns: { id: "id" } },
          child: { from: "child", key: "id", columns: { id: "id", p: { reference: "p", by: { code: "code" } } } },
        }
        """,
      sourceSQL: """
        create table p (id int primary key);
        create table child (id int primary key, code text);
        """,
      targetSQL: """
        create extension citext;
        create collation blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create table p (id int primary key, code \(type) unique);
        create table child (id int primary key, p int)
        """)
    let checked = try fixture.migrate("plan check")
    #expect(checked.exitCode == 4)
    #expect(
      (checked.output + checked.errors).contains("rows of p cannot be looked up by code"),
      "\(checked.output)\(checked.errors)")
    #expect(try fixture.migrate("run").exitCode == 1)
  }
}

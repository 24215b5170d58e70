import MigrationCore
import TestSupport
import Testing

/// Tables and columns that bear the names that the program's own statements use.
@Suite struct OddNamesEndToEndTests {
  /// Aliases and names of results in statements on the tables of a target or source.
  private static let names = [
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "p0", "p1", "q",
    "r", "s", "t", "u", "v", "w", "x", "y", "z", "row", "rows", "key", "value", "name", "count",
    "copy", "old", "new", "feed", "place", "pair", "chunk", "expected", "found", "columns", "shown",
    "relation", "ready", "loaded", "wanted", "changed", "line", "hash", "number", "list", "own",
    "other", "read", "sample", "example", "twice", "item", "entry", "table_id", "status", "reason",
    "xid", "lower", "sum", "min", "max", "position", "source", "target", "record", "ctid_",
    "the row",
    "migrate source key 2", "select", "table", "user", "Ä \"ö\"", "migrate_row2", "$row", "d0",
  ]

  private static let quoted = names.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
  private static let json = names.map { JSONValue.text($0).compact }

  /// Every column is a text but the key, the reference to the table itself and a text of limited length.
  private func fixture() throws -> TablesFixture {
    let columns = Self.quoted.map { "\($0) text" }.joined(separator: ", ")
    let values = Self.names.indices.map { "'\($0) ' || n" }.joined(separator: ", ")
    return try TablesFixture(
      tables: """
        {
          t: {
            from: "s", key: "id", unique: [["id"], ["limited", "t"]],
            columns: {
              id: { id: "t", from: "id" }, no: "id", limited: "limited",
              self: { reference: "t", by: { id: { id: "t", from: "self" } }, orphan: "null" },
              parent: { reference: "t", by: { id: { id: "t", from: "parent" } }, orphan: "quarantine" },
              \(Self.json.map { "\($0): \($0)" }.joined(separator: ", "))
            },
          },
          pairs: { merge: "union", feeds: [\(Self.pairs(from: "x")), \(Self.pairs(from: "y"))] },
        }
        """,
      sourceSQL: """
        create table s (id integer primary key, limited text, self integer, parent integer, \(columns));
        insert into s select n, n, case n when 5 then 999 else nullif(n - 1, 0) end,
          case n when 7 then 998 else 1 end, \(values) from generate_series(1, 40) n;
        update s set limited = 'far too long' where id = 40;
        insert into s select 50, s.limited, null, null, \(Self.quoted.map { "s.\($0)" }.joined(separator: ", "))
          from s where id = 20;
        create table x (n serial primary key, id integer, t integer, g integer, q text);
        create table y (n serial primary key, id integer, t integer, g integer, q text);
        insert into x (id, t, g, q) values (1, 1, 1, 'a'), (2, 2, 2, 'b'), (2, 2, 2, 'b'),
          (40, 6, 6, 'c'), (60, 6, 6, 'c');
        insert into y (id, t, g, q) values (1, 1, 1, 'a'), (3, 3, 3, 'd'), (40, 6, 6, 'c');
        """,
      targetSQL: """
        create table t (
          id uuid primary key, no integer, limited varchar(4), self uuid references t,
          parent uuid references t, \(columns), unique (limited, t));
        create table pairs (id uuid references t, t integer, g integer, q text,
          primary key (id, t, g, q));
        """)
  }

  private static func pairs(from source: String) -> String {
    """
    { from: "\(source)", key: "n", ignore: ["n"], columns: {
      id: { reference: "t", by: { id: { id: "t", from: "id" } } }, t: "t", g: "g", q: "q" } }
    """
  }

  @Test func noCommandTakesThemForItsOwn() throws {
    let fixture = try fixture()
    let (migrate, target) = (fixture.migrate, fixture.target)
    func expect(_ line: String, _ exitCode: Int32, _ place: SourceLocation = #_sourceLocation)
      throws
    {
      let finished = try migrate(line)
      #expect(
        finished.exitCode == exitCode, "\(line): \(finished.output) \(finished.errors)",
        sourceLocation: place)
    }
    try expect("plan check", 0)
    try expect("plan profile", 4)
    try expect("run --dry-run", 5)
    try expect("run", 5)
    #expect(
      try psql(
        target.url,
        """
        select string_agg((key->>'id') || ' ' || reason, ', ' order by id)
        from migrate.quarantine where table_id = (select id from migrate.table_state where name = 't')
        """) == "40 tooLong, 50 duplicate, 7 orphan")
    #expect(try psql(target.url, "select count(*) from t where self is null") == "3")
    let all = "validate --layers counts,records,references,types,fingerprints --samples all"
    try expect(all, 0)
    // One comes in by a retry, and the pair that waits for it.
    try psql(fixture.source.url, "update s set limited = id where id = 40")
    try expect("retry", 5)
    #expect(try psql(target.url, "select count(*) from t") == "39")
    #expect(try psql(target.url, "select count(*) from pairs") == "4")
    try expect(all, 0)
    try expect("trace --table t --key 3", 0)
    try expect("errors --details", 0)

    try psql(target.url, "update t set t = 'x' where no = 6; delete from t where no = 4")
    try expect(all, 4)
    let trial = try migrate.json("quarantine corrupted")
    #expect(trial.exitCode == 5)
    #expect(trial.document["tables"]?[0]?["changed"] == 1, "\(trial.document)")
    #expect(trial.document["tables"]?[0]?["gone"] == 1)
    #expect(
      try psql(
        target.url,
        """
        select row->>'no', row->>'t', row->>'row' like '% 6' from migrate.quarantine
        where status = 'corrupted' and reason = 'corrupted'
        """) == "6|x|t")
    try expect("rollback --corrupted --table t --dry-run", 0)
    try expect("rollback --corrupted --table t --yes", 0)
    try expect("retry --table t", 5)
    try expect("backup create", 0)
    try psql(target.url, "update t set g = 'y' where no = 21")
    try expect("rollback --session latest --dry-run", 1)
    try expect("rollback --session latest --yes --force", 0)
    try expect("rollback verify", 0)
    #expect(try psql(target.url, "select count(*) from t") == "0")
    #expect(try psql(target.url, "select count(*) from pairs") == "0")
  }
}

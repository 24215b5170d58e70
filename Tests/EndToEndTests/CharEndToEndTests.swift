import MigrationCore
import TestSupport
import Testing

/// Columns of type `"char"`: one byte, or an empty text.
@Suite struct CharEndToEndTests {
  /// - Parameter more: a column that decides whether rows are sent in binary or as text.
  @Test(arguments: ["int", "interval"])
  func theEmptyValueArrives(more: String) throws {
    let value = more == "int" ? "7" : "'24 hours'"
    let fixture = try TablesFixture(
      tables: """
        { flags: { from: "flags", key: "id", columns: {
          id: "id", c: "c", list: "list", word: "c", made: "word", more: "more" } } }
        """,
      sourceSQL: """
        create table flags (id int primary key, c "char", list "char"[], word text, more \(more));
        insert into flags values (1, 'a', '{a,"",NULL}', 'x', \(value)), (2, '', '{}', '', \(value)),
          (3, null, null, null, \(value)), (4, 'b', null, 'xy', \(value)), (5, 'c', null, 'é', \(value));
        """,
      targetSQL: """
        create table flags (
          id int primary key, c "char", list "char"[], word text, made "char", more \(more));
        """)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.output)\(run.errors)")
    let rows = """
      select id, c = '' as empty, c, list, word = '' as e2, word, made = '' as e3, made from flags order by id
      """
    #expect(
      try fixture.query(rows) == """
        1|f|a|{a,"",NULL}|f|a|f|x
        2|t||{}|t||t|
        3|||||||
        """)
    #expect(
      try fixture.query(
        "select string_agg(key->>'id' || ' ' || reason, ', ') from migrate.quarantine")
        == "4 tooLong, 5 tooLong")
    let validation = try fixture.migrate("validate --all --fingerprint --samples all")
    #expect(validation.exitCode == 0, "\(validation.output)\(validation.errors)")
    try psql(fixture.source.url, "update flags set word = '' where id > 3")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(
      try fixture.query(
        "select string_agg(id || c::text, ', ' order by id) from flags where made = ''")
        == "2, 4b, 5c")
    #expect(try fixture.migrate("validate --all --fingerprint --samples all").exitCode == 0)
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
  }

  /// Bytes above 127 are no text, and go from "char" to "char" all the same.
  @Test func anyByteArrives() throws {
    let fixture = try TablesFixture(
      tables: "{ flags: { from: \"flags\", key: \"id\", sameColumns: [\"id\", \"c\"] } }",
      sourceSQL: """
        create table flags (id int primary key, c "char");
        insert into flags select n, (n - 128)::"char" from generate_series(0, 255) n;
        """,
      targetSQL: "create table flags (id int primary key, c \"char\")")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
    #expect(
      try fixture.query("select count(*) filter (where c::int = id - 128), count(*) from flags")
        == "256|256")
    let validation = try fixture.migrate("validate --all --fingerprint")
    #expect(validation.exitCode == 0, "\(validation.output)\(validation.errors)")
  }

  @Test func theEmptyValueIsAKeyLikeOthers() throws {
    let fixture = try TablesFixture(
      tables: """
        { flags: { from: "flags", key: "c", sameColumns: ["c", "n", "v"] },
          uses: { from: "uses", key: "id", columns: {
            id: "id", flag: { reference: "flags", by: { c: "c" }, result: "n" } } } }
        """,
      sourceSQL: """
        create table flags (c "char" primary key, n int, v text);
        insert into flags values ('', 7, 'empty, and much too long'), ('a', 1, 'a'), ('b', 2, 'b'), ('c', 3, 'c');
        create table uses (id int primary key, c "char");
        insert into uses values (1, ''), (2, 'a'), (3, 'c');
        """,
      targetSQL: """
        create table flags (c "char" primary key, n int, v varchar(9));
        create table uses (id int primary key, flag int);
        """)
    let run = try fixture.migrate("run --batch-size 1")
    #expect(run.exitCode == 5, "\(run.output)\(run.errors)")
    #expect(try fixture.query("select string_agg(c::text, ',' order by c) from flags") == "a,b,c")
    try psql(fixture.source.url, "update flags set v = 'short' where c = ''")
    let retry = try fixture.migrate("retry")
    #expect(retry.exitCode == 0, "\(retry.output)\(retry.errors)")
    #expect(try fixture.query("select v from flags where c = ''") == "short")
    #expect(
      try fixture.query("select string_agg(id || '>' || flag, ',' order by id) from uses")
        == "1>7,2>1,3>3")
    let validation = try fixture.migrate("validate --all --fingerprint --samples all")
    #expect(validation.exitCode == 0, "\(validation.output)\(validation.errors)")
  }
}

import Foundation
import MigrationCore
import TestSupport
import Testing

/// Values that are different in the source and equal in the target.
@Suite struct ConvertedDuplicatesEndToEndTests {
  struct Conversion: Sendable, CustomTestStringConvertible {
    let from: String
    let rule: String
    let into: String
    let kept: Int
    /// In the order of the rows; of equal ones the first is kept.
    let values: [String]

    var testDescription: String { "\(from) → \(into) by \(rule)" }

    init(
      _ from: String, by rule: String = "\"code\"", _ into: String, kept: Int, _ values: String...
    ) {
      (self.from, self.rule, self.into) = (from, rule, into)
      (self.kept, self.values) = (kept, values)
    }
  }

  private static let conversions = [
    Conversion("text", "integer", kept: 2, "7", "007", "+7", "8"),
    Conversion("varchar(9)", "bigint", kept: 2, "-7", "-07", "8"),
    Conversion("text", "numeric", kept: 2, "7.1", "7.10", "71e-1", "8"),
    Conversion("text", "numeric(9,3)", kept: 2, "7.1", "07.1000", "8"),
    Conversion(
      "text", "timestamp", kept: 2, "2024-01-01", "2024-01-01 00:00:00", "2024-01-01T00:00:00.0",
      "2024-01-02"),
    Conversion(
      "text", "timestamptz", kept: 2, "2024-01-01 12:00:00Z", "2024-01-01 13:00:00+01:00",
      "2024-01-02"),
    Conversion("text", "time", kept: 2, "12:00:00", "12:00:00.000", "13:00:00"),
    Conversion("text", "boolean", kept: 2, "t", "yes", "no"),
    Conversion("text", "bytea", kept: 2, #"\xAB"#, #"\xab"#, #"\x00"#),
    Conversion(
      "text", "uuid", kept: 2, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
      "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12"),
    Conversion("text", by: "{ from: \"code\", trim: true }", "integer", kept: 2, " 7", "07 ", "8"),
    Conversion(
      "text", by: "{ from: \"code\", map: { a: 1, b: 1, c: 2 } }", "integer", kept: 2, "a", "b", "c"
    ),
    Conversion("text", by: "{ from: \"code\", trim: true }", "text", kept: 2, "a", " a ", "b"),
    Conversion(
      "text", by: "{ from: \"code\", uppercase: true }", "text", kept: 3, "straße", "STRASSE", "ς",
      "σ",
      "ﬁ", "FI"),
    Conversion(
      "text", by: "{ from: \"code\", lowercase: true }", "text", kept: 2, "1\u{212A}", "1k", "2"),
    // The source's own rules know no letters beyond ASCII.
    Conversion(
      "text collate \"C\"", by: "{ from: \"code\", lowercase: true }", "text", kept: 2, "Ä", "ä",
      "b"),
    Conversion(
      "text collate caseless", by: "{ from: \"code\", lowercase: true }", "text", kept: 2, "A", "a",
      "b"
    ),
    Conversion("text collate caseless", "text", kept: 3, "A", "a", "A", "b"),
    // The uuid that is made of an id, and the same uuid as it is.
    Conversion(
      "text", by: "{ id: \"items\", from: \"code\" }", "uuid", kept: 2, "4711",
      made, "4712"),
    Conversion(
      "date", "timestamp", kept: 2, "2024-01-01", "2024-01-02", "2024-01-01"),
    Conversion("char(4)", "text", kept: 2, "a", "a  ", "b"),
    Conversion("double precision", "integer", kept: 2, "7", "7.0", "8"),
  ]

  /// The uuid that 4711 of the entity `items` becomes.
  private static let made = "eee22f3b-3c19-5460-a5b7-129ec5bcf698"

  private func fixture(_ conversion: Conversion, isIndexed: Bool) throws -> TablesFixture {
    let rows = conversion.values.enumerated().map { "(\($0), '\($1)')" }
    let caseless =
      "create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
    return try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", unique: ["code"], loading: { setAside: "always" },
            columns: { id: "id", code: \(conversion.rule) } } }
        """,
      sourceSQL: """
        \(caseless)
        create table old_items (id int primary key, code \(conversion.from));
        insert into old_items values \(rows.joined(separator: ", "));
        """,
      targetSQL: """
        create table items (id int primary key, code \(conversion.into)\(isIndexed ? " unique" : ""))
        """)
  }

  /// With a unique index in the target, and with the plan alone to say so.
  @Test(arguments: conversions, [true, false])
  func ofValuesThatBecomeEqualTheFirstIsLoaded(_ conversion: Conversion, isIndexed: Bool) throws {
    let fixture = try fixture(conversion, isIndexed: isIndexed)
    let run = try fixture.migrate("run --batch-size 2 --parallel 2")
    #expect(run.exitCode == 5, "\(run.output) \(run.errors)")
    #expect(
      try fixture.query("select count(*), count(distinct code), min(id) from items")
        == "\(conversion.kept)|\(conversion.kept)|0")
    #expect(
      try fixture.query("select count(*), min(reason), max(reason) from migrate.quarantine")
        == "\(conversion.values.count - conversion.kept)|duplicate|duplicate")
    #expect(
      try fixture.query(
        "select count(*) from pg_index where indrelid = 'items'::regclass and indisunique")
        == (isIndexed ? "2" : "1"))
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
  }

  /// Booleans and numbers, uuids and ids that uuids are made of: only the target's values count.
  @Test(arguments: [
    ("boolean", "true", "integer", "1", "\"code\"", "\"code\"", "integer"),
    (
      "uuid", made, "integer", "4711", "\"code\"", "{ id: \"items\", from: \"code\" }",
      "uuid"
    ),
    ("date", "2024-01-01", "text", "2024-01-01", "\"code\"", "\"code\"", "text"),
    ("text", "7.0", "numeric", "7.00", "\"code\"", "\"code\"", "numeric"),
    ("text", " AB-12 ", "text", "AB-12", "{ from: \"code\", trim: true }", "\"code\"", "text"),
  ])
  func valuesOfTwoFeedsThatBecomeEqualAreFound(
    _ one: String, _ value: String, _ other: String, _ second: String, _ rule: String,
    _ otherRule: String, _ into: String
  ) throws {
    let fixture = try TablesFixture(
      tables: """
        { items: { unique: ["code"], loading: { setAside: "always" }, feeds: [
          { from: "one", key: "id", columns: { id: "id", code: \(rule) } },
          { from: "other", key: "id", columns: { id: "id", code: \(otherRule) } } ] } }
        """,
      sourceSQL: """
        create table one (id int primary key, code \(one)); insert into one values (1, '\(value)');
        create table other (id int primary key, code \(other)); insert into other values (2, '\(second)');
        """,
      targetSQL: "create table items (id int primary key, code \(into) unique)")
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select count(*), min(id) from items") == "1|1")
    #expect(
      try fixture.query("select count(*), min(reason) from migrate.quarantine") == "1|duplicate")
  }

  /// 7.1 is there before; that 7.10 is the same only the plan says.
  @Test func numbersThatAreThereBeforeAreFoundWhateverTheirScale() throws {
    let fixture = try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", unique: ["code"], sameColumns: ["id", "code"] } }
        """,
      sourceSQL: """
        create table old_items (id int primary key, code numeric);
        insert into old_items values (1, 7.10), (2, 8), (3, 0.0), (4, 'NaN'), (5, 10000);
        """,
      targetSQL: """
        create table items (id int primary key, code numeric);
        insert into items values (101, 7.1), (102, null), (103, 0.000), (104, 'NaN'), (105, 10000.0);
        """)
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select count(*), count(distinct code) from items") == "6|5")
    #expect(try fixture.query("select count(*) from migrate.quarantine") == "4")
  }

  /// Others may write twice what only the plan keeps unique.
  @Test func valuesThatComeTwiceFailTheValidation() throws {
    let fixture = try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", unique: ["code"], sameColumns: ["id", "code"] } }
        """,
      sourceSQL: """
        create table old_items (id int primary key, code text);
        insert into old_items values (1, 'a'), (2, 'b'), (3, null), (4, null);
        """,
      targetSQL: "create table items (id int primary key, code text)")
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.migrate("validate").exitCode == 0)
    try psql(fixture.target.url, "insert into items values (5, 'a')")
    let validation = try fixture.migrate("validate --layers references")
    #expect(validation.exitCode == 4)
    #expect(
      validation.output.contains("1 duplicate value of code in items"),
      "\(validation.output)")
  }

  // MARK: Equality that only the server knows

  /// What makes the target's column unique in its own way.
  @Test(arguments: [
    ("text collate caseless unique", ""),
    ("text", "create unique index on items (code collate caseless)"),
    ("text", "create unique index on items (code) nulls not distinct"),
    ("bpchar unique", ""), ("jsonb unique", ""), ("double precision unique", ""),
  ])
  func whatOnlyTheServerCanTellItTells(_ column: String, _ index: String) throws {
    let kind = column.split(separator: " ")[0]
    let values =
      switch kind {
      case "jsonb": ["[1]", "[1.0]", "[2]"]
      case "double": ["0", "-0", "1"]
      case "bpchar": ["a", "a ", "b"]
      default: index.contains("nulls") ? ["a", "b", nil, nil] : ["a", "A", "b"]
      }
    let rows = values.enumerated().map { "(\($0), \($1.map { "'\($0)'" } ?? "null"))" }
    let fixture = try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", loading: { setAside: "always" },
            columns: { id: "id", code: "code" } } }
        """,
      sourceSQL: """
        create table old_items (id int primary key, code text);
        insert into old_items values \(rows.joined(separator: ", "));
        """,
      targetSQL: """
        create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create table items (id int primary key, code \(column)); \(index)
        """)
    let run = try fixture.migrate("run --batch-size 2 --parallel 2")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(
      try fixture.query("select string_agg(id::text, ',' order by id) from items")
        == (values.count == 4 ? "0,1,2" : "0,2"))
    #expect(
      try fixture.query("select count(*), min(reason) from migrate.quarantine") == "1|duplicate")
    #expect(
      try fixture.query(
        "select count(*) from pg_index where indrelid = 'items'::regclass and indisunique") == "2")
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
  }

  /// Where no index judges, the plan can't: it is refused instead of loading duplicates.
  @Test(arguments: [
    "text collate caseless", "citext", "double precision", "char(3)", "jsonb", "inet",
  ])
  func whatOnlyTheServerCouldTellIsRefusedWithoutAnIndex(_ type: String) throws {
    let fixture = try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", unique: ["code"], sameColumns: ["id", "code"] } }
        """,
      sourceSQL: "create table old_items (id int primary key, code text);",
      targetSQL: """
        create extension citext;
        create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create table items (id int primary key, code \(type))
        """)
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 4, "\(check.output)")
    #expect(
      check.output.contains("only the server knows which values of code"), "\(check.output)")
    #expect(try fixture.migrate("run").exitCode == 1)
    try psql(fixture.target.url, "create unique index on items (code)")
    #expect(try fixture.migrate("plan check").exitCode == 0)
  }

  /// Keys that a feed has, and keys that a sequence gives to the rows of another.
  @Test func keysOfFeedsAndKeysOfTheServerMayMeet() throws {
    let fixture = try TablesFixture(
      tables: """
        { items: { loading: { setAside: "always" }, feeds: [
          { from: "one", key: "id", columns: { id: "id", code: "code" } },
          { from: "other", key: "id", columns: { code: "code" }, ignore: ["id"] } ] } }
        """,
      sourceSQL: """
        create table one (id int primary key, code text); insert into one values (1, 'a'), (5, 'b');
        create table other (id int primary key, code text); insert into other values (9, 'c');
        """,
      targetSQL: "create table items (id serial primary key, code text)")
    let run = try fixture.migrate("run --batch-size 1 --parallel 2")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(
      try fixture.query(
        "select count(*), count(distinct id), count(*) filter (where id || code in ('1a', '5b')) from items"
      )
        == "3|3|2")
    #expect(
      try fixture.query("select count(*) from pg_constraint where conname = 'items_pkey'") == "1")
    #expect(try fixture.migrate("validate --layers counts,fingerprints").exitCode == 0)
  }

  // MARK: The way out

  /// Somebody writes a second row while the key is off its table.
  private func stranded() throws -> TablesFixture {
    let fixture = try TablesFixture(
      tables: """
        { items: { from: "old_items", key: "id", loading: { setAside: "always" }, chunk: 100,
            sameColumns: ["id", "code"] } }
        """,
      sourceSQL: """
        create table old_items (id int primary key, code text);
        insert into old_items select n, 'c' || n from generate_series(1, 3000) n;
        """,
      targetSQL: "create table items (id int primary key, code text)")
    let gate = try Gate("items", fixture.target.url, place: "id", level: 1000)
    try BackgroundRun(fixture.migrate, "run").killHeld(at: gate)
    try psql(fixture.target.url, "insert into items values (7, 'again')")
    let failed = try fixture.migrate("run")
    #expect(failed.exitCode == 1, "\(failed.output)")
    for word in [
      "ERR_005", "items_pkey", "GROUP BY id HAVING count(*) > 1", "migrate run --resume",
      "--fresh --empty-tables",
    ] { #expect(failed.errors.contains(word), "\(word): \(failed.errors)") }
    return fixture
  }

  private static let hasKey =
    "select count(*), count(distinct id), (select count(*) from pg_constraint where conname = 'items_pkey')"
    + " from items"

  @Test func rowsThatMeetAreCorrectedAndTheRunGoesOn() throws {
    let fixture = try stranded()
    #expect(
      try fixture.query("SELECT id, count(*) FROM items GROUP BY id HAVING count(*) > 1") == "7|2")
    try psql(fixture.target.url, "delete from items where code = 'again'")
    #expect(try fixture.migrate("run --resume").exitCode == 0)
    #expect(try fixture.query(Self.hasKey) == "3000|3000|1")
  }

  @Test func rowsThatMeetAreLeftBehindByAFreshStart() throws {
    let fixture = try stranded()
    let fresh = try fixture.migrate("run --fresh --empty-tables --yes")
    #expect(fresh.exitCode == 0, "\(fresh.errors)")
    #expect(try fixture.query(Self.hasKey) == "3000|3000|1")
  }

  @Test func rowsThatMeetAreLeftBehindByARollback() throws {
    let fixture = try stranded()
    let back = try fixture.migrate("rollback --session latest --yes")
    #expect(back.exitCode == 0, "\(back.output) \(back.errors)")
    #expect(try fixture.query(Self.hasKey) == "1|1|1")
  }
}

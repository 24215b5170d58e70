import Testing

@testable import MigrationEngine
@testable import MigrationPlan

/// The check against live tables, made of values.
@Suite struct PlanCheckTests {
  private func check(
    _ columns: String, table: String = "", more: String = "", source: PostgresTable,
    target: PostgresTable...
  ) throws -> [PlanFault] {
    let plan = try readPlan(planText(columns: columns, table: table, more: more))
    return PlanCheck.faults(of: plan, source: [source], target: target)
  }

  /// The faults of one column `c` with a rule over a source column `s`.
  private func faults(
    of rule: String, from sourceType: String, to targetType: String
  ) throws -> [PlanFault] {
    try check(
      #"id: "id", c: \#(rule)"#,
      source: liveTable("old", "id uuid, s \(sourceType)"),
      target: liveTable("t", "id uuid, c \(targetType)"))
  }

  @Test func aPartOfAColumnIsSuggestedWhereANameMeansOne() throws {
    let found = try faults(of: #""s.city""#, from: "jsonb", to: "text")
    let missing = found.first { $0.what == "old has no column s.city" }
    #expect(missing?.remedy == #"for a part of a column write { from: "s", path: "city" }"#)
  }

  @Test func aSoundPlanHasNoFault() throws {
    #expect(try faults(of: #""s""#, from: "text", to: "varchar(20)").isEmpty)
  }

  /// The table of conversions: each sort of source, and the targets that it can become.
  @Test(arguments: [
    ("boolean", "boolean integer text json"),
    ("smallint", "boolean integer numeric real text json"),
    ("bigint", "boolean integer numeric real text json"),
    ("numeric", "integer numeric real text json"), ("float8", "integer numeric real text json"),
    // Text can be tried with every type: what is not understood, the server reads.
    (
      "text",
      "boolean integer numeric real text uuid date time timestamp timestamptz json bytea interval"
    ),
    (
      "varchar(9)",
      "boolean integer numeric real text uuid date time timestamp timestamptz json bytea interval"
    ),
    ("uuid", "text uuid json bytea"), ("date", "text date timestamp timestamptz json"),
    ("time", "text time json"), ("timestamp", "text date timestamp timestamptz json"),
    ("timestamptz", "text date timestamp timestamptz json"), ("jsonb", "text json text[]"),
    ("bytea", "bytea text uuid json"), ("text[]", "text json text[]"),
    // A type that is not understood is passed on as it is, or read as text.
    (
      "interval",
      "boolean integer numeric real text uuid date time timestamp timestamptz json bytea interval"
    ),
  ]) func conversions(_ source: String, _ targets: String) throws {
    let possible = Set(targets.split(separator: " ").map(String.init))
    let all = [
      "boolean", "integer", "numeric", "real", "text", "uuid", "date", "time", "timestamp",
      "timestamptz", "json", "bytea", "interval", "text[]",
    ]
    for target in all {
      let errors = try faults(of: #""s""#, from: source, to: target).filter {
        $0.severity == .error
      }
      #expect(errors.isEmpty == possible.contains(target), "\(source) to \(target): \(errors)")
    }
  }

  @Test(arguments: [
    (#"{ from: "s", trim: true }"#, "integer", "integer", "trim works on text"),
    (#"{ from: "s", min: 0 }"#, "text", "integer", "min works on numbers"),
    (#"{ from: "s", number: true }"#, "date", "numeric", "number cannot read a date"),
    (#"{ from: "s", number: { orElse: "keep" } }"#, "text", "numeric", "did not convert"),
    (#"{ from: "s", boolean: true }"#, "numeric", "boolean", "boolean cannot read a number"),
    (#"{ from: "s", date: "dd.MM.yyyy" }"#, "integer", "date", "date cannot read a number"),
    (#"{ from: "s", date: "dd.MM.yyyy" }"#, "text", "integer", "which a date cannot become"),
    (#"{ from: "s", path: "a" }"#, "text", "text", "not into JSON"),
    (#"{ from: "s", id: "t" }"#, "date", "uuid", "cannot make a uuid from a date"),
    (#"{ from: "s", id: "t" }"#, "text", "integer", "which a uuid cannot become"),
    (#""s""#, "numeric", "interval", "which a number cannot become"),
    (#"{ object: { a: "s" } }"#, "text", "uuid", "which JSON cannot become"),
    (#"{ runTime: true }"#, "text", "uuid", "which a time cannot become"),
    (#"{ from: "s", map: { a: "1" } }"#, "text", "integer", "is not a whole number"),
  ]) func typesAreFollowed(
    _ rule: String, _ source: String, _ target: String, _ what: String
  ) throws {
    let found = try faults(of: rule, from: source, to: target)
      .filter { !$0.what.contains("no rule reads") }
    #expect(found.count == 1 && found[0].severity == .error, "\(found)")
    #expect(found.first?.what.contains(what) == true, "\(found)")
    #expect(found.first?.place.line == 5 && found.first?.remedy.isEmpty == false)
  }

  @Test(arguments: [
    (#"{ from: "s", number: true, min: 0, default: 0 }"#, "text", "integer"),
    (#"{ from: "s", number: { orElse: "keep" } }"#, "text", "jsonb"),
    (#"{ from: "s", boolean: { yes: "J" } }"#, "text", "boolean"),
    (#"{ from: "s", boolean: true }"#, "integer", "boolean"),
    (#"{ from: "s", map: { true: 1, false: 0 } }"#, "boolean", "integer"),
    (#"{ from: "s", map: { a: "x" }, unmapped: "keep" }"#, "text", "enum(x,y)"),
    (#"{ from: "s", date: ["dd.MM.yyyy HH:mm"] }"#, "text", "timestamp"),
    (#"{ from: "s", path: "a.b" }"#, "jsonb", "integer"),
    (#"{ from: { concat: ["s"] }, mask: 2 }"#, "integer", "text"),
    (#"{ array: ["s", { value: 1 }] }"#, "numeric", "jsonb"),
    (
      #"{ when: { from: "s", is: "x" }, then: { value: 1 }, else: { value: null } }"#, "text",
      "integer"
    ),
  ]) func rulesThatWork(_ rule: String, _ source: String, _ target: String) throws {
    let found = try faults(of: rule, from: source, to: target)
    #expect(found.isEmpty, "\(found)")
  }

  @Test(arguments: [
    (#""x""#, "varchar(1)", nil), (#""xy""#, "varchar(1)", "longer than 1"),
    (#""éé""#, "varchar(2)", nil), ("1", "text", "not text"), (#""a""#, "enum(a,b)", nil),
    (#""c""#, "enum(a,b)", "not a label"), ("true", "boolean", nil), ("1", "boolean", "not true"),
    ("32768", "smallint", "out of range"), ("32767", "smallint", nil),
    ("2147483648", "integer", "out of range"), ("1.5", "integer", "not a whole number"),
    ("99.99", "numeric(4,2)", nil), ("100", "numeric(4,2)", "out of range"),
    ("0.125", "numeric(4,2)", "more than 2 decimal places"), ("-0.10", "numeric(3,1)", nil),
    ("1e1", "numeric(2,0)", nil), (#""1""#, "numeric", "not a number"), ("0.5", "float8", nil),
    (#""6f9619ff-8b86-d011-b42d-00cf4fc964ff""#, "uuid", nil), (#""6f96""#, "uuid", "not a uuid"),
    (#""2025-02-28""#, "date", nil), (#""28.2.2025""#, "timestamp", "not a date"),
    (#"["USD"]"#, "jsonb", nil), (#"["a"]"#, "text[]", nil), ("[1]", "text[]", "not text"),
    (#""x""#, "bytea", "such a column"),
  ]) func constants(_ value: String, _ type: String, _ what: String?) throws {
    let found = try check(
      #"id: "id", c: { value: \#(value) }"#, source: liveTable("old", "id uuid"),
      target: liveTable("t", "id uuid, c \(type)"))
    #expect(found.count == (what == nil ? 0 : 1), "\(found)")
    if let what { #expect(found.first?.what.contains(what) == true, "\(found)") }
  }

  @Test(arguments: [
    (#""s""#, "text", true), (#""s""#, "text not null", false),
    (#"{ from: "s", required: true }"#, "text", false),
    (#"{ from: "s", default: "x" }"#, "text", false),
    (#"["s", { runTime: true }]"#, "timestamp", false), (#"["s", "id"]"#, "text", false),
    (#"{ from: "s", emptyToNull: true }"#, "text not null", true),
    (#"{ from: "s", email: "null" }"#, "text not null", true),
    (#"{ from: "s", map: { a: null }, unmapped: "keep" }"#, "text not null", true),
    (#"{ from: "s", number: { orElse: "null" } }"#, "text not null", true),
    (#"{ concat: ["s", "id"] }"#, "text", false),
  ]) func nullsAreFollowed(_ rule: String, _ source: String, _ warns: Bool) throws {
    let type = source.contains("timestamp") ? "timestamp" : "text"
    let target = rule.contains("number") ? "numeric" : type
    let found = try faults(of: rule, from: source, to: "\(target) not null")
    #expect(found.count == (warns ? 1 : 0), "\(found)")
    #expect(found.allSatisfy { $0.severity == .warning && $0.what.contains("must not be null") })
  }

  @Test func missingThingsAreNamedWithWhatIsNear() throws {
    let found = try check(
      #"id: "id", nmae: "s", c: "ss", g: "s""#, table: #"ignore: ["nothing", "s"],"#,
      source: liveTable("old", "id uuid, s text, left_behind text, other text"),
      target: liveTable("t", "id uuid, name text, c text, g text generated, must integer not null"))
    let texts = found.map(\.what)
    #expect(texts.contains("t has no column nmae"))
    #expect(found.first { $0.what == "t has no column nmae" }?.remedy == "did you mean name?")
    #expect(texts.contains("old has no column ss"))
    #expect(texts.contains("t.g is computed by the server and cannot be written"))
    #expect(texts.contains("t.must must not be null, and no rule feeds it"))
    #expect(texts.contains("old has 2 columns that no rule reads: left_behind, other"))
    #expect(texts.contains("ignore names nothing, which old does not have"))
    #expect(texts.contains("ignore names s, which a rule reads"))
    #expect(found.count == 7, "\(texts)")
  }

  @Test func missingTables() throws {
    let found = try check(
      #"id: "id""#, source: liveTable("older", "id uuid"), target: liveTable("tt", "id uuid"))
    #expect(
      found.map(\.what) == [
        "the target has no table public.t", "the source has no table public.old",
      ])
    #expect(found.first?.place.line == 4)
  }

  @Test func keysMustBeUnique() throws {
    let target = liveTable("t", "id uuid, s text")
    let columns = #"id: "id", s: "s""#
    func found(_ source: PostgresTable, _ key: String = #""id""#) throws -> [String] {
      let text = planText(columns: columns).replacing(#"key: "id""#, with: "key: \(key)")
      return PlanCheck.faults(of: try readPlan(text), source: [source], target: [target])
        .map(\.what)
    }
    let plain = liveTable("old", "id uuid not null, s text", key: [])
    #expect(try found(plain) == ["the key (id) is not unique in old"])
    #expect(try found(plain, "[]").isEmpty)
    let loose = liveTable("old", "id uuid, s text", key: [], unique: [["id"]])
    #expect(try found(loose).first?.contains("nulls are not unique") == true)
    let keyed = liveTable("old", "id uuid, s text")
    #expect(try found(keyed, #"["s", "id"]"#).isEmpty)
    #expect(try found(keyed, "[]").first?.contains("has a primary key (id)") == true)
    #expect(try found(keyed, #""idd""#) == ["the key idd is not a column of old"])
  }

  @Test func referencesAreProvedInTheTarget() throws {
    let more = #"u: { from: "old", key: "id", columns: { id: "id", code: "s" } }"#
    let source = liveTable("old", "id uuid, s text, d date")
    let target = liveTable("t", "id uuid, u_id uuid", foreignKeys: [foreignKey("u_id", "u")])
    func found(_ way: String, _ other: PostgresTable) throws -> [String] {
      try check(
        #"id: "id", u_id: { reference: "u", by: { \#(way) } }"#, table: #"ignore: ["d", "s"],"#,
        more: more, source: source, target: target, other
      ).filter { $0.severity == .error }.map(\.what)
    }
    let unique = liveTable("u", "id uuid, code text", unique: [["code"]])
    let loose = liveTable("u", "id uuid, code text")
    #expect(try found(#"id: "id", code: "s""#, unique).isEmpty)
    #expect(
      try found(#"code: "s""#, loose) == [
        "u.code is not unique: a look-up could find several rows"
      ])
    #expect(try found(#"kode: "s""#, unique) == ["u has no column kode to look up"])
    #expect(try found(#"id: "d""#, unique) == ["u.id is a uuid, and is looked up by a date"])
  }

  @Test func uniqueSetsAndForeignKeysOfTheTarget() throws {
    let found = try check(
      #"id: "id", a: "s", b: "id""#, table: #"unique: ["a"],"#,
      source: liveTable("old", "id uuid, s text"),
      target: liveTable(
        "t", "id uuid, a text, b uuid", unique: [["b"]], foreignKeys: [foreignKey("b", "u")]))
    #expect(found.allSatisfy { $0.severity == .warning })
    #expect(
      found.map(\.what) == [
        "no unique constraint of t covers (a)",
        "(b) is unique in t, but not listed in unique",
        "b has a foreign key to u, and its rule is no reference",
      ])
  }

  @Test func circlesAreToldWithWhatTheyMean() throws {
    let text = """
      { name: "n", source: { kind: "postgres" }, tables: {
        a: { from: "x", key: "id", loading: { setAside: "never" }, columns: { id: { id: "a", from: "id" },
          b_id: { reference: "b", by: { id: { id: "b", from: "b_id" } } } } },
        b: { from: "y", key: "id", columns: { id: { id: "b", from: "id" },
          a_id: { reference: "a", by: { id: { id: "a", from: "a_id" } } } } },
      } }
      """
    let found = PlanCheck.faults(
      of: try readPlan(text),
      source: [liveTable("x", "id text, b_id text"), liveTable("y", "id text, a_id text")],
      target: [liveTable("a", "id uuid, b_id uuid"), liveTable("b", "id uuid, a_id uuid")])
    #expect(found.map(\.severity) == [.warning])
    #expect(found[0].what == "a, b refer to each other and are loaded together")
  }

  @Test func checksCompareLikeWithLike() throws {
    let found = try check(
      #"id: "id", a: "s", n: "m""#, table: #"checks: { x: "a < n", y: "n >= 0", z: "a > 1" },"#,
      source: liveTable("old", "id uuid, s date, m integer"),
      target: liveTable("t", "id uuid, a date, n integer"))
    #expect(
      found.map(\.what) == [
        "the check \"x\" compares a date with a number",
        "the check \"z\" compares a date with a number",
      ])
  }

  @Test func ofDocumentsOnlyTheCollectionsAreKnown() throws {
    let text = """
      { name: "n", source: { kind: "mongo" }, tables: { t: { from: "things", columns: {
        id: { id: "t", from: "_id" }, n: { from: "n", min: 0, default: 0 }, m: "m" } } } }
      """
    let target = liveTable("t", "id uuid, n integer not null, m text not null")
    func found(_ text: String, _ collections: String...) throws -> [String] {
      PlanCheck.faults(
        of: try readPlan(text), source: [], collections: collections, target: [target]
      ).map(\.what)
    }
    let mayBeNull = "t.m must not be null, and some rows may have no value"
    #expect(try found(text, "things") == [mayBeNull])
    #expect(try found(text, "thing") == ["the source has no collection things", mayBeNull])
    let optional = text.replacing(#"from: "things""#, with: #"from: "things", missing: "empty""#)
    #expect(try found(optional) == [mayBeNull])
    let keyed = text.replacing(#"from: "things""#, with: #"from: "things", key: "n""#)
    #expect(try found(keyed, "things") == ["the key of things is n", mayBeNull])
    let filtered = text.replacing(#"from: "things""#, with: #"from: "things", where: "a = 1""#)
    #expect(
      try found(filtered, "things")
        == ["the condition on things is not a MongoDB filter: a = 1", mayBeNull])
    let element = text.replacing(#"m: "m""#, with: "m: { element: true }")
    #expect(
      try found(element, "things") == [
        "the rule of m reads an element, and each document is one row", mayBeNull,
      ]
    )
  }

  @Test func wordsForDocumentsAreRefusedForTables() throws {
    let faults = planFaults(
      """
      { name: "n", source: { kind: "postgres" }, tables: { t: { from: "old", key: "id",
        each: "list", missing: "empty", columns: { id: "id" } } } }
      """)
    #expect(
      faults.map(\.what) == [
        "tables.t.each: \"each\" is only for plans that read MongoDB",
        "tables.t.missing: \"missing\" is only for plans that read MongoDB",
      ])
  }
}

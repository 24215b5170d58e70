import Foundation
import Mongo
import TestSupport
import Testing

/// Collections that are unlike most.
@Suite struct OddDocumentsEndToEndTests {
  private static func fixture(_ feed: String = "", columns: String = "") throws
    -> DocumentsFixture
  {
    try DocumentsFixture(
      tables: """
        { things: { from: "things", \(feed) columns: {
          id: { id: "thing", from: "_id" }, raw: { concat: ["_id"] }, n: "n", body: "body" } } }
        """,
      targetSQL: "create table things (id uuid primary key, raw text, n bigint, body jsonb)")
  }

  /// A step that is named must be one that the rule can take, and this one takes texts alone.
  @Test func theHintForANULByteFitsTheRule() throws {
    let fixture = try DocumentsFixture(
      tables: """
        { things: { from: "things", columns: { n: "n", tags: { array: ["a"] } } } }
        """, targetSQL: "create table things (n int, tags text[])")
    try fixture.insert(
      "things", [["_id": 1, "n": 1, "a": "x\u{0}y"], ["_id": 2, "n": 2, "a": "z"]])
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(
      try fixture.query("select reason, hint from migrate.quarantine")
        == "nulByte|PostgreSQL cannot store a NUL byte; correct the source, or if the rule reads a text, remove it "
        + #"with "nul": "strip" or "replace""#)
  }

  /// Ids of every type that can be one, in one collection, cut into chunks of three.
  @Test func idsOfAllTypesAreReadOnce() throws {
    let fixture = try Self.fixture()
    let ids: [BSONValue] = [
      .minKey, nil, 1, .int64(2), .double(2.5), .decimal128(try #require(Decimal128("3.25"))), "",
      "5",
      "text", ["a": 1], .binary(BSONBinary(bytes: [1, 2])),
      .binary(BSONBinary(subtype: 4, bytes: Array(0..<16))),
      .objectID(ObjectID(seconds: 1, rest: 2)), true, false, .date(-5), .date(5),
      .timestamp(BSONTimestamp(seconds: 5, increment: 6)), .maxKey, 5,
    ]
    try fixture.insert("things", ids.map { ["_id": $0, "n": 1] })
    // 5 and "5" are two ids, and one text: the higher of them is the duplicate, and null is no id for a key.
    #expect(try fixture.migrate("run --batch-size 3 --parallel 2").exitCode == 5)
    #expect(try fixture.query("select count(*) from things") == "\(ids.count - 2)")
    #expect(
      try fixture.query(
        "select string_agg(reason || ' ' || coalesce(key->>'_id', 'null'), ', ' order by chunk, id) from migrate.quarantine"
      )
        == "missing null, duplicate 5")
    #expect(
      try fixture.query("select count(distinct range), sum(rows_read) from migrate.chunk") == "7|20"
    )
    let live = try fixture.digest("things")
    let folder = try fixture.dump("things")
    #expect(try fixture.runAgain(from: folder, "--batch-size 3").exitCode == 5)
    #expect(try fixture.digest("things") == live)
  }

  /// Both ends of every type that an id can be of, one document a chunk: no end of a range is in two chunks or none.
  @Test(arguments: ["plain", "clustered", "named"]) func idsAtBothEndsOfTheirTypesAreReadOnce(
    _ kind: String
  ) throws {
    let fixture = try DocumentsFixture(
      tables: """
        { things: { from: "things", columns: { raw: { array: ["_id"] }, n: "n" } } }
        """,
      targetSQL: "create table things (raw jsonb, n bigint)")
    if kind != "plain" {
      var index: BSONDocument = ["key": ["_id": 1], "unique": true]
      if kind == "named" { index = ["key": ["_id": 1], "unique": true, "name": "by id"] }
      try fixture.client().createCollection(
        fixture.namespace("things"), options: ["clusteredIndex": .document(index)])
    }
    let ids: [BSONValue] = [
      .minKey, nil, .double(.nan), .double(-.infinity), .int64(.min), .double(-1.5), .double(0),
      .int32(.max), .int64(.max), .double(.greatestFiniteMagnitude), .double(.infinity), "",
      "\u{10FFFF}",
      [:], ["a": .maxKey], .binary(BSONBinary(bytes: [])),
      .binary(BSONBinary(subtype: 0xFF, bytes: [255])),
      .objectID(ObjectID(seconds: 0, rest: 0)), .objectID(ObjectID(seconds: .max, rest: .max)),
      false, true,
      .date(.min), .date(-1), .date(.max), .timestamp(BSONTimestamp(seconds: 0, increment: 1)),
      .timestamp(BSONTimestamp(seconds: .max, increment: .max)), .maxKey,
    ]
    try fixture.insert(
      "things", ids.enumerated().map { ["_id": $1, "n": .int32(Int32($0))] })
    for size in [1, 2, 5, 26, 27, 100] {
      let run = try fixture.migrate("run --fresh --empty-tables --yes --batch-size \(size)")
      #expect(run.exitCode == 0, "\(run.errors)")
      #expect(
        try fixture.query("select count(*), count(distinct n) from things")
          == "\(ids.count)|\(ids.count)", "\(size) of \(kind)")
      let validation = try fixture.migrate("validate --layers counts")
      #expect(validation.exitCode == 0, "\(validation.output)")
    }
  }

  @Test func aGapOfDecadesMakesNoEmptyChunks() throws {
    let fixture = try Self.fixture()
    let ids = (0..<500).map { ObjectID(seconds: $0 < 250 ? 1 : 2_000_000_000, rest: UInt64($0)) }
    try fixture.insert("things", ids.map { ["_id": .objectID($0)] })
    #expect(try fixture.migrate("run --batch-size 100").exitCode == 0)
    #expect(
      try fixture.query(
        "select string_agg(rows_read::text, ',' order by number) from migrate.chunk")
        == "100,100,100,100,100")
  }

  @Test func viewsCappedAndEmptyCollectionsAreRead() throws {
    let fixture = try Self.fixture()
    let client = try fixture.client()
    try client.createCollection(
      fixture.namespace("base"), options: ["capped": true, "size": 1_000_000])
    try fixture.insert("base", (0..<900).map { ["_id": .int32($0), "n": .int32($0)] })
    try client.createCollection(
      fixture.namespace("things"),
      options: ["viewOn": "base", "pipeline": [["$match": ["n": ["$lt": 700]]]]])
    #expect(try fixture.migrate("run --batch-size 200").exitCode == 0)
    #expect(try fixture.query("select count(*), sum(n) from things") == "700|244650")
    #expect(
      try fixture.query(
        "select string_agg(rows_read::text, ',' order by number) from migrate.chunk")
        == "200,200,200,100")

    try client.drop(fixture.namespace("things"))
    try client.createCollection(
      fixture.namespace("things"), options: ["capped": true, "size": 4096])
    #expect(try fixture.migrate("run --fresh --empty-tables --yes").exitCode == 0)
    #expect(try fixture.query("select count(*) from things") == "0")
    try fixture.insert("things", (0..<5).map { ["_id": .int32($0)] })
    #expect(try fixture.migrate("run --fresh --empty-tables --yes").exitCode == 0)
    #expect(try fixture.query("select count(*) from things") == "5")
  }

  @Test func conditionsAndLimitsAreKept() throws {
    let fixture = try Self.fixture(#"where: { n: { $gte: 100 } },"#)
    try fixture.insert("things", (0..<1000).map { ["_id": .int32($0), "n": .int32($0)] })
    #expect(try fixture.migrate("run --batch-size 300").exitCode == 0)
    #expect(try fixture.query("select count(*), min(n) from things") == "900|100")
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    let some = try fixture.migrate("run --limit 50 --batch-size 20")
    #expect(some.exitCode == 0)
    #expect(try fixture.query("select count(*), min(n), max(n) from things") == "50|100|149")
    var other = fixture.migrate
    other.environment["MONGODB_URL"] = try fixture.dump("things")
    let refused = try other("run --fresh --empty-tables --yes")
    #expect(refused.exitCode == 1)
    #expect(refused.errors.contains("a dump cannot be filtered by a condition"))
    // Nothing was emptied for a run that can't begin.
    #expect(try fixture.query("select count(*) from things") == "50")
  }

  @Test func largeWideAndDeepDocumentsArrive() throws {
    let fixture = try Self.fixture()
    let large = String(repeating: "x", count: (16 << 20) - 200)
    var deep: BSONValue = "bottom"
    for _ in 0..<100 { deep = ["d": deep] }
    let wide = BSONDocument((0..<10_000).map { ("f\($0)", BSONValue.int32(Int32($0))) })
    try fixture.insert(
      "things",
      [
        ["_id": 1, "body": ["text": BSONValue(large)]], ["_id": 2, "body": deep],
        ["_id": 3, "body": .document(wide)],
        ["_id": 4, "body": .array(BSONArray((0..<100_000).map { .int32($0) }))],
      ])
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(
      try fixture.query("select length(body->>'text') from things where raw = '1'")
        == "\(large.count)")
    #expect(
      try fixture.query(
        "select count(*) from things, lateral jsonb_object_keys(body) where raw = '3'") == "10000")
    #expect(
      try fixture.query("select jsonb_array_length(body) from things where raw = '4'") == "100000")
    #expect(
      try fixture.query(
        "select body #>> array_fill('d'::text, array[100]) from things where raw = '2'") == "bottom"
    )
  }
}

/// Lists of documents in arrays of types that only the server reads.
@Suite struct DocumentListsEndToEndTests {
  @Test(arguments: [false, true]) func listsBecomeArraysOfTypesThatOnlyTheServerReads(
    _ isDump: Bool
  ) throws {
    let fixture = try DocumentsFixture(
      tables: """
        { t: { from: "t", columns: { id: "_id", a: "a", b: "b", c: "c", d: "d" } } }
        """,
      targetSQL: """
        create type mood as enum ('good', 'so la la', 'a "b", {c}\\d', 'null');
        create domain short as varchar(5) check (value <> 'no');
        create table t (id int primary key, a mood[], b inet[], c interval[], d short[]);
        """)
    try fixture.insert(
      "t",
      [
        [
          "_id": 1, "a": ["good", nil, "so la la", "a \"b\", {c}\\d", "null"],
          "b": ["10.0.0.1", nil, "::1"], "c": ["1 day", "PT2H"], "d": ["x", nil],
        ],
        ["_id": 2, "a": [], "b": nil, "d": [""]],
        ["_id": 3, "a": ["bad"]],
        ["_id": 4, "b": ["no address"]],
        ["_id": 5, "a": "good"],
        ["_id": 6, "d": ["no"]],
        ["_id": 7, "d": ["too long"]],
        ["_id": 8, "a": [["good"], ["so la la"]]],
      ])
    var migrate = fixture.migrate
    if isDump { migrate.environment["MONGODB_URL"] = "dump:" + (try fixture.dump("t")) }
    let check = try migrate.json("plan check")
    #expect(check.exitCode == 0, "\(check.document.compact)")
    let run = try migrate.json("run")
    #expect(run.exitCode == 5, "\(run.document.compact)")
    #expect(
      try fixture.query("select id, a, b, c, d from t order by id") == """
        1|{good,NULL,"so la la","a \\"b\\", {c}\\\\d","null"}|{10.0.0.1,NULL,::1}|{"1 day",02:00:00}|{x,NULL}
        2|{}|||{""}
        """)
    #expect(
      try fixture.query(
        """
        select string_agg((key->'_id'->>'$numberInt') || ' ' || reason, ', ' order by id)
        from migrate.quarantine
        """)
        == "3 sqlstate22P02, 4 sqlstate22P02, 5 sqlstate22P02, 6 checkFailed, 7 sqlstate22001, "
        + "8 sqlstate22P02")
    let validation = try migrate.json("validate --all --samples all")
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
    #expect(try migrate("retry").exitCode == 5)
  }
}

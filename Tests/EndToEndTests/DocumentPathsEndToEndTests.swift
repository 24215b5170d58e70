import Foundation
import Mongo
import MigrationCore
import TestSupport
import Testing

/// Paths of a plan over documents: all values arrive, or a command says which do not.
@Suite struct DocumentPathsEndToEndTests {
  private static func fixture(_ feed: String, _ columns: String, _ sql: String) throws
    -> DocumentsFixture
  {
    try DocumentsFixture(
      tables: "{ things: { from: \"things\", \(feed) columns: { \(columns) } } }", targetSQL: sql)
  }

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }

  @Test func arraysInArraysAreReadByAllCommandsAlike() throws {
    let fixture = try Self.fixture(
      #"each: "items.options","#,
      #"doc: "_id", option: { element: true, required: true }"#,
      "create table things (doc text, option text not null, primary key (doc, option))")
    try fixture.insert(
      "things",
      [
        ["_id": 1, "items": [["options": ["x", "y"]], ["options": ["z"]]]],
        ["_id": 2, "items": ["options": ["u", nil]]],
        [
          "_id": 3,
          "items": [[["options": ["deep"]]], ["options": "single"], ["options": []], [:]],
        ],
        ["_id": 4],
      ])
    #expect(try fixture.migrate("run --dry-run").exitCode == 5)
    let (exitCode, outcome) = try fixture.migrate.json("run")
    #expect(exitCode == 5)
    #expect(items(outcome["tables"]).first?["read"] == 7)
    #expect(
      try fixture.query("select string_agg(option, ',' order by option) from things")
        == "deep,single,u,x,y,z")
    #expect(
      try fixture.query("select key::text from migrate.quarantine")
        == #"{"_id": {"$numberInt": "2"}, "element": 1}"#)
    let explained = try fixture.migrate.json("plan explain things --limit 10").document
    #expect(items(explained["rows"]).count == 7)
    for samples in ["", " --samples all"] {
      let (code, report) = try fixture.migrate.json("validate" + samples)
      #expect(code == 0)
      let counts = items(report["rowCountValidation"]?["tables"]).first
      #expect(counts?["source"] == 7)
      #expect(!report.compact.contains("were read"))
    }
    let live = try fixture.digest("things")
    let folder = try fixture.dump("things")
    #expect(try fixture.runAgain(from: "dump:" + folder).exitCode == 5)
    #expect(try fixture.digest("things") == live)
    var dumped = fixture.migrate
    dumped.environment["MONGODB_URL"] = "dump:" + folder
    let report = try dumped.json("validate --samples all")
    #expect(report.exitCode == 0)
    #expect(items(report.document["rowCountValidation"]?["tables"]).first?["source"] == 7)
    _ = try fixture.client().runCommand(
      [
        "update": "things",
        "updates": [["q": ["_id": 2], "u": ["$set": ["items.options.1": "v"]]]],
      ], on: fixture.database)
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query("select option from things where doc = '2' order by 1") == "u\nv")
  }

  @Test func theServerCountsElementsAsTheRunReadsThem() throws {
    let fixture = try Self.fixture(
      #"each: "items.options","#, #"doc: "_id", option: { element: true }"#,
      "create table things (doc text, option text)")
    // Deeper than the server's own expression goes, and numbers in paths.
    try fixture.insert(
      "things",
      [
        ["_id": 1, "items": [[[["options": ["a", "b"]]]], 5, "text", nil]],
        ["_id": 2, "items": [["options": [["x"], "y", nil]]]],
      ])
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(try fixture.query("select count(*) from things") == "5")
    let report = try fixture.migrate.json("validate --samples all").document
    #expect(items(report["rowCountValidation"]?["tables"]).first?["source"] == 5)
    let numbered = try Self.fixture(
      #"each: "items.0.options","#, #"doc: "_id", option: { element: true }"#,
      "create table things (doc text, option text)")
    try numbered.insert(
      "things", [["_id": 1, "items": [["options": ["a", "b"]], ["options": 1]]]])
    #expect(try numbered.migrate("run").exitCode == 0)
    let other = try numbered.migrate.json("validate --samples all").document
    #expect(items(other["rowCountValidation"]?["tables"]).first?["source"] == 2)
  }

  @Test func aDottedNameIsAPathForAllCommands() throws {
    let fixture = try Self.fixture(
      "", #"id: "_id", city: "addr.city", first: "tags.0", odd: { from: "odd", path: ["a.b"] }"#,
      "create table things (id int primary key, city text, first text, odd text)")
    try fixture.insert(
      "things",
      (0..<100).map {
        [
          "_id": .int32($0), "addr": ["city": BSONValue("c\($0)")], "tags": ["t"],
          "odd": ["a.b": 1],
        ]
      })
    let (exitCode, profile) = try fixture.migrate.json("plan profile")
    #expect(exitCode == 0)
    #expect(items(profile["findings"]) == [])
    #expect(try fixture.migrate("run").exitCode == 0)
    #expect(
      try fixture.query("select count(distinct city), count(first), count(odd) from things")
        == "100|100|100")
  }

  @Test func aRuleThatIsNullInEveryRowIsTold() throws {
    let fixture = try Self.fixture(
      "",
      #"id: "_id", city: { from: "addr", path: "town" }, blank: { from: "blank", emptyToNull: true }, "#
        + #"more: { object: { a: "addr", never: "addr.never" } }"#,
      "create table things (id int primary key, city text, blank text, more jsonb)")
    try fixture.insert(
      "things",
      (0..<100).map { ["_id": .int32($0), "addr": ["city": BSONValue("c\($0)")], "blank": ""] })
    let profile = try fixture.migrate.json("plan profile").document
    let kinds = items(profile["findings"]).map {
      "\($0["kind"]?.compact ?? "")\($0["path"]?.compact ?? "")"
    }
    #expect(kinds.contains(#""neverThere""addr.town""#))
    #expect(kinds.contains(#""neverThere""addr.never""#))
    #expect(kinds.contains(#""alwaysNull""blank""#))
    let finished = try fixture.migrate("run")
    #expect(finished.exitCode == 0)
    for column in ["city", "blank", "more.never"] {
      #expect(finished.output.contains("\(column) is null in every row"), "\(finished.output)")
    }
    let (code, outcome) = try fixture.migrate.json("run --fresh --empty-tables --yes")
    #expect(code == 0)
    let told = items(items(outcome["tables"]).first?["alwaysNull"]).map { $0["column"] }
    #expect(told == ["city", "blank", "more.never"])
    let (valid, report) = try fixture.migrate.json("validate")
    #expect(valid == 0)
    for column in ["city", "blank", "more.never"] {
      #expect(
        report.compact.contains("things.\(column) is null in every row"), "\(report.compact)")
    }
  }

  @Test func eachThatFindsNoElementIsTold() throws {
    let fixture = try Self.fixture(
      #"each: "item.options","#, #"doc: "_id", option: { element: true }"#,
      "create table things (doc text, option text)")
    try fixture.insert(
      "things", (0..<7).map { ["_id": .int32($0), "items": [["options": ["a"]]]] })
    let told = "each item.options finds no element in any document of things (7 documents)"
    let profile = try fixture.migrate("plan profile --json")
    #expect(profile.exitCode == 4)
    #expect(profile.output.contains("neverThere"))
    let finished = try fixture.migrate("run")
    #expect(finished.output.contains("things: " + told), "\(finished.output)")
    #expect(try fixture.migrate("validate --json").output.contains("things: " + told))
  }

  @Test func aProfileLooksAtTheRowsThatTheRunReads() throws {
    let fixture = try Self.fixture(
      #"where: { live: true }, ignore: ["live"],"#, #"id: "_id", n: "n""#,
      "create table things (id int primary key, n int)")
    try fixture.insert(
      "things",
      (0..<100).map {
        $0 % 2 == 0
          ? ["_id": .int32($0), "live": true, "n": 1]
          : ["_id": .int32($0), "live": false, "n": "no number", "old": 1]
      })
    let (exitCode, profile) = try fixture.migrate.json("plan profile")
    #expect(exitCode == 0)
    #expect(items(profile["findings"]) == [])
    #expect(items(profile["sources"]).first?["examined"] == 50)
    #expect(items(profile["sources"]).first?["total"] == 50)
  }

  @Test(.timeLimit(.minutes(5))) func longArraysAreValidatedAndExplained() throws {
    let fixture = try Self.fixture(
      #"each: "list","#, #"doc: "_id", n: { element: true }"#,
      "create table things (doc int, n int primary key)")
    try fixture.insert(
      "things",
      [
        [
          "_id": 1,
          "list": .array(
            BSONArray((0..<20_000).map { $0 % 25 == 9 ? BSONValue("x\($0)") : .int32($0) })),
        ]
      ])
    #expect(try fixture.migrate("run").exitCode == 5)
    let finished = try fixture.migrate("validate --samples all", timeout: .seconds(50))
    #expect(finished.exitCode == 0, "\(finished.output)")
    #expect(
      try fixture.migrate("plan explain things --limit 1", timeout: .seconds(50)).exitCode == 0)
  }
}

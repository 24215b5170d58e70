import Foundation
import Mongo
import MigrationCore
import TestSupport
import Testing

/// Collections become tables: from a live server and from dumps alike.
@Suite struct DocumentsEndToEndTests {
  private static let tables = """
    {
      people: {
        from: "people", unique: ["email"],
        columns: {
          id: { id: "person", from: "_id" },
          name: { from: "name", trim: true, required: true },
          email: { from: "email", lowercase: true },
          born: "born", score: "score", amount: "amount", tags: "tags",
          city: { from: "address", path: "city" }, address: "address",
        },
      },
      links: {
        from: "people", each: "friends", phase: 2,
        columns: {
          person: { id: "person", from: "_id" },
          friend: { id: "person", from: { element: true } },
        },
      },
      notes: { from: "notes", missing: "empty", columns: { id: { id: "note", from: "_id" } } },
    }
    """
  private static let schema = """
    create table people (id uuid primary key, name text not null, email text unique, born date,
      score double precision, amount numeric(12,2), tags text[], city text, address jsonb);
    create table links (person uuid, friend uuid not null);
    create table notes (id uuid primary key);
    """

  private static func id(_ number: Int) -> ObjectID {
    ObjectID(seconds: 1_700_000_000, rest: UInt64(number))
  }

  private static func person(_ number: Int) -> BSONDocument {
    [
      "_id": .objectID(id(number)), "name": BSONValue(" Person \(number) "),
      "email": BSONValue("P\(number)@Example.com"), "born": .date(Int64(number) * 86_400_000),
      "score": .double(Double(number) / 4),
      "amount": Decimal128("\(number).50").map(BSONValue.decimal128) ?? .null,
      "tags": ["a", BSONValue("t\(number % 3)")],
      "address": ["city": "Praha", "zip": .int64(11_000)],
      "friends": .array(
        BSONArray((0..<number % 4).map { .objectID(id((number + $0 + 1) % 3000)) })),
    ]
  }

  private static func people(_ count: Int) throws -> DocumentsFixture {
    let fixture = try DocumentsFixture(tables: tables, targetSQL: schema)
    try fixture.insert("people", (0..<count).map(person))
    return fixture
  }

  @Test func aCollectionBecomesTables() throws {
    let fixture = try Self.people(3000)
    #expect(try fixture.migrate("plan check").exitCode == 0)
    let (exitCode, outcome) = try fixture.migrate.json("run --batch-size 700")
    #expect(exitCode == 0)
    #expect(outcome["ending"] != nil)
    let row = try fixture.query("select * from people where name = 'Person 7'")
    #expect(
      row
        == "6553f100-0000-8000-8000-000007000000|Person 7|p7@example.com|1970-01-08|1.75|7.50|{a,t1}|Praha|{\"zip\": 11000, \"city\": \"Praha\"}"
    )
    #expect(
      try fixture.query("select count(*), min(born), max(score) from people")
        == "3000|1970-01-01|749.75")
    // 0 + 1 + 2 + 3 friends for each four people.
    #expect(try fixture.query("select count(*) from links") == "4500")
    #expect(
      try fixture.query(
        "select count(*) from links l join people p on p.id = l.person join people f on f.id = l.friend"
      )
        == "4500")
    #expect(try fixture.query("select count(*) from notes") == "0")
    #expect(
      try fixture.query(
        "select count(*) from migrate.chunk c join migrate.table_state t on t.id = c.table_id where t.name = 'people'"
      )
        == "5")
  }

  @Test func dumpsAndTheLiveServerEndInTheSame() throws {
    let fixture = try Self.people(3000)
    // Duplicates whose order in the file is not that of their keys.
    try fixture.insert("people", [Self.person(4000), Self.person(3500)].map(Self.sameEmail))
    #expect(try fixture.migrate("run").exitCode == 5)
    let live = try ["people", "links"].map(fixture.digest)
    let lost =
      "select row->'_id'->>'$oid', winner::text from migrate.quarantine q order by q.id desc limit 1"
    let loser = try fixture.query(lost)
    #expect(loser.hasPrefix(Self.id(4000).description))
    for compressed in [false, true] {
      let folder = try fixture.dump("people", compressed: compressed)
      let finished = try fixture.runAgain(from: "dump:" + folder, "--batch-size 400")
      #expect(finished.exitCode == 5, "\(finished.errors)")
      #expect(try ["people", "links"].map(fixture.digest) == live)
      #expect(try fixture.query(lost) == loser)
    }
  }

  private static func sameEmail(_ document: BSONDocument) -> BSONDocument {
    BSONDocument(document.map { ($0.key.description, $0.key == "email" ? "x@y.z" : $0.value) })
  }

  /// Archives as mongodump writes them, whose collections come in pieces.
  @Test func everyFormOfADumpIsRead() throws {
    let fixture = try DocumentsFixture(
      tables: """
        { orders: { from: "orders", columns: { id: "_id", text: "text", lines: "lines" } },
          users: { from: "users", columns: { id: { id: "user", from: "_id" }, at: "at" } } }
        """,
      targetSQL: """
        create table orders (id int primary key, text text, lines jsonb);
        create table users (id uuid primary key, at bigint);
        """)
    let folder = try TemporaryFolder()
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONPATH"] = packageRoot + "/.cache/python"
    try mustRun(
      "/usr/bin/python3", [packageRoot + "/Tests/Fixtures/dumps.py", "make", folder.path],
      environment: environment)
    for form in ["plain", "compressed", "archive", "archive.gz"] {
      let finished = try fixture.runAgain(from: "dump:\(folder.path)/\(form)", "--batch-size 150")
      #expect(finished.exitCode == 0, "\(form): \(finished.errors)")
      #expect(
        try fixture.query("select count(*), sum(id), max(text) from orders")
          == "2000|1999000|order 999 é", "\(form)")
      #expect(
        try fixture.query("select lines from orders where id = 3")
          == #"[{"n": 3, "sku": "aaa"}]"#)
      #expect(try fixture.query("select count(*), sum(at) from users") == "300|44850")
    }
    let damaged = try fixture.runAgain(from: "dump:\(folder.path)/archive-bad-crc")
    #expect(damaged.exitCode == 1)
    #expect(damaged.errors.contains("ERR_009"))
  }

  @Test func rowsAreSetAsideMendedAndLoadedOnce() throws {
    let fixture = try Self.people(200)
    var bad = Self.person(5000)
    bad = BSONDocument(bad.filter { $0.key != "name" }.map { ($0.key.description, $0.value) })
    try fixture.insert("people", [bad])
    let refused: BSONDocument = [
      "_id": "odd", "name": "Odd", "friends": [.objectID(Self.id(1)), nil, "no id at all"],
    ]
    try fixture.insert("people", [refused])
    #expect(try fixture.migrate("run").exitCode == 5)
    #expect(
      try fixture.query(
        "select t.name, q.code, q.reason, q.key, q.row->'amount' from migrate.quarantine q join migrate.table_state t on t.id = q.table_id order by q.id"
      )
        == """
        people|ERR_003|missing|{"_id": {"$oid": "\(Self.id(5000))"}}|{"$numberDecimal": "5000.50"}
        links|ERR_003|missing|{"_id": "odd", "element": 1}|
        """)
    let client = try fixture.client()
    _ = try client.runCommand(
      [
        "update": "people",
        "updates": [
          ["q": ["_id": .objectID(Self.id(5000))], "u": ["$set": ["name": "Mended"]]],
          ["q": ["_id": "odd"], "u": ["$set": ["friends.1": .objectID(Self.id(2))]]],
        ],
      ], on: fixture.database)
    let trace = try fixture.migrate("trace --table people --key \(Self.id(5000))")
    #expect(trace.exitCode == 0)
    #expect(trace.output.contains("Mended"))
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query("select count(*) from people where name = 'Mended'") == "1")
    #expect(
      try fixture.query(
        "select count(*) from links where person = (select id from people where name = 'Odd')")
        == "3")
    #expect(try fixture.migrate("retry").exitCode == 0)
    #expect(try fixture.query("select count(*) from people") == "202")
  }

  @Test func aCollectionThatIsNotThereIsToldOrEmpty() throws {
    let fixture = try DocumentsFixture(
      tables: #"{ people: { from: "peple", columns: { id: { id: "p", from: "_id" } } } }"#,
      targetSQL: "create table people (id uuid primary key)")
    try fixture.insert("people", [["_id": 1]])
    let check = try fixture.migrate("plan check")
    #expect(check.exitCode == 4)
    #expect(check.output.contains("the source has no collection peple; did you mean people?"))
    let run = try fixture.migrate("run")
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("the source has no collection peple"))
    #expect(run.errors.contains("did you mean people?"))
  }

  @Test func aServerThatIsNotThereIsAFailureOfTheConnection() throws {
    let fixture = try Self.people(1)
    var other = fixture.migrate
    other.environment["MONGODB_URL"] = "mongodb://127.0.0.1:1/db"
    #expect(try other("run").exitCode == 3)
    other.environment["MONGODB_URL"] = "dump:/nonexistent"
    #expect(try other("run").exitCode == 3)
    other.environment["MONGODB_URL"] = "mongodb://127.0.0.1:1/"
    let finished = try other("run")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains("names no database"))
  }
}

import Foundation
import Glibc
import Mongo
import MigrationCore
import TestSupport
import Testing

/// Rows without a unique key: equal ones, one `_id` twice, keys that are not unique.
@Suite struct EqualRowsEndToEndTests {
  /// A table without a key: 400 people of whom each comes three times, and 600 equal rows.
  private static let people = """
    create table old_people (name text, email text);
    insert into old_people select 'person ' || n, 'p' || n || '@example.com'
      from generate_series(1, 3) copy, generate_series(1, 400) n;
    insert into old_people select 'same', 'same@example.com' from generate_series(1, 600);
    """

  private static let plan = """
    { people: { from: "old_people", key: [], unique: [["email"]],
        columns: { name: "name", email: "email" } } }
    """

  private func fixture(_ constraint: String = "unique (email)") throws -> TablesFixture {
    try TablesFixture(
      tables: Self.plan, sourceSQL: Self.people,
      targetSQL:
        "create table people (name text, email text\(constraint.isEmpty ? "" : ", ")\(constraint))")
  }

  @Test func ofEqualRowsOneIsLoadedAndTheOthersCanBeTriedAgain() throws {
    let fixture = try fixture()
    let run = try fixture.migrate.json("run --batch-size 50 --parallel 4")
    #expect(run.exitCode == 5)
    let counts = "select count(*), count(distinct email) from people"
    #expect(try fixture.query(counts) == "401|401")
    #expect(
      try fixture.query(
        "select count(*), count(distinct reason), min(reason) from migrate.quarantine")
        == "1399|1|duplicate")
    let validation = try fixture.migrate.json("validate --all")
    #expect(validation.exitCode == 0, "\(validation.document.pretty)")

    let kept = try fixture.migrate.json("retry")
    #expect(kept.exitCode == 5)
    #expect(kept.document["left"] == 1399)
    #expect(kept.document["tables"]?[0]?["failed"] == 1399, "\(kept.document)")
    #expect(try fixture.query(counts) == "401|401")

    // The plan calls the addresses unique, too.
    try psql(fixture.target.url, "alter table people drop constraint people_email_key")
    #expect(try fixture.migrate.json("retry").exitCode == 5)
    #expect(try fixture.query(counts) == "401|401")
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.query(counts) == "0|0")
  }

  @Test func equalRowsComeOnceEachWhenTheTargetTakesThem() throws {
    let fixture = try TablesFixture(
      tables: Self.plan.replacing(" unique: [[\"email\"]],", with: ""), sourceSQL: Self.people,
      targetSQL: "create table people (name text, email text, unique (email))")
    #expect(try fixture.migrate("run --batch-size 50 --parallel 4").exitCode == 5)
    let counts = "select count(*), count(distinct email) from people"
    #expect(try fixture.query(counts) == "401|401")
    // What made them collide is gone, so that each comes once, and none twice.
    try psql(fixture.target.url, "alter table people drop constraint people_email_key")
    let loaded = try fixture.migrate.json("retry")
    #expect(loaded.exitCode == 0, "\(loaded.document)")
    #expect(try fixture.query(counts) == "1800|401")
    #expect(try fixture.migrate.json("retry").exitCode == 0)
    #expect(try fixture.query(counts) == "1800|401")
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.query(counts) == "0|0")
  }

  @Test func allOfThemAreLoadedWhereNothingMakesThemUnique() throws {
    let fixture = try TablesFixture(
      tables: Self.plan.replacing("unique: [[\"email\"]],", with: ""), sourceSQL: Self.people,
      targetSQL: "create table people (name text, email text)")
    let run = try fixture.migrate("run --batch-size 50 --parallel 4")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(try fixture.query("select count(*) from people") == "1800")
    #expect(try fixture.migrate("validate --all").exitCode == 0)
  }

  @Test func aKillBetweenTheCopiesLosesAndDoublesNone() throws {
    let fixture = try fixture()
    let gate = try Gate(
      "people", fixture.target.url, place: "coalesce(substring(name from '[0-9]+')::int, 0)",
      level: 200)
    try BackgroundRun(fixture.migrate, "run --batch-size 50 --parallel 2").killHeld(at: gate)
    #expect(
      try number(fixture.target, "select count(*) from migrate.chunk where status <> 'done'") > 0)
    let rest = try fixture.migrate("run")
    #expect(rest.exitCode == 5, "\(rest.errors)")
    #expect(try fixture.query("select count(*), count(distinct email) from people") == "401|401")
    #expect(try fixture.query("select count(*) from migrate.quarantine") == "1399")
    #expect(try fixture.migrate("validate --all").exitCode == 0)
  }

  /// The same rows in both feeds: those of the first one are kept.
  @Test func equalRowsOfTwoFeedsAreKeptOnce() throws {
    let fixture = try TablesFixture(
      tables: """
        { people: { unique: [["email"]], feeds: [
          { from: "old_people", key: [], columns: { name: "name", email: "email" } },
          { from: "more_people", key: [], columns: { name: "name", email: "email" } } ] } }
        """,
      sourceSQL: Self.people + "create table more_people as select * from old_people;",
      targetSQL: "create table people (name text, email text unique)")
    #expect(try fixture.migrate("run --batch-size 50").exitCode == 5)
    #expect(try fixture.query("select count(*), count(distinct email) from people") == "401|401")
    #expect(try fixture.query("select count(*) from migrate.quarantine where feed = 1") == "1800")
    #expect(try fixture.migrate("validate --all").exitCode == 0)
  }

  /// Equal rows of a merged table become one, and what the rules refuse of them is quarantined, copy by copy.
  @Test func equalRowsOfAMergedTableBecomeOne() throws {
    let feed = { (source: String) in
      """
      { from: "\(source)", key: [], columns: { name: "name", email: { from: "email", required: true } } }
      """
    }
    let fixture = try TablesFixture(
      tables: """
        { people: { merge: "union", feeds: [\(feed("old_people")), \(feed("more_people"))] } }
        """,
      sourceSQL: Self.people + """
        insert into old_people select 'none', null from generate_series(1, 3);
        create table more_people as select * from old_people;
        """,
      targetSQL: "create table people (name text, email text, primary key (name, email))")
    let run = try fixture.migrate("run --batch-size 50 --parallel 2")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select count(*) from people") == "401")
    #expect(
      try fixture.query("select count(*), min(reason) from migrate.quarantine") == "6|missing")
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
    #expect(try fixture.migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.query("select count(*) from people") == "0")
  }

  /// A view that is stored has places of its own, and no key.
  @Test func equalRowsOfAMaterializedViewAreKeptOnce() throws {
    let fixture = try TablesFixture(
      tables: Self.plan,
      sourceSQL: Self.people.replacing("old_people", with: "stored_people")
        + "create materialized view old_people as select * from stored_people;",
      targetSQL: "create table people (name text, email text unique)")
    let run = try fixture.migrate("run --batch-size 50 --parallel 2")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select count(*), count(distinct email) from people") == "401|401")
    #expect(try fixture.migrate("validate --all").exitCode == 0)
  }

  /// 1,000 people of whom two have the e-mail address of a third, with a key that a plan names.
  private func keyed(by key: String) throws -> TablesFixture {
    try TablesFixture(
      tables: """
        { people: { from: "old_people", key: \(key), unique: [["email"]],
            columns: { name: "name", email: "email" },
            ignore: ["tenant", "id", "note"] } }
        """,
      sourceSQL: """
        create table old_people (tenant int, id int, name text, email text, note text unique,
          primary key (tenant, id));
        insert into old_people select n / 100, n, 'person ' || n, 'p' || n || '@example.com'
          from generate_series(1, 1000) n;
        update old_people set email = 'p1@example.com' where id in (150, 250);
        """,
      targetSQL: "create table people (name text, email text unique)")
  }

  @Test func aKeyThatIsProvedNotToBeUniqueIsRefused() throws {
    let fixture = try keyed(by: #"["tenant"]"#)
    let run = try fixture.migrate("run --batch-size 60")
    #expect(run.exitCode == 1, "\(run.errors)")
    #expect(run.errors.contains("tenant"), "\(run.errors)")
    #expect(try fixture.query("select count(*) from people") == "0")
  }

  /// The columns of a key alone do not say which row is the duplicate: others may have the same.
  @Test func aKeyThatMayBeNullTakesNoOtherRowAlong() throws {
    let fixture = try keyed(by: #"["note"]"#)
    let run = try fixture.migrate("run --batch-size 60")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select count(*) from people") == "998")
    #expect(
      try fixture.query(
        "select string_agg(row ->> 'name', ', ' order by row ->> 'name') from migrate.quarantine")
        == "person 150, person 250")
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
    try psql(fixture.source.url, "update old_people set email = 'new@example.com' where id = 150")
    let retry = try fixture.migrate.json("retry")
    #expect(retry.document["left"] == 2, "\(retry.document)")
    #expect(retry.document["tables"]?[0]?["untold"] == 1, "\(retry.document)")
    #expect(retry.document["tables"]?[0]?["gone"] == 0, "\(retry.document)")
  }

  /// Rows of heirs are read with those of the table, and obey none of its keys.
  @Test func rowsOfAnHeirWithTheSameKeyAreToldApart() throws {
    let fixture = try TablesFixture(
      tables: """
        { people: { from: "old_people", key: ["id"], unique: [["id"]],
            columns: { id: "id", name: "name" } } }
        """,
      sourceSQL: """
        create table old_people (id int primary key, name text);
        create table old_heirs () inherits (old_people);
        insert into old_people select n, 'old ' || n from generate_series(1, 500) n;
        insert into old_heirs select n, 'heir ' || n from generate_series(401, 900) n;
        """,
      targetSQL: "create table people (id int primary key, name text)")
    let run = try fixture.migrate("run --batch-size 60 --parallel 3")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select count(*), max(id) from people") == "900|900")
    #expect(try fixture.query("select count(*) from migrate.quarantine") == "100")
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
  }

  /// What the rules refuse of a table without a key is found again if it is as it was, and said to be if not.
  @Test func refusedRowsWithoutAKeyAreFoundByWhatTheyAre() throws {
    let fixture = try TablesFixture(
      tables: """
        { people: { from: "old_people", key: [], columns: { name: "name", email: "email" } } }
        """,
      sourceSQL: """
        create table old_people (name text, email text);
        insert into old_people select 'person ' || n, case when n % 100 > 0 then 'p' || n end
          from generate_series(1, 2000) n;
        insert into old_people select 'person', null from generate_series(1, 3);
        """,
      targetSQL: "create table people (name text, email text not null)")
    #expect(try fixture.migrate("run --batch-size 100").exitCode == 5)
    #expect(try fixture.query("select count(*) from migrate.quarantine") == "23")
    #expect(try fixture.migrate("validate --all").exitCode == 0)
    #expect(try fixture.migrate.json("retry").document["tables"]?[0]?["failed"] == 23)

    try psql(fixture.source.url, "update old_people set email = 'found' where name = 'person 100'")
    try psql(fixture.target.url, "alter table people alter email drop not null")
    let (exitCode, document) = try fixture.migrate.json("retry")
    #expect(exitCode == 5)
    #expect(document["tables"]?[0]?["loaded"] == 22, "\(document)")
    #expect(document["tables"]?[0]?["untold"] == 1, "\(document)")
    #expect(document["tables"]?[0]?["gone"] == 0, "\(document)")
    #expect(try fixture.migrate("retry").output.contains("no unique key, and no equal source row"))
    #expect(try fixture.query("select count(*) from people where name = 'person'") == "3")
    let trace = try fixture.migrate("trace --table people --key x")
    #expect(trace.exitCode == 3)
    #expect(trace.errors.contains("have no key in the plan"), "\(trace.errors)")
  }

  /// The ledger keeps the members of a key in an order of its own.
  @Test func aKeyOfSeveralColumnsIsFoundAgain() throws {
    let fixture = try TablesFixture(
      tables: """
        { people: { from: "old_people", key: ["tenant", "id"], columns: { name: "name" },
            ignore: ["tenant", "id"] } }
        """,
      sourceSQL: """
        create table old_people (tenant int, id int, name text, primary key (tenant, id));
        insert into old_people select n % 7, n, nullif('person ' || n, 'person 5')
          from generate_series(1, 50) n;
        """,
      targetSQL: "create table people (name text not null)")
    #expect(try fixture.migrate("run").exitCode == 5)
    try psql(fixture.source.url, "update old_people set name = 'mended' where id = 5")
    let retry = try fixture.migrate("retry")
    #expect(retry.exitCode == 0, "\(retry.output)")
    #expect(try fixture.query("select count(*) from people where name = 'mended'") == "1")
  }
}

/// Documents of which several have one `_id`, as a dump that was put together or a view may have.
@Suite struct EqualDocumentsEndToEndTests {
  private static let limits = ", limits: { warnAt: \"99%\", stopAt: \"100%\" }"
  private static let plan = """
    { people: { from: "people", columns: { id: "_id", name: "name" } } }
    """ + limits
  private static let target = "create table people (id int primary key, name text)"

  private func dump(_ fixture: DocumentsFixture, _ documents: [BSONDocument]) throws -> String {
    let folder = fixture.migrate.folder.path + "/dump"
    let collection = try DumpWriter(folder: folder).collection("crm", "people")
    for document in documents { try collection.append(document) }
    try collection.finish()
    return folder
  }

  @Test(arguments: [false, true]) func ofOneIDInADumpTheFirstIsLoaded(killed: Bool) throws {
    let fixture = try DocumentsFixture(tables: Self.plan, targetSQL: Self.target)
    var documents: [BSONDocument] = []
    for number in 0..<900 {
      documents.append(["_id": .int32(Int32(number)), "name": BSONValue("first \(number)")])
    }
    // Copies, and others that differ; both far from the first.
    for number in 0..<300 {
      documents.append(["_id": .int32(Int32(number)), "name": BSONValue("first \(number)")])
    }
    for number in 300..<500 {
      documents.append(["_id": .int32(Int32(number)), "name": BSONValue("second \(number)")])
    }
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = "dump:" + (try dump(fixture, documents))
    if killed {
      let gate = try Gate("people", fixture.target.url, place: "id", level: 300)
      try BackgroundRun(migrate, "run --batch-size 100 --parallel 2").killHeld(at: gate)
    }
    let run = try migrate("run --batch-size 100 --parallel 2")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(
      try fixture.query("select count(*), count(*) filter (where name like 'first%') from people")
        == "900|900")
    #expect(try fixture.query("select count(*) from migrate.quarantine") == "500")
    let validation = try migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
    let retry = try migrate.json("retry")
    #expect(retry.document["tables"]?[0]?["failed"] == 500, "\(retry.document)")
    #expect(try fixture.query("select count(*) from people where name like 'first%'") == "900")
    let trace = try migrate.json("trace --table people --key 400")
    #expect(trace.document["traces"]?[0]?["quarantined"] == [])
    #expect(trace.document["traces"]?[1]?["quarantined"]?[0]?["reason"] != nil)

    try psql(fixture.target.url, "alter table people drop constraint people_pkey")
    #expect(try migrate("retry").exitCode == 0)
    #expect(
      try fixture.query("select count(*), count(*) filter (where name like 'first%') from people")
        == "1400|1200")
    #expect(try migrate("rollback --session latest --yes").exitCode == 0)
    #expect(try fixture.query("select count(*) from people") == "0")
  }

  /// A row that was corrected is found by its key, if only one document has it.
  @Test func aCorrectedDocumentOfANewDumpIsFound() throws {
    let fixture = try DocumentsFixture(
      tables: Self.plan, targetSQL: "create table people (id int primary key, name text not null)")
    var migrate = fixture.migrate
    let first = try dump(fixture, [["_id": 1, "name": "one"], ["_id": 2]])
    migrate.environment["MONGODB_URL"] = "dump:" + first
    #expect(try migrate("run").exitCode == 5)
    try FileManager.default.removeItem(atPath: first)
    _ = try dump(fixture, [["_id": 1, "name": "one"], ["_id": 2, "name": "two"]])
    #expect(try migrate("validate --all").exitCode == 0)
    let retry = try migrate("retry")
    #expect(retry.exitCode == 0, "\(retry.output)")
    #expect(try fixture.query("select string_agg(name, ',' order by id) from people") == "one,two")
  }

  @Test func ofOneIDInAViewOneIsLoaded() throws {
    let fixture = try DocumentsFixture(
      tables: """
        { tags: { from: "tags", unique: [["tag"]], columns: { tag: "tag" } } }
        """ + Self.limits,
      targetSQL: "create table tags (tag text unique)")
    try fixture.insert(
      "people",
      (0..<300).map { number in
        let tags = [number, number + 1, number].map { BSONValue("t\($0)") }
        return ["_id": .int32(Int32(number)), "tag": .array(BSONArray(tags))]
      })
    try fixture.client().createCollection(
      fixture.namespace("tags"), options: ["viewOn": "people", "pipeline": [["$unwind": "$tag"]]])
    let run = try fixture.migrate("run --batch-size 50 --parallel 2")
    #expect(run.exitCode == 5, "\(run.errors)")
    #expect(try fixture.query("select count(*), count(distinct tag) from tags") == "301|301")
    #expect(try fixture.query("select count(*) from migrate.quarantine") == "599")
    let validation = try fixture.migrate("validate --all")
    #expect(validation.exitCode == 0, "\(validation.output)")
  }
}

/// Keys of the source that are unique, but for nulls.
@Suite struct NullableKeyEndToEndTests {
  /// No primary key in the target would keep a wrong row out.
  @Test func aRowWithAValueInItsKeyIsFoundByIt() throws {
    let fixture = try TablesFixture(
      tables: """
        { people: { from: "people", key: "code", sameColumns: ["code", "name"] },
          pairs: { from: "pairs", key: ["a", "b"], sameColumns: ["a", "b", "name"] } }
        """,
      sourceSQL: """
        create table people (code text unique, name text);
        insert into people select 'c' || n, 'n' || n from generate_series(1, 20) n;
        insert into people values (null, 'nobody'), (null, 'no name, and much too long');
        create table pairs (a int, b int, name text, unique (a, b));
        insert into pairs select n, n, 'n' || n from generate_series(1, 20) n;
        insert into pairs values (1, null, 'half'), (2, null, 'half, and much too long');
        update people set name = name || ' is much too long' where code in ('c7', 'c9');
        update pairs set name = name || ' is much too long' where b in (7, 9);
        """,
      targetSQL: """
        create table people (code text, name varchar(9));
        create table pairs (a int, b int, name varchar(9));
        """)
    #expect(try fixture.migrate("run --batch-size 5").exitCode == 5)
    #expect(try fixture.query("select count(*) from migrate.quarantine") == "6")
    try psql(
      fixture.source.url,
      """
      update people set name = 'mended' where code = 'c7' or code is null and name like 'no name%';
      delete from people where code = 'c9';
      update pairs set name = 'mended' where b = 7 or b is null and name like 'half,%';
      delete from pairs where b = 9;
      """)
    let retry = try fixture.migrate.json("retry")
    #expect(retry.exitCode == 5)
    for place in [0, 1] {
      let table = retry.document["tables"]?[place]
      #expect(table?["loaded"] == 1, "\(retry.document.pretty)")
      #expect(table?["gone"] == 1, "\(retry.document.pretty)")
    }
    #expect(try fixture.query("select code from people where name = 'mended'") == "c7")
    #expect(try fixture.query("select a, b from pairs where name = 'mended'") == "7|7")
    #expect(
      try fixture.query(
        "select string_agg(coalesce(key->>'code', key->>'a'), ',') from migrate.quarantine where status = 'open'"
      )
        != "")
    let again = try fixture.migrate.json("retry")
    #expect(again.document["tables"]?[0]?["loaded"] == 0)
  }
}

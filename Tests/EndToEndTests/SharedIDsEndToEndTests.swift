import Glibc
import Mongo
import MigrationCore
import TestSupport
import Testing

/// Documents of time series and views that share an `_id`: cut into chunks without an end of it, each read once.
@Suite struct SharedIDsEndToEndTests {
  private static let tables = """
    {
      measured: { from: "measured", columns: { v: "v" } },
      seen: { from: "seen", columns: { v: "v" } },
    }
    """
  private static let schema = "create table measured (v int); create table seen (v int);"

  /// A time series with ten sensors of ten values each, and a view of documents of which many have one `_id`.
  private func fixture() throws -> DocumentsFixture {
    let fixture = try DocumentsFixture(tables: Self.tables, targetSQL: Self.schema)
    let client = try fixture.client()
    try client.createCollection(
      fixture.namespace("measured"), options: ["timeseries": ["timeField": "t"]])
    try fixture.insert(
      "measured",
      (0..<100).map {
        ["_id": .int32(Int32($0 % 10)), "t": .date(Int64($0) * 3_600_000), "v": .int32(Int32($0))]
      })
    // One id has more rows than a chunk has at least, and some have numbers of two types.
    try fixture.insert(
      "plain",
      (0..<6000).map { number in
        let shared: BSONValue =
          switch number {
          case ..<300: .int32(Int32(number / 3))
          case ..<3500: .int32(500)
          case ..<5800: number % 2 == 0 ? .int32(600) : .double(600)
          default: BSONValue("text \(number / 7)")
          }
        return ["_id": .int32(Int32(number)), "shared": shared, "v": .int32(Int32(number))]
      })
    try client.createCollection(
      fixture.namespace("seen"),
      options: ["viewOn": "plain", "pipeline": [["$project": ["_id": "$shared", "v": 1]]]])
    return fixture
  }

  private static let counts = """
    select (select count(*) || ' ' || count(distinct v) from measured),
      (select count(*) || ' ' || count(distinct v) from seen)
    """

  @Test(arguments: ["--batch-size 7", "--batch-size 1100 --parallel 3", ""])
  func eachIsReadOnce(_ options: String) throws {
    let fixture = try fixture()
    let run = try fixture.migrate("run " + options, timeout: .seconds(120))
    #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
    #expect(try fixture.query(Self.counts) == "100 100|6000 6000")
    #expect(
      try number(fixture.target, "select count(*) from migrate.chunk where rows_read = 0") == 0)
    let validated = try fixture.migrate("validate --all")
    #expect(validated.exitCode == 0, "\(validated.output)")
  }

  /// Rows that share an id are in one chunk, so that a part may have more rows than it was given.
  @Test func aPartHasWholeIDs() throws {
    let fixture = try fixture()
    let run = try fixture.migrate("run measured --limit 5", timeout: .seconds(120))
    #expect(run.exitCode == 0, "\(run.output)\(run.errors)")
    #expect(try fixture.query("select count(*), count(distinct v % 10) from measured") == "10|1")
  }

  /// Thousands of boundaries are asked for, each of which sorts the whole view.
  @Test(arguments: [SIGTERM, SIGINT]) func aSignalEndsTheCutting(_ signal: Int32) throws {
    let fixture = try DocumentsFixture(
      tables: "{ seen: { from: \"seen\", columns: { v: \"v\" } } }",
      targetSQL: "create table seen (v int)")
    try fixture.insert("plain", (0..<20_000).map { ["_id": .int32($0), "v": .int32($0)] })
    try fixture.client().createCollection(
      fixture.namespace("seen"), options: ["viewOn": "plain", "pipeline": []])
    let run = try BackgroundRun(fixture.migrate, "run --batch-size 1")
    try eventually("the run") {
      try number(fixture.target, "select count(*) from migrate.run") == 1
    }
    usleep(300_000)
    #expect(kill(run.pid, signal) == 0)
    #expect(
      run.end(within: .seconds(30)) == (signal == SIGINT ? 7 : 143), "\(run.output)\(run.errors)")
    #expect(
      try number(fixture.target, "select count(*) from migrate.chunk") == 0)
    #expect(
      try fixture.query("select string_agg(ending, ' ') from migrate.run") == "interrupted")
    #expect(try fixture.migrate("run --batch-size 5000").exitCode == 0)
    #expect(try fixture.query("select count(*), count(distinct v) from seen") == "20000|20000")
  }
}

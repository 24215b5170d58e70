import Foundation
import MigrationCore
import Postgres
import Synchronization
import TestSupport
import Testing

/// A source and a target database, and the means to run a plan from one to the other.
final class RunFixture: Sendable {
  let source: TemporaryDatabase
  let target: TemporaryDatabase
  let folder: TemporaryFolder
  let plan: Plan

  init(plan: Plan, sourceSQL: String, targetSQL: String) throws {
    source = try TemporaryDatabase("run_source")
    target = try TemporaryDatabase("run_target")
    folder = try TemporaryFolder()
    self.plan = plan
    try psql(source.url, sourceSQL)
    try psql(target.url, targetSQL)
  }

  /// The NXT migration over sample data of the given size.
  static func nxt(customers: Int, dirty: Double) throws -> (RunFixture, SampleManifest) {
    let config = packageRoot + "/config/nxt"
    let fixture = try RunFixture(
      plan: PlanReader.read(file: config + "/plan.json5"), sourceSQL: "",
      targetSQL: targetSchema())
    let connection = try Connection(to: ConnectionString(fixture.source.url))
    let manifest = try SampleData.generate(
      SampleData.Options(customers: customers, dirty: dirty, seed: 7),
      definitions: config + "/legacy.sql", on: connection, onTable: { _, _ in })
    return (fixture, manifest)
  }

  /// Another empty target for the same source.
  func otherTarget() throws -> TemporaryDatabase {
    let other = try TemporaryDatabase("run_other")
    try psql(other.url, Self.targetSchema())
    return other
  }

  static func targetSchema() throws -> String {
    let folder = packageRoot + "/config/nxt/schema"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".up.sql") }.sorted()
    return try files.map { try String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }
      .joined(separator: "\n")
  }

  func request(
    to target: String? = nil, _ change: (inout RunRequest) -> Void = { _ in }
  ) throws -> RunRequest {
    var request = RunRequest(
      plan: plan,
      databases: RunRequest.Databases(
        source: try ConnectionString(source.url),
        target: try ConnectionString(target ?? self.target.url)))
    request.checkpointFile = folder.path + "/migration-checkpoint.json"
    request.errorLogFile = folder.path + "/migration-errors.log"
    change(&request)
    return request
  }

  func run(
    to target: String? = nil, _ change: (inout RunRequest) -> Void = { _ in }
  ) throws -> RunOutcome {
    try MigrationRun.run(try request(to: target, change))
  }

  func run(
    control: RunControl, observer: @escaping RunObserver,
    _ change: (inout RunRequest) -> Void = { _ in }
  ) throws -> RunOutcome {
    try MigrationRun.run(try request(to: nil, change), control: control, observer: observer)
  }

  /// Expects that every row reads back as it was sent, without a check of the source.
  ///
  /// - Returns: What the layer found; warnings fail nothing.
  @discardableResult
  func expectFingerprintsHold(
    _ tables: [String]? = nil, at place: SourceLocation = #_sourceLocation
  ) throws -> LayerResult {
    let layer = try fingerprints(tables)
    let found = layer.findings.filter { $0.severity != .warning }
      .map { "\($0.what): \($0.examples)" }
    #expect(layer.status == .pass, "\(found)", sourceLocation: place)
    return layer
  }

  /// Reads the rows back without a check of the source.
  func fingerprints(_ tables: [String]? = nil) throws -> LayerResult {
    var request = ValidationRequest(plan: plan)
    (request.layers, request.tables, request.withoutSource) = ([.fingerprints], tables, true)
    let report = try Validation(
      request, target: Connection(to: ConnectionString(target.url)), ledgerSchema: "migrate",
      openComparer: { throw SubprocessFailure(description: "nothing is to be compared") },
      sourcePlace: { throw SubprocessFailure(description: "the source is not to be read") },
      tell: { _ in }
    ).run()
    return try #require(report.layers.first)
  }

  func count(_ table: String, where condition: String = "true") throws -> Int {
    Int(try psql(target.url, "select count(*) from \(table) where \(condition)")) ?? -1
  }
}

/// A digest of all rows of a table with all their columns, apart from what is each session's own:
/// the time of the run, and the numbers that the target itself gives.
func digest(of table: String, _ url: String, without column: String = "") throws -> String {
  try psql(
    url,
    """
    with moment as (
      select to_timestamp(run_time / 1000000.0) at time zone 'UTC' as at
      from migrate.session order by id desc limit 1),
    line as (
      select replace(replace((to_jsonb(t) - '\(column)')::text,
        to_char(m.at, 'YYYY-MM-DD"T"HH24:MI:SS.US'), 'RUN'),
        trim('"' from to_jsonb(m.at)::text), 'RUN') as text
      from \(table) t, moment m)
    select count(*) || ' ' || coalesce(md5(string_agg(md5(text), '' order by md5(text))), '')
    from line
    """)
}

/// The digests of all NXT tables.
func digests(_ url: String) throws -> [String] {
  try [
    "customers", "suppliers", "products", "inventory", "price_lists", "price_list_items",
    "upload_history",
  ].map { table in
    let line = try digest(of: table, url, without: table == "inventory" ? "id" : "")
    return "\(table) \(line)"
  }
}

/// All indexes and constraints of the public schema, as the catalogue writes them.
func definitions(_ url: String) throws -> String {
  try psql(
    url,
    """
    select indexdef from pg_indexes where schemaname = 'public'
    union all
    select conrelid::regclass || ' ' || conname || ' ' || convalidated || ' '
      || pg_get_constraintdef(oid)
    from pg_constraint where connamespace = 'public'::regnamespace
    order by 1
    """)
}

/// Ends sessions of the tool in a database, at random times, until it is told to stop.
final class Terminator: Sendable {
  private let stopped = Atomic<Bool>(false)
  private let count = Atomic<Int>(0)
  private let done = DispatchSemaphore(value: 0)

  init(database: String, server: String, every range: ClosedRange<Double>) {
    Thread.detachNewThread { [self] in
      while !stopped.load(ordering: .acquiring) {
        Thread.sleep(forTimeInterval: .random(in: range))
        let ended = try? psql(
          server,
          """
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = '\(database)' and application_name like 'migrate%'
          order by random() limit 1
          """)
        if ended == "t" { count.add(1, ordering: .relaxed) }
      }
      done.signal()
    }
  }

  /// Stops and returns how many sessions were ended.
  func stop() -> Int {
    stopped.store(true, ordering: .releasing)
    done.wait()
    return count.load(ordering: .relaxed)
  }
}

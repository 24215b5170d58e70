import Foundation
import Glibc
import MigrationCore
import Mongo
import Postgres
import Synchronization
import TestSupport
import Testing

/// How many connections a run has, for how long it keeps them, and what it says of its servers.
@Suite(.serialized) struct RunConnectionsEndToEndTests {
  private static let lines = (1...2000).count

  /// Many chunks, and indexes that are built by several connections.
  private func fixture(_ more: String = "") throws -> PlanFixture {
    try PlanFixture(
      source: """
        create table old_items (id int primary key, name text);
        insert into old_items select n, 'item ' || n from generate_series(1, \(Self.lines)) n;
        """,
      target: """
        create table items (id int primary key, name text);
        create index on items (name); create index on items (id, name);
        create index on items (name, id); \(more)
        """,
      tables: """
        { items: { from: "old_items", key: "id", loading: { setAside: "always" },
          columns: { id: "id", name: "name" } } }
        """)
  }

  /// Makes each chunk take its time.
  private func slow(_ seconds: Double) -> String {
    """
    create function rest() returns trigger language plpgsql
      as 'begin perform pg_sleep(\(seconds)); return null; end';
    create trigger rest after insert on items for each statement execute function rest();
    """
  }

  @Test func noMoreConnectionsAreOpenThanAreAllowed() throws {
    var fixture = try fixture(slow(0.05))
    fixture.migrate.environment["DATABASE_POOL_SIZE"] = "5"
    let sessions = try Sessions([fixture.source, fixture.target])
    let finished = try fixture.migrate("run --batch-size 40 --parallel 16")
    let most = sessions.stop()
    #expect(finished.exitCode == 0, "\(finished.errors)")
    #expect(
      finished.errors.contains(
        "DATABASE_POOL_SIZE allows 5 connections to a database; 3 lanes are used instead of 16"))
    // Of a single table nothing is looked at beforehand.
    #expect(most[fixture.source.name] == 4 && most[fixture.target.name] == 5, "\(most)")
    #expect(try psql(fixture.target.url, "select count(*) from items") == "\(Self.lines)")
  }

  /// Source and target may be one database, whose connections count together.
  @Test func theConnectionsOfBothSidesCountInOneDatabase() throws {
    var fixture = try fixture()
    try psql(
      fixture.source.url, "create table items (id int primary key, name text);" + slow(0.05))
    fixture.migrate.environment["DATABASE_URL"] = fixture.source.url
    fixture.migrate.environment["DATABASE_POOL_SIZE"] = "7"
    let sessions = try Sessions([fixture.source])
    let finished = try fixture.migrate("run --batch-size 100 --parallel 4")
    let most = sessions.stop()
    #expect(finished.exitCode == 0, "\(finished.errors)")
    #expect(finished.errors.contains("1 lane is used instead of 4"))
    #expect((most[fixture.source.name] ?? 0) <= 7, "\(most)")
  }

  @Test func aPoolThatIsTooSmallIsAnError() throws {
    var fixture = try fixture()
    fixture.migrate.environment["DATABASE_POOL_SIZE"] = "2"
    let finished = try fixture.migrate("run")
    #expect(finished.exitCode == 3)
    #expect(
      finished.errors.contains(
        "the run needs 3 connections to a database, and DATABASE_POOL_SIZE allows 2"))
    #expect(
      try psql(fixture.target.url, "select count(*) from pg_namespace where nspname = 'migrate'")
        == "0")
    fixture.migrate.environment["DATABASE_POOL_SIZE"] = "3"
    let sessions = try Sessions([fixture.source, fixture.target])
    #expect(try fixture.migrate("run --batch-size 40").exitCode == 0)
    let most = sessions.stop()
    #expect(most.values.allSatisfy { $0 <= 3 }, "\(most)")
  }

  /// Connections of the time before are closed for those of the new one.
  @Test func aTimeThatIsChangedOpensNoMoreConnectionsToMongoDB() throws {
    let fixture = try DocumentsFixture(
      tables: """
        { things: { from: "things", columns: { n: "_id" } },
          others: { phase: 2, from: "others", columns: { n: "_id" } } }
        """,
      targetSQL:
        "create table things (n integer primary key); create table others (n integer primary key);"
    )
    for name in ["things", "others"] {
      try fixture.insert(name, (1...2000).map { ["_id": .int32(Int32($0))] })
    }
    var migrate = fixture.migrate
    migrate.environment["MONGODB_URL"] = fixture.mongoURL + "&appName=\(fixture.database)"
    migrate.environment["DATABASE_POOL_SIZE"] = "5"
    migrate.environment["MIGRATION_HEALTH_CHECK_INTERVAL"] = "1s"
    let run = try BackgroundRun(migrate, "run --batch-size 100 --parallel 2 --throttle 90%")
    try run.waitForChunks(2, in: fixture.target)
    #expect(try migrate("configure --timeout 77s").exitCode == 0)
    let client = try fixture.client()
    var most = 0
    while isAtWork(run.pid) {
      most = max(most, try connections(named: fixture.database, client))
      usleep(2000)
    }
    #expect(run.end() == 0, "\(run.errors)")
    #expect(most >= 2 && most <= 5, "\(most)")
    #expect(try fixture.query("select count(*) from others") == "2000")
  }

  private func connections(named name: String, _ client: MongoClient) throws -> Int {
    var found: Set<String> = []
    try client.aggregate(
      onDatabase: "admin",
      pipeline: [
        ["$currentOp": ["idleConnections": true, "allUsers": true]],
        ["$match": ["appName": BSONValue(name)]],
      ]
    ).forEach { document in
      if let peer = try document.copy()["client"]?.stringValue { found.insert(peer) }
    }
    return found.count
  }

  @Test func aBackupHasNoMoreJobsThanFit() throws {
    var fixture = try fixture()
    fixture.migrate.environment["DATABASE_POOL_SIZE"] = "4"
    let made = try fixture.migrate("backup create --jobs 6")
    #expect(made.exitCode == 0, "\(made.errors)")
    #expect(made.errors.contains("2 jobs are used instead of 6"))
    let folder = fixture.migrate.folder.path + "/backups"
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    let manifest = try String(contentsOfFile: "\(folder)/\(name)/manifest.json", encoding: .utf8)
    #expect(try JSONValue.parse(manifest)["jobs"] == 2)
  }

  /// A lane that rests gives its connection back, and what nobody needs is closed.
  @Test func idleConnectionsAreClosed() throws {
    var fixture = try fixture(slow(0.4))
    fixture.migrate.environment["DATABASE_IDLE_TIMEOUT"] = "1s"
    let run = try BackgroundRun(
      fixture.migrate, "run --batch-size 500 --parallel 1 --throttle 90%")
    try run.waitForChunks(1, in: fixture.target)
    let count =
      "select count(*) from pg_stat_activity where datname = '\(fixture.target.name)' "
      + "and application_name like 'migrate%'"
    let server = try TestServers.postgresURL()
    try eventually("the lane's connection is closed", within: .seconds(20)) {
      try psql(server, count) == "2"
    }
    try eventually("the lane's connection is opened again", within: .seconds(20)) {
      try psql(server, count) == "3"
    }
    #expect(run.end() == 0, "\(run.errors)")
    #expect(try psql(fixture.target.url, "select count(*) from items") == "\(Self.lines)")
  }

  /// Two lanes' connections are not needed while the second table is loaded by one.
  @Test func connectionsBetweenTablesAreClosed() throws {
    var fixture = try fixture("create table more (id int primary key);")
    try psql(
      fixture.target.url,
      """
      create function rest() returns trigger language plpgsql
        as 'begin perform pg_sleep(6); return null; end';
      create trigger rest after insert on more for each statement execute function rest();
      """)
    try psql(
      fixture.source.url,
      "create table old_more (id int primary key); insert into old_more values (1)")
    try fixture.write(
      """
      { items: { from: "old_items", key: "id", columns: { id: "id", name: "name" } },
        more: { phase: 2, from: "old_more", key: "id", columns: { id: "id" } } }
      """)
    fixture.migrate.environment["DATABASE_IDLE_TIMEOUT"] = "1s"
    let run = try BackgroundRun(fixture.migrate, "run --batch-size 100 --parallel 4")
    let old =
      "select count(*) from pg_stat_activity where datname = '\(fixture.target.name)' "
      + "and application_name like 'migrate%' and state = 'idle' "
      + "and state_change < clock_timestamp() - interval '3 seconds'"
    let resting =
      "select count(*) from pg_stat_activity where datname = '\(fixture.target.name)' "
      + "and wait_event = 'PgSleep' and clock_timestamp() - query_start > interval '4 seconds'"
    let server = try TestServers.postgresURL()
    try eventually("the second table is loaded") { try psql(server, resting) == "1" }
    #expect(try psql(server, old) == "0")
    #expect(run.end() == 0, "\(run.errors)")
  }

  private func health(_ fixture: PlanFixture) throws -> [JSONValue] {
    guard
      case .array(let entries)? = try fixture.migrate.json("logs --lines 1000")
        .document["entries"]
    else { return [] }
    return entries.filter { $0["event"] == "health" }
  }

  /// Freezes the server's process of one session, and waits until the log tells of it.
  private func freeze(_ session: String, of role: String, _ fixture: PlanFixture) throws {
    let run = try BackgroundRun(
      fixture.migrate, "run --batch-size 20 --parallel 1 --throttle 90%")
    try run.waitForChunks(1, in: fixture.target)
    var process: pid_t?
    try eventually("the session") {
      process = pid_t(try psql(TestServers.postgresURL(), session))
      return process != nil
    }
    let pid = try #require(process)
    kill(pid, SIGSTOP)
    defer { kill(pid, SIGCONT) }
    try eventually("a server that does not answer", within: .seconds(60)) {
      try health(fixture).contains { $0["server"] == .text(role) && $0["state"] == "silent" }
    }
    #expect(run.errors.contains("the \(role) has not answered for"))
    kill(pid, SIGCONT)
    try eventually("a server that answers again", within: .seconds(60)) {
      try health(fixture).contains { $0["server"] == .text(role) && $0["state"] == "answering" }
    }
    #expect(run.errors.contains("the \(role) answers again"))
    #expect(try fixture.migrate("configure --throttle 0").exitCode == 0)
    #expect(run.end() == 0, "\(run.errors)")
    #expect(try psql(fixture.target.url, "select count(*) from items") == "\(Self.lines)")
  }

  @Test func aSourceThatDoesNotAnswerIsTold() throws {
    var fixture = try fixture(slow(0.1))
    fixture.migrate.environment["MIGRATION_HEALTH_CHECK_INTERVAL"] = "1s"
    try freeze(
      "select pid from pg_stat_activity where datname = '\(fixture.source.name)' "
        + "and application_name like '% snapshot'", of: "source", fixture)
  }

  @Test func aTargetThatDoesNotAnswerIsTold() throws {
    var fixture = try fixture(slow(0.1))
    fixture.migrate.environment["MIGRATION_HEALTH_CHECK_INTERVAL"] = "1s"
    // The signs of life come from a session that does not hold the lock.
    try freeze(
      """
      select pid from pg_stat_activity a where datname = '\(fixture.target.name)'
        and state = 'idle' and query like '%control%' and not exists (
          select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory') limit 1
      """, of: "target", fixture)
  }
}

/// Counts the sessions of the program in some databases until it is told to stop.
private final class Sessions: Sendable {
  private let most = Mutex<[String: Int]>([:])
  private let isStopped = Atomic<Bool>(false)
  private let done = DispatchSemaphore(value: 0)

  init(_ databases: [TemporaryDatabase]) throws {
    let server = try Connection(to: ConnectionString(TestServers.postgresURL()))
    let names = databases.map(\.name)
    Thread.detachNewThread { [self] in
      while !isStopped.load(ordering: .acquiring) {
        look(names, server)
        usleep(2000)
      }
      done.signal()
    }
  }

  private func look(_ names: [String], _ server: Connection) {
    guard
      let found = try? server.query(
        """
        SELECT datname, count(*) FROM pg_stat_activity
        WHERE datname = ANY ($1) AND application_name LIKE 'migrate%' GROUP BY 1
        """, [names])
    else { return }
    most.withLock { most in
      for row in found.rows {
        most[row.string(0)] = max(most[row.string(0)] ?? 0, row.number(1))
      }
    }
  }

  /// Returns the most sessions that each database had.
  func stop() -> [String: Int] {
    isStopped.store(true, ordering: .releasing)
    done.wait()
    return most.withLock { $0 }
  }
}

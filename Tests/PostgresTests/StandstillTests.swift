import Foundation
import TestSupport
import Testing

@testable import Postgres

/// Messages whose length was damaged on the way: each side waits for the other, and neither would ever end.
@Suite struct StandstillTests {
  private static func proxy() throws -> DamagingProxy {
    let url = try #require(URLComponents(string: TestServers.postgresURL()))
    return try DamagingProxy(to: UInt16(try #require(url.port)))
  }

  private static func connect(
    _ proxy: DamagingProxy, patience: Duration = .seconds(1)
  ) throws -> Connection {
    var options = ConnectionOptions()
    options.standstillPatience = patience
    return try PostgresTests.connect(proxy.url(TestServers.postgresURL()), options: options)
  }

  /// What is done on a connection, after which the message is struck that the work then sends or gets.
  struct Case: Sendable {
    let what: String
    let damage: DamagingProxy.Damage
    let work: @Sendable (Connection) throws -> Void
  }

  static let cases = [
    Case(
      what: "the end of a statement", damage: .init(.fromServer, "C", extra: 1000)
    ) { try $0.execute("select 1") },
    Case(what: "a row", damage: .init(.fromServer, "D", extra: 1 << 20)) {
      try $0.query("select repeat('x', 1000) from generate_series(1, 10)")
    },
    Case(what: "a statement", damage: .init(.toServer, "Q", extra: 1000)) {
      try $0.execute("select 1")
    },
    Case(what: "copied in", damage: .init(.toServer, "d", extra: 1 << 24)) {
      try copyIn($0)
    },
    Case(what: "the end of a copy in", damage: .init(.toServer, "c", extra: 100)) {
      try copyIn($0)
    },
    Case(what: "copied out", damage: .init(.fromServer, "d", extra: 1 << 28)) {
      let copy = try $0.copyOut("copy (select generate_series(1, 300000)) to stdout")
      try copy.forEachRow { _ in }
    },
    Case(what: "values of a pipeline", damage: .init(.toServer, "B", extra: 1000)) {
      try pipeline($0)
    },
    Case(what: "the end of a pipeline", damage: .init(.fromServer, "Z", extra: 5)) {
      try pipeline($0)
    },
    Case(what: "a commit", damage: .init(.fromServer, "Z", extra: 5)) {
      try $0.commit()
    },
  ]

  private static func pipeline(_ connection: Connection) throws {
    var pipeline = Pipeline()
    for number in 0..<3 { pipeline.query("insert into t values ($1)", [Int32(number)]) }
    try connection.run(pipeline)
  }

  private static func copyIn(_ connection: Connection) throws {
    let copy = try connection.copyIn("copy t from stdin")
    let buffer = CopyBuffer()
    for index in 0..<50_000 { buffer.append("\(index)\n") }
    try copy.send(buffer)
    _ = try copy.finish()
  }

  /// All at once, because each takes its time.
  @Test func eachEndsAsALostConnection() throws {
    let running = try Self.cases.map { damaged in
      let proxy = try Self.proxy()
      let connection = try Self.connect(proxy)
      try connection.execute("create temp table t (a int); begin")
      proxy.strike(damaged.damage)
      return (damaged, proxy, connection, onThread { try failure { try damaged.work(connection) } })
    }
    for (damaged, proxy, connection, end) in running {
      let error = try end()
      #expect(proxy.hasStruck)
      #expect(error.connectionLost && error.nature == .transient, "\(damaged.what)")
      #expect(error.message.contains("waited for each other"), "\(damaged.what): \(error)")
      #expect(error.commitOutcomeUnknown == (damaged.what == "a commit"))
      #expect(!connection.isUsable)
      // The next connection is as good as any.
      #expect(try Self.connect(proxy).query("select 2").int(0, 0) == 2)
    }
  }

  @Test func aServerThatWorksIsWaitedFor() throws {
    let connection = try Self.connect(Self.proxy())
    #expect(try connection.query("select 7 from pg_sleep(4)").int(0, 0) == 7)
  }

  @Test func aLockIsWaitedFor() throws {
    let database = try TemporaryDatabase("lock")
    try psql(database.url, "create table t (a int)")
    var options = ConnectionOptions()
    options.standstillPatience = .seconds(1)
    let holder = try PostgresTests.connect(database.url)
    try holder.execute("begin; lock t")
    let waiter = try PostgresTests.connect(database.url, options: options)
    let count = onThread { try waiter.query("select count(*) from t").int(0, 0) }
    sleep(4)
    try holder.commit()
    #expect(try count() == 0)
  }

  /// The server waits for its client all the while, and no client waits for the server.
  @Test func aProgramThatTakesItsTimeIsLeftAlone() throws {
    let connection = try Self.connect(Self.proxy())
    try connection.execute("create temp table t (a int); begin")
    let copy = try connection.copyIn("copy t from stdin")
    sleep(4)
    try Array("1\n".utf8).withUnsafeBytes { try copy.write($0) }
    #expect(try copy.finish() == 1)
    sleep(4)
    try connection.commit()
    #expect(try connection.query("select count(*) from t").int(0, 0) == 1)
  }

  @Test func aReaderThatTakesItsTimeIsLeftAlone() throws {
    let connection = try Self.connect(Self.proxy())
    let copy = try connection.copyOut("copy (select generate_series(1, 3)) to stdout")
    var seen = 0
    try copy.forEachRow { _ in
      seen += 1
      sleep(3)
    }
    #expect(seen == 3)
  }

  /// The session that asks what another one waits for has the system's operators, whatever path the database has.
  @Test func theQuestionRunsNobodysOperators() throws {
    let database = try TemporaryDatabase("planted")
    try psql(
      database.url,
      """
      create schema planted;
      create function planted.called(float8, float8) returns boolean language plpgsql
        as $$ begin raise 'called'; end $$;
      create operator planted.<= (leftarg = float8, rightarg = float8, function = planted.called);
      do $$ begin
        execute format('alter database %I set search_path = planted, pg_catalog', current_database());
      end $$
      """)
    let connection = try PostgresTests.connect(database.url)
    let plan = try ConnectPlan(ConnectionString(database.url), ConnectionOptions())
    let session = WatchedSession(
      backendPID: connection.facts.backendPID, patience: .seconds(1), plan: plan, socket: nil)
    #expect(BackendEnquiry(session).waitsForClient())
  }
}

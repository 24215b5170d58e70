import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

@Suite struct ConnectTests {
  /// Changes a part of the shared server's URL.
  private func changed(_ keyword: String, _ value: String?) throws -> ConnectionString {
    try ConnectionString(TestServers.postgresURL()).setting(keyword, to: value)
  }

  private func refusal(
    _ target: ConnectionString, timeout: Duration = .seconds(5)
  ) throws -> PostgresError {
    var options = ConnectionOptions()
    options.connectTimeout = timeout
    return try failure { _ = try Connection(to: target, options: options) }
  }

  @Test func connectsAndKnowsWhere() throws {
    let connection = try connect()
    let string = try ConnectionString(TestServers.postgresURL())
    #expect(connection.isUsable)
    #expect(connection.facts.database == string.database)
    #expect(connection.facts.user == string.user)
    #expect(connection.facts.port == string.port)
    #expect(connection.facts.address == "127.0.0.1")
    #expect(connection.facts.serverEncoding == "UTF8")
    #expect(connection.facts.tls == nil)
    #expect(connection.facts.serverVersion.isSupported)
    let result = try connection.query("select pg_backend_pid(), current_setting('server_version')")
    #expect(result.int(0, 0) == Int(connection.facts.backendPID))
    #expect(result.text(0, 1) == connection.facts.serverVersionText)
    #expect(try connection.ping() > .zero)
    #expect(ServerVersion.ofClientLibrary.major >= 12)
  }

  @Test func wrongPassword() throws {
    let error = try refusal(changed("password", "WRONG-SECRET"))
    #expect(reason(error) == .authentication)
    #expect(error.sqlState == .invalidPassword)
    #expect(!error.completeDescription.contains("SECRET"))
    #expect(!error.message.contains("28P01"))
    #expect(error.nature == .needsHuman)
  }

  @Test func noPassword() throws {
    let error = try refusal(changed("password", nil).setting("passfile", to: "/dev/null"))
    #expect(reason(error) == .passwordMissing)
  }

  @Test func unknownDatabase() throws {
    let error = try refusal(changed("dbname", "no such: 28P01: db"))
    #expect(reason(error) == .databaseMissing)
    #expect(error.sqlState == .databaseMissing)
  }

  @Test func tooManyConnections() throws {
    let database = try TemporaryDatabase("full")
    try psql(
      TestServers.postgresURL(),
      "create role \"\(database.name)\" login password 'pw' connection limit 0")
    defer { _ = try? psql(TestServers.postgresURL(), "drop role \"\(database.name)\"") }
    let target = try ConnectionString(database.url).setting("user", to: database.name)
      .withPassword("pw")
    let error = try refusal(target)
    #expect(reason(error) == .tooManyConnections)
    #expect(error.nature == .transient)
  }

  @Test func wrongPort() throws {
    let error = try refusal(changed("port", String(freePort())))
    #expect(reason(error) == .refused)
    #expect(error.sqlState == nil)
  }

  @Test func missingUnixSocket() throws {
    let folder = try TemporaryFolder()
    #expect(try reason(refusal(changed("host", folder.path))) == .refused)
  }

  @Test func unixSocket() throws {
    let folder = try #require(TestServers.folder)
    let connection = try Connection(to: changed("host", folder + "/socket"))
    #expect(connection.facts.address == nil)
  }

  @Test func unknownHost() throws {
    #expect(try reason(refusal(changed("host", "no-such-host.invalid"))) == .nameNotResolved)
  }

  @Test func silentHostTimesOut() throws {
    let listener = try LoopbackListener.silent()
    defer { listener.stop() }
    let start = ContinuousClock.now
    let error = try refusal(
      changed("port", String(listener.port)), timeout: .milliseconds(700))
    let took = ContinuousClock.now - start
    #expect(reason(error) == .timedOut)
    #expect(error.nature == .transient)
    #expect(took > .milliseconds(600) && took < .seconds(10))
  }

  @Test func aHostThatDoesNotEvenAcceptTimesOut() throws {
    let queue = try FullQueue()
    let start = ContinuousClock.now
    let error = try refusal(changed("port", String(queue.port)), timeout: .milliseconds(500))
    #expect(reason(error) == .timedOut)
    #expect(ContinuousClock.now - start < .seconds(10))
    withExtendedLifetime(queue) {}
  }

  @Test func theDeadlineHoldsForAllHostsTogether() throws {
    let listener = try LoopbackListener.silent()
    defer { listener.stop() }
    let target = try changed("host", "127.0.0.1,127.0.0.1,127.0.0.1")
      .setting("port", to: String(listener.port))
    let start = ContinuousClock.now
    #expect(try reason(refusal(target, timeout: .seconds(3))) == .timedOut)
    // Each host on its own would have so much time.
    #expect(ContinuousClock.now - start < .milliseconds(5900))
  }

  @Test func aSilentFirstHostLeavesTimeForTheSecond() throws {
    let listener = try LoopbackListener.silent()
    defer { listener.stop() }
    let port = try #require(try ConnectionString(TestServers.postgresURL()).port)
    let target = try changed("host", "127.0.0.1,localhost")
      .setting("port", to: "\(listener.port),\(port)")
    var options = ConnectionOptions()
    options.connectTimeout = .seconds(8)
    #expect(try Connection(to: target, options: options).facts.host == "localhost")
  }

  @Test func someoneElseHangsUp() throws {
    let listener = try LoopbackListener.closing()
    defer { listener.stop() }
    let target = try changed("port", String(listener.port)).setting("sslmode", to: "disable")
    #expect(try reason(refusal(target)) == .closedByServer)
  }

  @Test func tlsRequiredButNotOffered() throws {
    #expect(try reason(refusal(changed("sslmode", "require"))) == .tlsNotOffered)
    #expect(try reason(refusal(changed("sslmode", "verify-full"))) == .tlsNotOffered)
    #expect(try Connection(to: changed("sslmode", "prefer")).facts.tls == nil)
  }

  @Test func wrongRole() throws {
    let error = try refusal(changed("target_session_attrs", "standby"))
    #expect(reason(error) == .wrongServerRole)
    let preferring = try Connection(to: changed("target_session_attrs", "prefer-standby"))
    #expect(try !preferring.serverRole().isInRecovery)
  }

  @Test func settingsThatLibpqRefuses() throws {
    #expect(try reason(refusal(changed("channel_binding", "x"))) == .invalidSettings)
    #expect(try reason(refusal(changed("keepalives", "x"))) == .invalidSettings)
    #expect(try reason(refusal(ConnectionString("service=no-such-service"))) == .invalidSettings)
    #expect(try reason(refusal(changed("port", "1,2,3"))) == .invalidSettings)
    #expect(try reason(refusal(changed("host", "127.0.0.1,"))) == .invalidSettings)
  }

  @Test func sessionSettings() throws {
    var options = ConnectionOptions()
    options.statementTimeout = .milliseconds(1500)
    options.lockTimeout = .seconds(2)
    options.idleInTransactionTimeout = .seconds(3)
    options.serverSettings["search_path"] = "pg_catalog, \"a b\\c\""
    let target = try changed("options", "-c work_mem=8MB")
    let connection = try Connection(to: target, options: options)
    let names = [
      "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "work_mem",
      "search_path", "application_name", "TimeZone", "client_encoding",
    ]
    let values = try names.map { name in
      try connection.query("select current_setting($1)", [name]).text(0, 0)
    }
    #expect(
      values == [
        "1500ms", "2s", "3s", "8MB", "pg_catalog, \"a b\\c\"", "migrate", "UTC", "UTF8",
      ])
  }

  @Test func serviceAndPasswordFilesWork() throws {
    let string = try ConnectionString(TestServers.postgresURL())
    let environment = string.environmentForPrograms()
    let (host, port) = try (#require(string.host), #require(string.port))
    let (user, password) = try (#require(string.user), #require(environment["PGPASSWORD"]))
    let folder = try TemporaryFolder()
    let passwords = try folder.file("pass", "\(host):\(port):*:\(user):\(password)\n")
    chmod(passwords, 0o600)
    let services = try folder.file(
      "services", "[mine]\nhost=\(host)\nport=\(port)\nuser=\(user)\ndbname=legacy\n")
    setenv("PGSERVICEFILE", services, 1)
    defer { unsetenv("PGSERVICEFILE") }
    let target = try ConnectionString("service=mine").setting("passfile", to: passwords)
    #expect(try Connection(to: target).facts.database == "legacy")
  }

  @Test func aSlowNameServerDoesNotHoldTheDeadline() throws {
    let isOver = DispatchSemaphore(value: 0)
    let hasAnswered = Mutex(false)
    #expect(throws: NameResolver.Failure.timedOut) {
      try NameResolver.resolve("slow.invalid", deadline: Deadline(after: .milliseconds(200))) { _ in
        isOver.wait()
        hasAnswered.withLock { $0 = true }
        return ["127.0.0.1"]
      }
    }
    #expect(!hasAnswered.withLock { $0 })
    isOver.signal()
    let found = try NameResolver.resolve("x.invalid", deadline: Deadline(after: .seconds(5))) { _ in
      ["127.0.0.9"]
    }
    #expect(found == ["127.0.0.9"])
  }

  @Test func readsRefusalsInAnyLanguage() {
    let text = """
      connection to server at "a: b", port 1 failed: SCHWERWIEGEND:  28P01: falsch: so
      HINT:  look
      connection to server at "h", port 1 failed: FATAL:  28000: no pg_hba.conf entry
      DETAIL:  other
      """
    let all = ConnectRefusal.all(in: text)
    #expect(all.map(\.sqlState) == [.invalidPassword, .invalidAuthorization])
    #expect(all.map(\.hint) == ["look", nil])
    #expect(all.map(\.detail) == [nil, "other"])
    #expect(ConnectRefusal.mostTelling(in: text)?.message == "falsch: so")
    #expect(ConnectRefusal.mostTelling(in: "FATAL:  too many: cooks") == nil)
  }
}

extension TestServers {
  /// The folder of the shared servers, where their sockets are.
  static var folder: String? { ProcessInfo.processInfo.environment["MIGRATE_SERVERS_DIR"] }
}

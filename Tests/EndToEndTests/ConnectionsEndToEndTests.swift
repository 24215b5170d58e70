import Foundation
import MigrationCore
import TestSupport
import Testing

/// `test-connections` against good and broken servers: reason, exit code, time, and no secret.
@Suite struct ConnectionsEndToEndTests {
  static let secret = "s3cret-pa55"

  /// Tests one database in the place of the source, and returns the reason and sentence.
  func failure(
    _ url: String, setting: String = "SOURCE_DATABASE_URL", role: String = "source"
  ) throws -> (reason: String?, text: String) {
    var migrate = try Migrate()
    migrate.environment[setting] = url
    migrate.environment["DATABASE_CONNECTION_TIMEOUT"] = "5000"
    let clock = ContinuousClock()
    var line = Finished(exitCode: 0, output: "", errors: "")
    let time = try clock.measure { line = try migrate("test-connections --verbose") }
    #expect(line.exitCode == 3)
    // Twice the time would be one wait too many.
    #expect(time < .seconds(10), "\(time)")
    let title = role.prefix(1).uppercased() + role.dropFirst()
    let wanted = line.output.split(separator: "\n").filter {
      $0.contains("\(title) database connection: FAILED")
    }
    #expect(wanted.count == 1, "one line says what is wrong: \(line.output)")
    let (exitCode, document) = try migrate.json("test-connections")
    #expect(exitCode == 3)
    let everything = line.output + line.errors + document.pretty
    #expect(!everything.contains(Self.secret))
    #expect(!everything.contains("pa55"))
    guard case .array(let databases)? = document["databases"],
      let failed = databases.first(where: { $0["role"] == .text(role) }),
      case .text(let reason)? = failed["error"]?["reason"]
    else { return (nil, everything) }
    #expect(failed["error"]?["code"] == "ERR_001" || reason == "badURL")
    return (reason, everything)
  }

  func changed(_ url: String, _ change: (inout URLComponents) -> Void) throws -> String {
    var components = try #require(URLComponents(string: url))
    change(&components)
    return try #require(components.string)
  }

  // MARK: good servers

  @Test func reachesAllDatabases() throws {
    var migrate = try Migrate()
    let names = ["SOURCE_DATABASE_URL", "DATABASE_URL", "BACKUP_DATABASE_URL", "MONGODB_URL"]
    for name in names {
      migrate.environment[name] = ProcessInfo.processInfo.environment[name]
    }
    let (exitCode, document) = try migrate.json("test-connections --repeat 7")
    #expect(exitCode == 0)
    #expect(document["ok"] == true)
    guard case .array(let databases)? = document["databases"] else {
      Issue.record("no databases")
      return
    }
    #expect(databases.map { $0["role"] } == ["source", "source", "target", "backup"])
    for database in databases {
      #expect(database["status"] == "ok")
      #expect(database["tls"] == .null)
      guard case .array(let trips)? = database["roundTripMilliseconds"] else { continue }
      #expect(trips.count == 7)
    }
    let text = try migrate("test-connections").output
    for role in ["Source", "Target", "Backup"] {
      #expect(text.contains("\(role) database connection: OK"))
    }
  }

  @Test func aMissingDatabaseIsNamedWithTheSettingThatFillsIt() throws {
    let (exitCode, document) = try Migrate().json("test-connections")
    #expect(exitCode == 3)
    #expect(document["missing"] == ["source", "target"])
    #expect(try Migrate()("test-connections").output.contains("set DATABASE_URL"))
  }

  @Test func encryptedConnectionsAreMadeAndDescribed() throws {
    let servers = try PrivateServers(.both, tls: true)
    let authority = try #require(servers.environment["MIGRATE_SERVERS_CA"])
    var migrate = try Migrate()
    let target = try #require(servers.environment["DATABASE_URL"])
    migrate.environment["DATABASE_URL"] = target + "?sslmode=verify-full&sslrootcert=\(authority)"
    migrate.environment["MONGODB_URL"] = servers.environment["MONGODB_URL"]
    let (exitCode, document) = try migrate.json("test-connections")
    #expect(exitCode == 0)
    guard case .array(let databases)? = document["databases"] else { return }
    for database in databases { #expect(database["tls"] != .null) }

    let untrusted = try failure(
      target + "?sslmode=verify-full&sslrootcert=system-does-not-exist",
      setting: "DATABASE_URL", role: "target")
    #expect(untrusted.reason != nil)
    let other = try PrivateServers(.postgres, tls: true)
    let foreign = try #require(other.environment["MIGRATE_SERVERS_CA"])
    #expect(
      try failure(target + "?sslmode=verify-ca&sslrootcert=\(foreign)").reason
        == "certificateNotTrusted")
    let mongo = try #require(servers.environment["MONGODB_URL"])
    let withForeignAuthority = mongo.replacing(authority, with: foreign)
    #expect(
      try failure(withForeignAuthority, setting: "MONGODB_URL").reason == "certificateNotTrusted")
    let plain = mongo.replacing("&tls=true&tlsCAFile=\(authority)", with: "")
    #expect(try failure(plain, setting: "MONGODB_URL").reason == "tlsRequired")
  }

  // MARK: broken ones

  @Test func wrongPort() throws {
    let port = try freePort()
    #expect(try failure("postgres://u:\(Self.secret)@127.0.0.1:\(port)/x").reason == "refused")
    #expect(
      try failure("mongodb://u:\(Self.secret)@127.0.0.1:\(port)/x", setting: "MONGODB_URL").reason
        == "refused")
  }

  @Test func wrongPassword() throws {
    let postgres = try changed(TestServers.postgresURL()) { $0.password = Self.secret }
    #expect(try failure(postgres).reason == "authentication")
    let mongo = try changed(TestServers.mongoURL()) { $0.password = Self.secret }
    #expect(try failure(mongo, setting: "MONGODB_URL").reason == "authentication")
  }

  @Test func unknownDatabase() throws {
    let found = try failure(url(try TestServers.postgresURL(), database: "no_such_thing"))
    #expect(found.reason == "databaseMissing")
    #expect(found.text.contains("3D000"))
  }

  @Test func aHostThatAcceptsAndNeverAnswers() throws {
    let silent = try LoopbackListener.silent()
    defer { silent.stop() }
    let place = "u:\(Self.secret)@127.0.0.1:\(silent.port)/x"
    #expect(try failure("postgres://\(place)").reason == "timedOut")
    #expect(try failure("mongodb://\(place)", setting: "MONGODB_URL").reason == "timedOut")
  }

  @Test func encryptionThatIsRequiredAndNotOffered() throws {
    let postgres = try TestServers.postgresURL() + "?sslmode=require"
    #expect(try failure(postgres).reason == "tlsNotOffered")
    let mongo = try TestServers.mongoURL() + "&tls=true"
    #expect(try failure(mongo, setting: "MONGODB_URL").reason == "tlsNotOffered")
  }

  @Test func aServerThatIsStartingUp() throws {
    let servers = try PrivateServers(.postgres)
    try servers.restartPostgres(waits: false) { data in
      // A standby that answers no queries refuses everybody as if it were starting.
      try Self.append("hot_standby = off\n", to: data + "/postgresql.conf")
      try Self.addStandbySignal(data)
    }
    let target = try #require(servers.environment["DATABASE_URL"])
    let deadline = ContinuousClock.now + .seconds(20)
    var found = try failure(target)
    while found.reason == "refused", ContinuousClock.now < deadline { found = try failure(target) }
    #expect(found.reason == "startingUp")
    #expect(found.text.contains("57P03"))
  }

  @Test func aTargetThatTakesNoWrites() throws {
    let database = try TemporaryDatabase("readonly")
    try psql(
      database.url, "alter database \"\(database.name)\" set default_transaction_read_only = on")
    let setting = try failure(database.url, setting: "DATABASE_URL", role: "target")
    #expect(setting.reason == "readOnly")

    let servers = try PrivateServers(.postgres)
    try servers.restartPostgres { data in try Self.addStandbySignal(data) }
    let standby = try #require(servers.environment["DATABASE_URL"])
    let found = try failure(standby, setting: "DATABASE_URL", role: "target")
    #expect(found.reason == "readOnly")
    #expect(found.text.contains("standby"))
  }

  @Test func aReplicaSetWithoutAPrimary() throws {
    let servers = try PrivateServers(.mongo, hasPrimary: false)
    let mongo = try #require(servers.environment["MONGODB_URL"])
    #expect(try failure(mongo, setting: "MONGODB_URL").reason == "noPrimary")
  }

  @Test(arguments: [
    ("SOURCE_DATABASE_URL", "postgres://u:s3cret@pa55@127.0.0.1:5432/x"),
    ("SOURCE_DATABASE_URL", "postgres://u:s3cret-pa55@@127.0.0.1:5432/x"),
    ("MONGODB_URL", "mongodb://u:s3cret@pa55@127.0.0.1:27017/x"),
    ("MONGODB_URL", "mongodb://u:s3cret/pa55@127.0.0.1:27017/x"),
    ("DATABASE_URL", "postgresql://u:s3cret/pa55@127.0.0.1/x"),
  ])
  func anUnescapedPassword(setting: String, url: String) throws {
    var migrate = try Migrate()
    migrate.environment[setting] = url
    let finished = try migrate("test-connections --verbose")
    #expect(finished.exitCode == 3)
    let text = finished.output + finished.errors
    #expect(text.contains(setting))
    #expect(text.contains("%40") || text.contains("%2F"))
    let line = finished.errors.split(separator: "\n").first { $0.contains("ERR_001") }
    #expect(line?.contains(setting) ?? false, "one line with the code: \(finished.errors)")
    #expect(line.map { $0.contains("%40") || $0.contains("%2F") } ?? false)
    #expect(!text.contains("pa55"))
    #expect(!text.contains("s3cret"))
  }

  // MARK: secrets

  @Test func aPasswordOnTheCommandLineDoesNotStayInTheProcessList() throws {
    let silent = try LoopbackListener.silent()
    defer { silent.stop() }
    let script = """
      '\(try Migrate.executable())' test-connections --target \
      'postgres://u:\(Self.secret)@127.0.0.1:\(silent.port)/x' >/dev/null 2>&1 &
      until grep -q ":$(printf %04X \(silent.port)) 01" /proc/$!/net/tcp; do sleep 0.05; done
      tr '\\0' ' ' < /proc/$!/cmdline; kill $!
      """
    let printed = try mustRun("/bin/bash", ["-c", script], environment: [:])
    #expect(printed.contains("test-connections"))
    #expect(printed.contains("127.0.0.1:\(silent.port)"))
    #expect(!printed.contains(Self.secret))
  }

  @Test func passwordsComeFromFilesVariablesAndPasswordFiles() throws {
    let full = try TestServers.postgresURL()
    let components = try #require(URLComponents(string: full))
    let password = try #require(components.password)
    let bare = try changed(full) { $0.password = nil }
    let port = try #require(components.port)
    var migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = bare
    migrate.environment["DATABASE_URL"] = bare
    #expect(try migrate("test-connections").exitCode == 3)

    let file = try migrate.folder.file("secret", password + "\n")
    migrate.environment["SOURCE_DATABASE_PASSWORD"] = "file:\(file)"
    migrate.environment["DATABASE_PASSWORD"] = "env:ELSEWHERE"
    migrate.environment["ELSEWHERE"] = password
    let found = try migrate("test-connections --verbose")
    #expect(found.exitCode == 0)
    #expect(!(found.output + found.errors).contains(password))

    var withFile = try Migrate()
    let pgpass = try withFile.folder.file(
      "pgpass", "127.0.0.1:\(port):*:migrate:\(password)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: pgpass)
    withFile.environment["PGPASSFILE"] = pgpass
    withFile.environment["SOURCE_DATABASE_URL"] = bare
    withFile.environment["DATABASE_URL"] = bare
    #expect(try withFile("test-connections").exitCode == 0)
  }

  // MARK: helpers

  static func append(_ text: String, to file: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  static func addStandbySignal(_ data: String) throws {
    try Data().write(to: URL(fileURLWithPath: data + "/standby.signal"))
    if getuid() == 0 { try mustRun("/bin/chown", ["postgres", data + "/standby.signal"]) }
  }
}

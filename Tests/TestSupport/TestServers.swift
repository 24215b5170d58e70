import Foundation

/// The root of the checkout that the tests were built from.
public let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

/// The servers that `scripts/test` started, and databases of one's own on them.
///
/// A test that finds no servers fails: nothing is skipped silently.
public enum TestServers {
  public static func postgresURL() throws -> String { try setting("DATABASE_URL") }
  public static func mongoURL() throws -> String { try setting("MONGODB_URL") }
  public static func postgresPrograms() throws -> String {
    try setting("MIGRATE_SERVERS_POSTGRES_BIN")
  }

  /// The Python that has what the tests need of Python, and no other.
  public static func python() throws -> String { try setting("MIGRATE_SERVERS_PYTHON") }
  /// This process's environment, in which that Python finds its packages.
  public static func pythonEnvironment() throws -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONPATH"] = try setting("MIGRATE_SERVERS_PYTHON_PACKAGES")
    return environment
  }
  public static func mongod() throws -> String { try setting("MIGRATE_SERVERS_MONGOD") }

  static func setting(_ name: String) throws -> String {
    guard let value = ProcessInfo.processInfo.environment[name] else {
      throw SubprocessFailure(
        description: "\(name) is not set; run scripts/test, or: "
          + "scripts/servers up && eval \"$(scripts/servers env)\"")
    }
    return value
  }
}

/// Replaces the database in a connection URL.
public func url(_ url: String, database: String) -> String {
  guard var components = URLComponents(string: url) else { return url }
  components.path = "/" + database
  return components.string ?? url
}

/// A PostgreSQL database that lives as long as a test.
public final class TemporaryDatabase: Sendable {
  public let url: String
  public let name: String
  private let server: String

  /// - Parameter original: a database that it begins as a copy of.
  public init(
    _ purpose: String = "test", server: String? = nil, copying original: TemporaryDatabase? = nil
  ) throws {
    self.server = try server ?? TestServers.postgresURL()
    name = "\(purpose)_\(UUID().uuidString.prefix(8).lowercased())"
    url = TestSupport.url(self.server, database: name)
    let template = original.map { " template \"\($0.name)\"" } ?? ""
    try psql(self.server, "create database \"\(name)\"\(template)")
  }

  deinit { _ = try? psql(server, "drop database if exists \"\(name)\" with (force)") }
}

/// The program itself: what Debian has in `/usr/bin` is a script that takes longer to start than most
/// statements to run.
public let psqlProgram: String = {
  let program = (try? TestServers.postgresPrograms() + "/psql") ?? ""
  return FileManager.default.isExecutableFile(atPath: program) ? program : "/usr/bin/psql"
}()

/// Runs SQL through `psql`, independent of the code under test; returns unaligned rows.
@discardableResult
public func psql(_ url: String, _ sql: String) throws -> String {
  let arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"]
  return try mustRun(psqlProgram, arguments, input: sql)
    .trimmingCharacters(in: .newlines)
}

/// Servers of a test's own, started by `scripts/servers` and ended with the object.
public final class PrivateServers: Sendable {
  public enum Kind: String, Sendable { case both, postgres, mongo }
  public let environment: [String: String]
  public let folder: String

  public init(
    _ kind: Kind, tls: Bool = false, hasPrimary: Bool = true, postgresConfiguration: String = "",
    extra: [String: String] = [:]
  ) throws {
    folder = NSTemporaryDirectory() + "/migrate-\(UUID().uuidString.prefix(8).lowercased())"
    let script = packageRoot + "/scripts/servers"
    let arguments =
      ["up", "--dir", folder, "--only", kind.rawValue] + (tls ? ["--tls"] : [])
      + (hasPrimary ? [] : ["--no-primary"])
    var inherited = ProcessInfo.processInfo.environment
    inherited["MIGRATE_POSTGRES_CONF"] = postgresConfiguration
    inherited.merge(extra) { $1 }
    // Servers from PyPI are built without TLS: for that, Debian's has to serve.
    if tls { inherited["POSTGRES_BIN"] = nil }
    try mustRun(script, arguments, environment: inherited)
    let printed = try mustRun(
      "/bin/bash", ["-c", "eval \"$('\(script)' env --dir '\(folder)')\"; env"], environment: [:])
    environment = Dictionary(
      printed.split(separator: "\n").compactMap { line in
        let parts = line.split(separator: "=", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
      }, uniquingKeysWith: { $1 })
  }

  /// Stops PostgreSQL, lets its data folder be changed, and starts it on the same port.
  ///
  /// - Parameter waits: whether to return only when it takes connections.
  public func restartPostgres(waits: Bool = true, change: (_ dataFolder: String) throws -> Void)
    throws
  {
    let data = folder + "/postgres"
    let control = try TestServers.setting("MIGRATE_SERVERS_POSTGRES_BIN") + "/pg_ctl"
    let options = try String(contentsOfFile: data + "/postmaster.opts", encoding: .utf8)
    let port = options.firstMatch(of: /"-p" "([0-9]+)"/).map { String($0.1) } ?? ""
    try asPostgres([control, "-D", data, "-m", "fast", "-w", "-s", "stop"])
    try change(data)
    try asPostgres(
      [
        control, "-D", data, "-l", folder + "/postgres.log", waits ? "-w" : "-W", "-s", "-o",
        "-p \(port)",
      ]
        + ["start"])
  }

  /// Ends PostgreSQL as a crash would, and starts it again; returns when it takes connections.
  public func crashPostgres() throws {
    let control = try TestServers.setting("MIGRATE_SERVERS_POSTGRES_BIN") + "/pg_ctl"
    let log = folder + "/postgres.log"
    try asPostgres(
      [control, "-D", folder + "/postgres", "-l", log, "-m", "immediate", "-w", "-s", "restart"])
  }

  /// PostgreSQL's programs refuse to run as root.
  private func asPostgres(_ words: [String]) throws {
    let prefix =
      getuid() == 0 ? ["--reuid", "postgres", "--regid", "postgres", "--init-groups"] : []
    if prefix.isEmpty {
      try mustRun(words[0], Array(words.dropFirst()))
    } else {
      try mustRun("/usr/bin/setpriv", prefix + words)
    }
  }

  deinit { _ = try? run(packageRoot + "/scripts/servers", ["down", "--dir", folder]) }
}

/// A folder that lives as long as a test.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    path = NSTemporaryDirectory() + "/migrate-test-\(UUID().uuidString.lowercased())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  public func file(_ name: String, _ text: String) throws -> String {
    let file = path + "/" + name
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

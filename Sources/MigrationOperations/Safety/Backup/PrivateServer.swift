import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationEngine
import Postgres

/// A PostgreSQL server that is thrown away: in a folder of its own, reached by a Unix socket alone,
/// and ended by the system should this process end.
final class PrivateServer {
  let version: String
  let majorVersion: Int
  private let folder: PrivateFolder
  private let server: ChildProgram
  private let work: BackupWork

  /// Whom it runs as; nil for the user of this process.
  var account: SystemAccount? { folder.account }

  private static let user = "migrate"

  /// Makes and starts a server of at least a version.
  init(atLeast major: Int, bytes: Int, _ work: BackupWork) throws {
    let tool = try work.tools.find("initdb", atLeast: major, package: "postgresql")
    folder = try PrivateFolder(work)
    try Self.checkRoom(folder.path, bytes)
    let environment = work.environment.filter { $0.key == "PATH" }.merging(["LC_ALL": "C"]) { $1 }
    let home = folder.path
    let initialize = ProgramCall(
      path: tool.path,
      arguments: [
        "-D", home + "/data", "-U", Self.user, "-A", "trust", "-E", "UTF8", "--locale=C",
        "--no-sync",
      ], environment: environment, folder: home, account: folder.account)
    let made = try ProgramRun { try work.watch() }.run(initialize)
    guard made.exitCode == 0 else { throw Self.failure("initdb failed: \(made.reason)", home) }
    let binary = DiskSpace.parent(of: tool.path) + "/postgres"
    let call = ProgramCall(
      path: binary, arguments: ["-D", home + "/data"] + Self.settings(home),
      environment: environment, folder: home, account: folder.account)
    (version, majorVersion, self.work) = (tool.version, tool.majorVersion, work)
    server = try Self.start(call, log: home + "/log")
    try waitForAnswer()
  }

  deinit {
    // An immediate shutdown: nothing in it is to be kept.
    server.stop(SIGQUIT, grace: .seconds(10))
  }

  /// Makes a database like another one, as far as this machine has its language.
  func database(like origin: BackupManifest.Origin?) throws -> PostgresPlace {
    let connection = try place("postgres").connect()
    let name = "restored"
    let encoding = SQL.literal(origin?.encoding ?? "UTF8")
    let create = "CREATE DATABASE \(name) TEMPLATE template0 ENCODING \(encoding)"
    if let origin {
      let locale =
        "LC_COLLATE \(SQL.literal(origin.collation)) LC_CTYPE \(SQL.literal(origin.characterType))"
      if (try? connection.execute("\(create) \(locale)")) != nil { return try place(name) }
      work.note("this machine lacks the locale \(origin.collation): restoring with locale C")
    }
    try connection.execute("\(create) LC_COLLATE 'C' LC_CTYPE 'C'")
    return try place(name)
  }

  private func place(_ database: String) throws -> PostgresPlace {
    let url = try DatabaseURL(
      "host=\(folder.path) port=5432 user=\(Self.user) dbname=\(database) sslmode=disable")
    return PostgresPlace(url, setting: "the private server", work.databases)
  }

  private static func settings(_ folder: String) -> [String] {
    let settings = [
      "listen_addresses=", "unix_socket_directories=\(folder)", "port=5432", "fsync=off",
      "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
      "max_wal_size=4GB", "autovacuum=off", "maintenance_work_mem=256MB", "jit=off",
      "max_locks_per_transaction=1024", "logging_collector=off",
    ]
    return settings.flatMap { ["-c", $0] }
  }

  private static func start(_ call: ProgramCall, log: String) throws -> ChildProgram {
    let output = open(log, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { for end in [output, input] where end >= 0 { close(end) } }
    return try ChildProgram(
      call, input: input, output: output, errors: output, deathSignal: SIGQUIT)
  }

  private func waitForAnswer() throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
      try work.watch()
      if (try? place("postgres").connect()) != nil { return }
      guard server.exitCode() == nil, ContinuousClock.now < deadline else {
        let log = (try? String(contentsOfFile: folder.path + "/log", encoding: .utf8)) ?? ""
        throw Self.failure("could not start the private server: \(log.suffix(500))", folder.path)
      }
      WorkerThread.sleep(.milliseconds(50))
    }
  }

  private static func checkRoom(_ path: String, _ bytes: Int) throws {
    guard let space = DiskSpace(of: path), space.freeByteCount < bytes + bytes / 4 else { return }
    throw MigrationError(
      .coded(.disk),
      "not enough disk space for the test restore: the database had \(ByteCount.text(bytes)), "
        + "\(ByteCount.text(space.freeByteCount)) free", reason: "noSpace", place: path,
      remedy: "free some space, or set TMPDIR to a folder on another disk")
  }

  private static func failure(_ what: String, _ path: String) -> MigrationError {
    MigrationError(
      .failed, what, reason: "privateServer", place: path,
      remedy: "set TMPDIR to a folder that the user running PostgreSQL can reach")
  }
}

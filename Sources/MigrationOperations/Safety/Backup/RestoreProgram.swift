import MigrationBasics
import MigrationEngine

/// Calls pg_restore.
struct RestoreProgram {
  let tool: Tool
  let work: BackupWork

  /// - Parameter major: the version of the pg_dump that wrote what is to be read.
  ///   If that is not known yet, the newest program is taken.
  init(work: BackupWork, atLeast major: Int, newest: Bool = false) throws {
    self.work = work
    tool = try work.tools.find(
      "pg_restore", atLeast: major, newest: newest, package: "postgresql-client")
  }

  /// Restores an archive into a database; the first error ends it.
  func run(
    _ archive: String, into place: PostgresPlace, database: String, options: [String],
    filter: ArchiveFilter = ArchiveFilter()
  ) throws {
    let selection = try selection(archive, filter)
    let name = database.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    let arguments =
      ["--exit-on-error", "--no-password", "--dbname=dbname='\(name)'"] + options
      + selection.options
      + [archive]
    var run = ProgramRun { try work.watch() }
    run.input = selection.input
    let ending = try run.run(
      ProgramCall(
        path: tool.path, arguments: arguments,
        environment: try place.environment(work.environment, purpose: Self.purpose)))
    guard ending.exitCode == 0 else {
      throw MigrationError(
        .coded(.rollback), "pg_restore failed: \(ending.reason)", reason: "pg_restore",
        place: place.url.redacted)
    }
  }

  /// The name of its sessions on the server.
  static let purpose = "migrate restore"

  /// Reads an archive's table of contents, and says how many entries it has.
  func list(_ archive: String) throws -> Int {
    try entries(archive).count
  }

  private func entries(_ archive: String) throws -> [Substring] {
    var bytes: [UInt8] = []
    try print(archive, ["--list"]) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter {
      !$0.hasPrefix(";")
    }
  }

  /// The entries to restore, given on stdin.
  private func selection(
    _ archive: String, _ filter: ArchiveFilter
  ) throws -> (options: [String], input: (() -> [UInt8]?)?) {
    guard !filter.isEmpty else { return ([], nil) }
    let kept = try entries(archive).filter(filter.keeps)
    var list: [UInt8]? = Array((kept.joined(separator: "\n") + "\n").utf8)
    return (["--use-list=/dev/stdin"], { list.take() })
  }

  /// Hashes the definitions in an archive.
  func schemaHash(of archive: String, _ filter: ArchiveFilter) throws -> String {
    var hash = SchemaHash()
    let selection = try selection(archive, filter)
    let options = ["--schema-only", "--file=-"] + SchemaHash.options + selection.options
    try print(archive, options, input: selection.input) { hash.add($0) }
    return hash.finish()
  }

  /// Gives what pg_restore prints of an archive, without a database.
  func print(
    _ archive: String, _ options: [String], input: (() -> [UInt8]?)? = nil,
    _ take: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let call = ProgramCall(
      path: tool.path, arguments: options + [archive],
      environment: work.environment.filter { ["PATH", "HOME", "TMPDIR"].contains($0.key) })
    let ending = try withoutActuallyEscaping(take) { take in
      var run = ProgramRun { try work.watch() }
      run.output = take
      run.input = input
      return try run.run(call)
    }
    guard ending.exitCode == 0 else {
      throw MigrationError(
        .coded(.corruption), "pg_restore could not read the backup: \(ending.reason)",
        reason: "archive",
        place: archive, remedy: "use another backup: migrate backup list")
    }
  }
}

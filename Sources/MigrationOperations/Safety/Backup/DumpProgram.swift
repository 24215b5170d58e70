import MigrationBasics
import MigrationEngine
import Postgres

/// Calls pg_dump.
struct DumpProgram {
  let tool: Tool
  let place: PostgresPlace
  let work: BackupWork

  /// Dumps a database in a snapshot into a new folder.
  func run(
    into folder: String, _ snapshot: Snapshot, _ selection: BackupSelection,
    _ request: BackupRequest
  ) throws {
    var arguments = [
      "--format=directory", "--file=\(folder)", "--jobs=\(request.jobs)",
      "--compress=\(request.compression)", "--snapshot=\(snapshot.identifier)", "--no-password",
      // Everything is forced to disk while its checksum is taken.
      "--no-sync",
    ]
    if request.contents == .schema { arguments.append("--schema-only") }
    if request.contents == .tables {
      arguments.append("--no-blobs")
      arguments += try selection.empty.map {
        "--exclude-table-data=" + (try SQL.identifier(schema: $0.schema, $0.name))
      }
    }
    let call = ProgramCall(
      path: tool.path, arguments: arguments,
      environment: try place.environment(work.environment, purpose: "migrate backup"))
    let ending = try ProgramRun { try work.watchWriting(below: work.folder.path) }.run(call)
    guard ending.exitCode == 0 else { throw failure(ending, folder) }
  }

  private func failure(_ ending: ProgramRun.Ending, _ folder: String) -> MigrationError {
    // pg_dump has no codes: whether the disk was full is seen by looking at it.
    if let space = DiskSpace(of: work.folder.path), space.freeByteCount < 1 << 20 {
      return BackupWork.tooFull(
        "not enough disk space for the backup: \(ending.reason)", work.folder.path)
    }
    return MigrationError(
      .failed, "pg_dump failed: \(ending.reason)", reason: "pg_dump", place: place.url.redacted,
      remedy: "fix the cause and create the backup again; nothing of it was kept")
  }

  /// Returns the definitions of a database as SQL, for a hash.
  func definitions(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
    let call = ProgramCall(
      path: tool.path, arguments: ["--schema-only", "--no-password"] + SchemaHash.options,
      environment: try place.environment(work.environment, purpose: "migrate backup"))
    let ending = try withoutActuallyEscaping(take) { take in
      var run = ProgramRun { try work.watch() }
      run.output = take
      return try run.run(call)
    }
    guard ending.exitCode == 0 else {
      throw MigrationError(.failed, "pg_dump failed: \(ending.reason)", place: place.url.redacted)
    }
  }
}

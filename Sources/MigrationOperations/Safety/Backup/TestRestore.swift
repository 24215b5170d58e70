import MigrationBasics
import MigrationEngine
import Postgres

/// Restores a backup into a private server and compares what came back with the manifest.
struct TestRestore {
  let work: BackupWork
  let program: RestoreProgram

  func run(
    _ backup: Backup, _ manifest: BackupManifest, _ before: BackupVerification.Outcome
  ) throws -> BackupVerification.Outcome {
    let server = try PrivateServer(
      atLeast: manifest.dumperVersion, bytes: manifest.origin.bytes, work)
    let place = try server.database(like: manifest.origin)
    var found: [BackupFinding] = []
    let restoring = Stopwatch()
    work.note("restoring into a private server, PostgreSQL \(server.version)")
    do { try restore(backup, manifest, place) } catch let error as MigrationError {
      found = [BackupFinding(.restore, error.what)]
    }
    let restored = restoring.milliseconds
    let comparing = Stopwatch()
    if found.isEmpty {
      work.note("comparing every table with the manifest")
      found = try compare(manifest, place, server)
    }
    var outcome = BackupVerification.Outcome(
      name: backup.name, path: backup.path, manifest: manifest, findings: found)
    outcome.server = server.version
    outcome.checkMilliseconds = before.checkMilliseconds
    outcome.restoreMilliseconds = restored
    outcome.compareMilliseconds = comparing.milliseconds
    return outcome
  }

  private func restore(
    _ backup: Backup, _ manifest: BackupManifest, _ place: PostgresPlace
  ) throws {
    let connection = try place.connect()
    for role in manifest.roles { try connection.execute("CREATE ROLE \(SQL.identifier(role))") }
    try program.run(
      backup.dump, into: place, database: connection.facts.database,
      options: SchemaHash.options + ["--jobs=\(max(1, manifest.jobs))"],
      filter: manifest.filter)
  }

  private func compare(
    _ manifest: BackupManifest, _ place: PostgresPlace, _ server: PrivateServer
  ) throws -> [BackupFinding] {
    let connection = try place.connect()
    try connection.execute("SET statement_timeout = 0")
    let contents = try ContentsReader.read(
      connection, tables: manifest.listedTables(connection), as: manifest.holds.rowHash)
    var found = manifest.holds.differences(in: contents).map { BackupFinding(.contents, $0) }
    // The words for the same definition may change from one version to the next.
    guard server.majorVersion == manifest.origin.majorVersion,
      manifest.dumperVersion == server.majorVersion
    else {
      work.note("definitions are not compared: the server was \(manifest.origin.version)")
      return found
    }
    var hash = SchemaHash()
    let tool = try work.tools.find(
      "pg_dump", atLeast: server.majorVersion, package: "postgresql-client")
    try DumpProgram(tool: tool, place: place, work: work).definitions { hash.add($0) }
    if let wanted = manifest.schemaHash, hash.finish() != wanted {
      found.append(
        BackupFinding(.schema, "the restored definitions differ from the backup's"))
    }
    return found
  }
}

extension BackupManifest {
  /// The tables of a database that hold rows of the backup: others need not be read.
  func listedTables(_ connection: Connection) throws -> [ContentsReader.Listed] {
    let filled = Set(holds.tables.map(\.title))
    return try ContentsReader(connection: connection).tables().filter { filled.contains($0.title) }
  }
}

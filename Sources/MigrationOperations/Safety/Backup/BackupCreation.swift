import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Makes a backup of a PostgreSQL database.
///
/// One snapshot is shared by pg_dump and by a connection that counts and hashes every row meanwhile,
/// so that the manifest is of the same snapshot as the dump, while others write to the database.
package struct BackupCreation {
  package let place: PostgresPlace
  package let request: BackupRequest
  package let work: BackupWork

  package init(_ place: PostgresPlace, _ request: BackupRequest, _ work: BackupWork) {
    var request = request
    request.jobs = work.fitting(jobs: request.jobs)
    (self.place, self.request, self.work) = (place, request, work)
  }

  package func run() throws -> Backup {
    let connection = try place.connect()
    try RestoreMarker.refuse(connection, place: place.url.redacted)
    let tool = try work.tools.find(
      "pg_dump", atLeast: connection.facts.serverVersion.major, package: "postgresql-client")
    let origin = try OriginReader(connection: connection).read(role: request.role)
    let session = try openSession(connection)
    try BackupRights(connection: connection, contents: request.contents).require()
    let snapshot = try connection.exportSnapshot()
    let reader = ContentsReader(connection: connection)
    try reader.prepare()
    let listed = try reader.tables()
    let selection = try BackupSelection(listed, request)
    try lock(listed, connection)
    try checkRoom(selection)
    let draft = try work.folder.begin(request.role == .source ? "source" : "backup", at: .now())
    do {
      var manifest = try fill(draft, snapshot, reader, selection, tool, origin)
      (manifest.session, manifest.note, manifest.plan) = (session, request.note, request.plan)
      return try draft.finish(manifest)
    } catch var error as InterruptedWork {
      error.remark = "the backup \(draft.name) is incomplete; remove it with: migrate backup prune"
      throw error
    } catch {
      try? draft.discard()
      throw error
    }
  }

  private func fill(
    _ draft: BackupDraft, _ snapshot: Snapshot, _ reader: ContentsReader,
    _ selection: BackupSelection, _ tool: Tool, _ origin: BackupManifest.Origin
  ) throws -> BackupManifest {
    let sequences = request.contents == .schema ? [] : try reader.sequences()
    let counting = try ContentsCounting(reader, selection)
    let clock = Stopwatch()
    work.note(
      "dumping \(origin.database) (\(ByteCount.text(selection.byteCount)) of rows) as \(draft.name)"
    )
    let dump = DumpProgram(tool: tool, place: place, work: work)
    do {
      try dump.run(into: draft.path + "/" + Backup.dumpName, snapshot, selection, request)
    } catch {
      counting.abandon()
      throw error
    }
    let dumped = clock.milliseconds
    let (tables, counted) = try counting.finish()
    let checks = Stopwatch()
    let archive = try RestoreProgram(work: work, atLeast: tool.majorVersion)
    let schemaHash = try archive.schemaHash(
      of: draft.path + "/" + Backup.dumpName,
      ArchiveFilter(leavesOutForeignKeys: request.contents == .tables))
    let files = try BackupFiles.hashes(of: draft.path, watch: work.watch)
    return BackupManifest(
      name: draft.name, id: Self.randomID(), contents: request.contents, created: draft.begun,
      origin: origin, tools: ["pg_dump": tool.version, "migrate": Version.number],
      jobs: request.jobs, compression: request.compression,
      holds: DatabaseContents(
        tables: tables, sequences: sequences,
        largeObjects: selection.hasLargeObjects ? try reader.largeObjects() : nil,
        rowHash: reader.rowHash),
      schemaHash: schemaHash, roles: try OriginReader(connection: reader.connection).policyRoles(),
      files: files,
      times: .init(dump: dumped, counting: counted, checksums: checks.milliseconds))
  }

  /// Keeps tables from being dropped or emptied: TRUNCATE obeys no snapshot.
  private func lock(_ tables: [ContentsReader.Listed], _ connection: Connection) throws {
    guard !tables.isEmpty else { return }
    let names = try tables.map { try SQL.identifier(schema: $0.schema, $0.name) }
    try connection.execute(
      "LOCK TABLE ONLY \(names.joined(separator: ", ONLY ")) IN ACCESS SHARE MODE")
  }

  /// Text takes more space than the server's own form, and compressed text much less.
  private func checkRoom(_ selection: BackupSelection) throws {
    let bytes = selection.byteCount
    try work.checkRoom(for: request.compression == 0 ? bytes : bytes / 3, below: work.folder.path)
  }

  private func openSession(_ connection: Connection) throws -> String? {
    let ledger = try Ledger(connection, schema: request.ledgerSchema)
    guard request.role == .target, case .current = try ledger.condition() else { return nil }
    return try ledger.latestOpenSession().map { "\($0.id) \($0.name)" }
  }

  static func randomID() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}

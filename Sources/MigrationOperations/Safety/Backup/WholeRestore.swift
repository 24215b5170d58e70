import MigrationBasics
import MigrationLedger
import Postgres

/// Restores everything that a backup has, definitions and rows.
struct WholeRestore {
  let work: BackupWork
  let target: RestoreTarget

  /// - Parameters:
  ///   - archive: the folder or file that pg_dump wrote.
  ///   - compareForeign: compares what came back of a backup without a manifest.
  func run(
    _ archive: String, _ manifest: BackupManifest, _ options: BackupRestore.Options,
    compareForeign: () throws -> [String] = { [] }
  ) throws -> BackupRestore.Outcome {
    let connection = target.connection
    try target.requireConsent(
      to: manifest.name, manifest, target.shared, replaces: options.replaces)
    // What an interrupted restore has made is replaced like anything else.
    let way: BackupRestore.Way = target.isFresh ? .fresh : .replaced
    if let marker = target.marker {
      work.note("an earlier restore of \(marker.backup) did not finish here")
    }
    try target.endLeftovers()
    try RestoreMarker.set(connection, backup: manifest.name, id: manifest.id)
    let clock = Stopwatch()
    work.note(
      "restoring \(manifest.name) into \(target.database)"
        + (way == .replaced ? ", in one transaction" : ""))
    try restore(archive, manifest, options, way)
    let restored = clock.milliseconds
    let comparing = Stopwatch()
    let differences = try manifest.files.isEmpty ? compareForeign() : compare(manifest)
    try RestoredLedger(connection: connection, schema: options.ledgerSchema).mend(
      isRestored: manifest.holds.tables.contains {
        $0.schema == options.ledgerSchema && $0.name == "session"
      }, work.note)
    if differences.isEmpty { try RestoreMarker.clear(connection) }
    return BackupRestore.Outcome(
      backup: manifest.name, database: target.database, way: way,
      tables: try manifest.files.isEmpty
        ? ContentsReader(connection: connection).tables().count : manifest.holds.tables.count,
      rows: manifest.holds.filledTables.isEmpty ? nil : manifest.holds.rows,
      differences: differences, mended: target.marker != nil, restoreMilliseconds: restored,
      compareMilliseconds: comparing.milliseconds)
  }

  private func restore(
    _ archive: String, _ manifest: BackupManifest, _ options: BackupRestore.Options,
    _ way: BackupRestore.Way
  ) throws {
    let program = try RestoreProgram(work: work, atLeast: manifest.dumperVersion)
    var arguments = options.keepsOwners ? [] : ["--no-owner", "--no-privileges"]
    arguments +=
      way == .fresh
      ? ["--jobs=\(work.fitting(jobs: options.jobs ?? max(1, manifest.jobs)))"]
      : ["--clean", "--if-exists", "--single-transaction"]
    do {
      try program.run(
        archive, into: target.place, database: target.database, options: arguments,
        filter: way == .fresh ? manifest.filter : target.filter)
    } catch let error as MigrationError {
      throw try failure(error, way)
    }
  }

  /// Says what state the database is in.
  private func failure(_ error: MigrationError, _ way: BackupRestore.Way) throws -> MigrationError {
    let isUnchanged = way == .replaced
    // The transaction was rolled back; what an earlier restore left is still there.
    if isUnchanged, target.marker == nil { try? RestoreMarker.clear(target.connection) }
    let state =
      isUnchanged
      ? "nothing was changed"
      : "the database is marked as half restored; restarting the restore fixes this"
    return MigrationError(
      error.kind, error.what, reason: error.reason, place: error.place,
      remedy:
        "\(state); fix the cause, such as a role that does not exist here (--no-owners omits "
        + "owners and grants) or an object that depends on a replaced one")
  }

  private func compare(_ manifest: BackupManifest) throws -> [String] {
    guard manifest.contents != .schema else {
      let there = Set(try ContentsReader(connection: target.connection).tables().map(\.title))
      return manifest.holds.tables.filter { !there.contains($0.title) }.map {
        "table \($0.title) is missing"
      }
    }
    work.note("comparing every table with the manifest")
    let listed = try manifest.listedTables(target.connection)
    let contents = try ContentsReader.read(
      target.connection, tables: listed, as: manifest.holds.rowHash)
    let encoding = try OriginReader(connection: target.connection).read(role: .target).encoding
    return manifest.holds.differences(
      in: contents, comparesHashes: encoding == manifest.origin.encoding)
  }
}

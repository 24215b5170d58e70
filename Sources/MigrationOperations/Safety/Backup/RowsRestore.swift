import MigrationBasics
import MigrationLedger
import Postgres

/// Puts the rows of tables back in one transaction, which is committed only if they are what the
/// manifest says.
///
/// Foreign keys from and to the tables are dropped meanwhile and created again, so that rows
/// elsewhere may refer to them; if they no longer fit, nothing is changed.
struct RowsRestore {
  let work: BackupWork
  let target: RestoreTarget

  func run(
    _ backup: Backup, _ manifest: BackupManifest, _ options: BackupRestore.Options
  ) throws -> BackupRestore.Outcome {
    let tables = try chosen(manifest, options)
    try target.requireConsent(to: backup.name, nil, tables, replaces: options.replaces)
    try RestoreMarker.refuse(target.connection, place: target.place.url.redacted)
    let clock = Stopwatch()
    work.note("restoring the rows of \(CountText.of(tables.count, "table")), in one transaction")
    var compared = 0
    let restored: DatabaseContents = try target.connection.inTransaction {
      let guards = try SuspendedConstraints(target.connection, tables)
      try guards.takeOff()
      try load(backup, manifest, tables)
      let loading = clock.milliseconds
      let contents = try compare(manifest, tables)
      try guards.putBack()
      try moveSequences(manifest, tables)
      compared = clock.milliseconds - loading
      return contents
    }
    return BackupRestore.Outcome(
      backup: backup.name, database: target.database, way: .rows, tables: tables.count,
      rows: restored.rows, differences: [], mended: false,
      restoreMilliseconds: clock.milliseconds - compared, compareMilliseconds: compared)
  }

  func chosen(
    _ manifest: BackupManifest, _ options: BackupRestore.Options
  ) throws -> [ContentsReader.Listed] {
    let filled = Set(manifest.holds.filledTables.map(\.title))
    let tables =
      try options.tables.map { try BackupSelection.chosen($0, of: target.listed) }
      ?? target.listed.filter { filled.contains($0.title) }
    let there = Set(tables.map(\.title))
    let missing = options.tables == nil ? filled.subtracting(there).sorted() : []
    let unknown = there.subtracting(filled).sorted()
    guard missing.isEmpty, unknown.isEmpty, !tables.isEmpty else {
      let names = (missing + unknown).joined(separator: ", ")
      throw MigrationError(
        .failed,
        unknown.isEmpty
          ? "the target lacks tables of the backup: \(names)"
          : "the backup has no rows of \(names)",
        place: target.place.url.redacted,
        remedy: unknown.isEmpty
          ? "create the tables first: migrate db migrate" : "see: migrate backup list --json")
    }
    return tables
  }

  private func load(
    _ backup: Backup, _ manifest: BackupManifest, _ tables: [ContentsReader.Listed]
  ) throws {
    let names = try tables.map { try SQL.identifier(schema: $0.schema, $0.name) }
    try target.connection.execute("TRUNCATE ONLY \(names.joined(separator: ", ONLY "))")
    let program = try RestoreProgram(work: work, atLeast: manifest.dumperVersion)
    var script = RowsScript(connection: target.connection, tables: names)
    try program.print(backup.dump, ["--data-only", "--file=-"]) { try script.add($0) }
    try script.finish()
  }

  private func compare(
    _ manifest: BackupManifest, _ tables: [ContentsReader.Listed]
  ) throws -> DatabaseContents {
    let reader = ContentsReader(connection: target.connection, rowHash: manifest.holds.rowHash)
    try reader.prepare()
    let found = DatabaseContents(
      tables: try tables.map(reader.table), sequences: [], largeObjects: nil)
    let titles = Set(tables.map(\.title))
    let wanted = DatabaseContents(
      tables: manifest.holds.tables.filter { titles.contains($0.title) }, sequences: [],
      largeObjects: nil)
    let differences = wanted.differences(in: found)
    guard differences.isEmpty else {
      throw MigrationError(
        .coded(.corruption),
        "the restored rows differ from the manifest: \(differences.joined(separator: "; "))",
        place: target.place.url.redacted, remedy: "nothing was changed; use another backup")
    }
    return found
  }

  /// Only forwards: sequences obey no transaction, and a number must never be given twice.
  private func moveSequences(_ manifest: BackupManifest, _ tables: [ContentsReader.Listed]) throws {
    for sequence in manifest.holds.sequences {
      guard
        tables.contains(where: {
          $0.schema == sequence.ownerSchema && $0.name == sequence.ownerTable
        })
      else { continue }
      let name = try SQL.identifier(schema: sequence.schema, sequence.name)
      let there = try target.connection.query(
        "SELECT pg_catalog.to_regclass($1) IS NOT NULL", [name])
      guard there.bool(0, 0) == true else { continue }
      let sign = sequence.isDescending ? ">" : "<"
      try target.connection.query(
        "SELECT pg_catalog.setval($1::regclass, $2, $3) FROM \(name) WHERE last_value \(sign) $2",
        [name, sequence.value, sequence.isCalled])
    }
  }
}

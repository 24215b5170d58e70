import MigrationBasics
import MigrationPlan

/// Says of a backup of PostgreSQL without a manifest what can be known without restoring it.
///
/// All of it is read: one that was cut short is found before anything is changed, whatever pg_restore
/// thinks of it. Its tables are those that it may replace: what came back is not compared with them.
struct ForeignManifest {
  let work: BackupWork

  /// - Throws: `BackupFindings` if it is not whole, or would do what a dump does not do.
  func read(_ backup: ForeignBackup) throws -> (manifest: BackupManifest, scan: SQLScan) {
    switch backup.form {
    case .archive: try readArchive(backup)
    case .sql, .documents: try readSQL(backup)
    }
  }

  private func readArchive(
    _ backup: ForeignBackup
  ) throws -> (manifest: BackupManifest, scan: SQLScan) {
    try ForeignArchive(work: work, path: backup.path).check()
    var bytes: [UInt8] = []
    let program = try RestoreProgram(work: work, atLeast: 0, newest: true)
    try program.print(backup.path, ["--list"]) { bytes += $0 }
    let list = String(decoding: bytes, as: UTF8.self)
    let scan = SQLScan()
    try program.print(backup.path, ["--file=-"]) { try scan.add(Array($0)) }
    try scan.finish()
    if !scan.faults.isEmpty { throw BackupFindings(all: scan.faults) }
    return (
      manifest(
        backup, version: Self.version(list), tables: Self.tables(list), roles: [], key: list), scan
    )
  }

  private func readSQL(
    _ backup: ForeignBackup
  ) throws -> (manifest: BackupManifest, scan: SQLScan) {
    let scan = try SQLScan(backup.path, watch: work.watch)
    if !scan.faults.isEmpty { throw BackupFindings(all: scan.faults) }
    return (
      manifest(
        backup, version: scan.majorVersion, tables: scan.tables, roles: scan.roles.sorted(),
        key: backup.path), scan
    )
  }

  private func manifest(
    _ backup: ForeignBackup, version: Int, tables: [QualifiedName], roles: [String], key: String
  ) -> BackupManifest {
    var manifest = BackupManifest(
      foreign: backup, product: "PostgreSQL", version: version, key: key)
    manifest.roles = roles
    manifest.holds = DatabaseContents(
      tables: tables.map {
        DatabaseContents.Table(schema: $0.schema, name: $0.name, rows: nil, hash: nil, bytes: 0)
      }, sequences: [], largeObjects: nil)
    return manifest
  }

  /// `;     Dumped from database version: 15.18`, and the same of pg_dump.
  private static func version(_ list: String) -> Int {
    list.split(separator: "\n").filter { $0.hasPrefix(";     Dumped ") }
      .compactMap { Tool.versionNumber(in: String($0)) }
      .compactMap { Int($0.prefix { $0 != "." }) }.max() ?? 0
  }

  /// `215; 1259 16385 TABLE public customers owner`: names stand without quotes, so that one with blanks
  /// may be read in several ways; all of them count.
  private static func tables(_ list: String) -> [QualifiedName] {
    list.split(separator: "\n").flatMap { line -> [QualifiedName] in
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count >= 7, words[3] == "TABLE", words[4] != "DATA" else { return [] }
      let names = words[4..<words.count - 1]
      return names.indices.dropFirst().map { cut in
        QualifiedName(
          schema: names[..<cut].joined(separator: " "), name: names[cut...].joined(separator: " "))
      }
    }
  }
}

extension BackupManifest {
  /// What is known of a backup that has none.
  init(foreign backup: ForeignBackup, product: String, version: Int, key: String) {
    let origin = Origin(
      role: "unknown", product: product, version: "\(version)", majorVersion: version,
      place: "", database: "", user: "", identity: nil, encoding: "UTF8", collation: "C",
      characterType: "C", bytes: backup.bytes)
    self.init(
      name: backup.name, id: SHA256.hexadecimal(of: key.utf8), contents: .all, created: .now(),
      origin: origin, tools: [:], jobs: 1, compression: 0,
      holds: DatabaseContents(tables: [], sequences: [], largeObjects: nil),
      schemaHash: nil, roles: [], files: [],
      times: .init(dump: 0, counting: 0, checksums: 0))
  }
}

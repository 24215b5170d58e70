import MigrationEngine

/// What a restore must not replace: the tables that the migration reads.
extension RestoreTarget {
  /// Refuses a restore over the source's tables.
  ///
  /// - Parameter isScript: whether a script of others is run, which may change any table.
  func keepSource(
    of manifest: BackupManifest, _ options: BackupRestore.Options, _ work: BackupWork,
    isScript: Bool = false
  ) throws {
    guard !listed.isEmpty, try work.databases.isSource(connection) else { return }
    let replaced = try options.tables.map { try BackupSelection.chosen($0, of: listed) } ?? shared
    let read = options.sourceTables.map { tables in
      Set(tables.map { $0.schema == "public" ? $0.name : $0.description })
    }
    let lost = replaced.filter { table in
      read.map { $0.contains(table.title) || !$0.isDisjoint(with: table.parents) } ?? true
    }
    guard !lost.isEmpty || isScript else { return }
    let names = lost.prefix(5).map(\.title).joined(separator: ", ") + (lost.count > 5 ? ", …" : "")
    throw SourceGuard.refusal(
      "the restore would replace tables of the source"
        + (isScript ? ": a script can change any table" : ": \(names)"), connection)
  }
}

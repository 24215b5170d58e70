/// What is in a schema's files against what was applied to a database.
package struct SchemaStatus: Sendable {
  /// A migration that was applied.
  package struct Applied: Sendable, Hashable {
    package let number: Int
    package let name: String
    package let checksum: String
    /// When it was applied, as the server writes it, in UTC.
    package let at: String
    package let by: String
    package let milliseconds: Int

    package init(
      number: Int, name: String, checksum: String, at: String, by: String, milliseconds: Int
    ) {
      (self.number, self.name, self.checksum) = (number, name, checksum)
      (self.at, self.by, self.milliseconds) = (at, by, milliseconds)
    }
  }

  /// The applied migrations, by number.
  package let applied: [Applied]
  /// Those that are not applied, in the order in which they will be.
  package let pending: [SchemaMigration]
  /// What does not fit; while there is any, nothing is applied or taken back.
  package let faults: [SchemaFault]

  init(folder: SchemaFolder, applied: [Applied]) {
    self.applied = applied
    let numbers = Set(applied.map(\.number))
    pending = folder.migrations.filter { !numbers.contains($0.number) }
    faults =
      applied.compactMap { entry in Self.fault(of: entry, in: folder) }
      + Self.lateComers(pending, after: applied.last?.number ?? 0, in: folder)
  }

  private static func fault(of entry: Applied, in folder: SchemaFolder) -> SchemaFault? {
    guard let migration = folder.migrations.first(where: { $0.number == entry.number }) else {
      return .missing(number: entry.number, name: entry.name, folder: folder.path)
    }
    if migration.name != entry.name {
      return .renumbered(path: migration.up.path, applied: entry.name)
    }
    if migration.up.checksum != entry.checksum {
      return .changed(
        path: migration.up.path, applied: entry.checksum, found: migration.up.checksum)
    }
    return nil
  }

  /// A pending file before an applied one would be run out of order.
  private static func lateComers(
    _ pending: [SchemaMigration], after last: Int, in folder: SchemaFolder
  ) -> [SchemaFault] {
    pending.filter { $0.number < last }.map { .outOfOrder(path: $0.up.path, newest: last) }
  }
}

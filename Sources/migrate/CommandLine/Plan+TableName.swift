import MigrationCore

extension Plan {
  /// Returns the name of a table, given by its name or by its command.
  func tableName(_ given: String) throws -> String {
    if let table = tables.first(where: { $0.name == given || $0.command == given }) {
      return table.name
    }
    let known = tables.map(\.command)
    throw MigrationError(
      .configuration, "table \"\(given)\" is not in plan \(name)",
      remedy: Hint.nearest(to: given, in: known))
  }
}

import MigrationCore

extension Plan {
  /// The name of a table, given by its name or by its command.
  func tableName(_ given: String) throws -> String {
    if let table = tables.first(where: { $0.name == given || $0.command == given }) {
      return table.name
    }
    let known = tables.map(\.command)
    throw MigrationError(
      .configuration, "the plan has no table \(given)\(suggestion(for: given, in: known))",
      remedy: "it has: \(known.joined(separator: ", "))")
  }
}

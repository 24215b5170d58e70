/// Which entries of an archive are omitted from a restore.
package struct ArchiveFilter: Sendable {
  /// Whether foreign keys are: what they lead to may not be in a backup of some tables.
  var leavesOutForeignKeys = false
  /// Schemas and extensions that are there and stay: others may use them.
  var schemas: Set<String> = []
  var extensions: Set<String> = []

  package var isEmpty: Bool { !leavesOutForeignKeys && schemas.isEmpty && extensions.isEmpty }

  /// Judges a line of the archive's list, such as `3; 2615 16386 SCHEMA - sales owner`.
  package func keeps(_ line: Substring) -> Bool {
    if leavesOutForeignKeys, line.contains(" FK CONSTRAINT ") { return false }
    return !names(schemas, line, after: " SCHEMA - ")
      && !names(extensions, line, after: " EXTENSION - ")
      && !names(extensions, line, after: " COMMENT - EXTENSION ")
  }

  private func names(_ names: Set<String>, _ line: Substring, after kind: String) -> Bool {
    guard !names.isEmpty, let place = line.firstRange(of: kind) else { return false }
    // Behind the name comes the owner, if there is one.
    let rest = line[place.upperBound...] + " "
    return names.contains { rest.hasPrefix($0 + " ") }
  }
}

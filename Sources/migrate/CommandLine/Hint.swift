import MigrationCore

/// Hints below errors about unknown names.
enum Hint {
  /// Returns `did you mean "x"?` if a known name is near, otherwise another hint.
  static func nearest(
    to word: String, in known: [String], otherwise hint: String
  ) -> String {
    MigrationCore.nearest(to: word, in: known).map { "did you mean \"\($0)\"?" } ?? hint
  }

  /// Returns the nearest name, or all names that are known.
  static func nearest(to word: String, in known: [String]) -> String {
    nearest(to: word, in: known, otherwise: "use one of: \(known.joined(separator: ", "))")
  }
}

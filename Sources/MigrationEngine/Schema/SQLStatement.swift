/// One statement of an SQL file, and where it is.
package struct SQLStatement: Sendable, Hashable {
  /// The text without the semicolon and without what is before its first word.
  package let text: String
  /// The line of its first word, from 1.
  package let line: Int
  /// The words outside quotes and parentheses, in capitals, as far as they show its kind.
  let leadingWords: [String]

  /// Whether the statement begins or ends a transaction, which only the migrator may do.
  var controlsTransaction: Bool {
    switch leadingWords.first {
    case "BEGIN", "START", "COMMIT", "END", "ABORT": true
    case "ROLLBACK": !leadingWords.contains("TO")
    case "PREPARE": leadingWords.dropFirst().first == "TRANSACTION"
    default: false
    }
  }

  /// The line, from 1, of a place that is counted in characters from 1, as the server counts.
  package func line(atPosition position: Int?) -> Int {
    guard let position else { return line }
    return line + text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" }
  }

  /// The statement without `CONCURRENTLY`, so that it can run inside a transaction.
  var withoutConcurrently: String {
    guard ["CREATE", "DROP", "REINDEX"].contains(leadingWords.first),
      let place = leadingWords.firstIndex(of: "CONCURRENTLY")
    else { return text }
    // It is a word before any name, so the first of that spelling is the one.
    var rest = text[...]
    var kept = ""
    for _ in 0..<place {
      guard let end = rest.firstIndex(where: \.isWhitespace) else { return text }
      kept += rest[..<end]
      rest = rest[end...]
      let word = rest.firstIndex { !$0.isWhitespace } ?? rest.endIndex
      kept += rest[..<word]
      rest = rest[word...]
    }
    guard rest.uppercased().hasPrefix("CONCURRENTLY") else { return text }
    return kept + rest.dropFirst("CONCURRENTLY".count)
  }
}

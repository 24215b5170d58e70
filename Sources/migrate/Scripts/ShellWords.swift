/// Splits a command line into words as a shell would, without evaluating anything.
enum ShellWords {
  struct UnclosedQuote: Error {}

  /// Blanks part words; single quotes, double quotes and a backslash keep them together.
  static func split(_ line: String) throws(UnclosedQuote) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let finished = word { words.append(finished) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil, !isEscaped else { throw UnclosedQuote() }
    return words + (word.map { [$0] } ?? [])
  }
}

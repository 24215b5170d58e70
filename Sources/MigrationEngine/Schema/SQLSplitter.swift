/// Parts an SQL file into its statements, so that each failure has its line.
///
/// It follows the server's own lexer as far as semicolons are concerned: strings, escape strings,
/// quoted names, dollar quotes, comments inside comments, parentheses, and the bodies of SQL
/// functions between BEGIN ATOMIC and END. What it can't part, the server refuses.
struct SQLSplitter {
  private let scalars: [Unicode.Scalar]
  private var index = 0
  private var line = 1
  private var start: (index: Int, line: Int)?
  private var words: [String] = []
  private var parentheses = 0
  private var blocks = 0
  private var statements: [SQLStatement] = []

  static func split(_ sql: String) -> [SQLStatement] {
    var splitter = SQLSplitter(scalars: Array(sql.unicodeScalars))
    splitter.run()
    return splitter.statements
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  private mutating func run() {
    while let scalar = current {
      switch scalar {
      case "-" where next == "-": skip { $0 != "\n" }
      case "/" where next == "*": skipBlockComment()
      case ";" where parentheses <= 0 && blocks == 0: finish(); advance()
      case _ where scalar.properties.isWhitespace: advance()
      default: begin(); takeToken(scalar)
      }
    }
    finish()
  }

  private mutating func takeToken(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "'": skipQuoted("'", escapes: false)
    case "\"": skipQuoted("\"", escapes: false)
    case "$": skipDollarQuoted()
    case "(": parentheses += 1; advance()
    case ")": parentheses -= 1; advance()
    case _ where Self.isWordStart(scalar): takeWord()
    default: advance()
    }
  }

  private mutating func takeWord() {
    let start = index
    skip { Self.isWordStart($0) || ("0"..."9").contains($0) || $0 == "$" }
    let word = text(start..<index).uppercased()
    if word == "E", current == "'" { return skipQuoted("'", escapes: true) }
    countBlocks(word)
    if parentheses == 0, words.count < 12 { words.append(word) }
  }

  /// A function's body in standard SQL holds statements of its own, up to its END.
  private mutating func countBlocks(_ word: String) {
    guard words.first == "CREATE", words.contains("FUNCTION") || words.contains("PROCEDURE") else {
      return
    }
    switch word {
    case "BEGIN": blocks += 1
    case "CASE" where blocks > 0: blocks += 1
    case "END" where blocks > 0: blocks -= 1
    default: break
    }
  }

  private mutating func skipQuoted(_ quote: Unicode.Scalar, escapes: Bool) {
    advance()
    while let scalar = current {
      advance()
      if escapes, scalar == "\\" { advance() }
      if scalar == quote {
        guard current == quote else { return }
        advance()
      }
    }
  }

  private mutating func skipDollarQuoted() {
    let opening = index
    advance()
    skip { Self.isWordStart($0) || ("0"..."9").contains($0) }
    guard current == "$" else { return }
    advance()
    let tag = Array(scalars[opening..<index])
    while index < scalars.count {
      if current == "$", scalars[index...].starts(with: tag) {
        for _ in tag { advance() }
        return
      }
      advance()
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if current == "/", next == "*" {
        depth += 1; advance()
      } else if current == "*", next == "/" {
        depth -= 1; advance()
      }
      advance()
    } while depth > 0 && current != nil
  }

  private mutating func begin() { if start == nil { start = (index, line) } }

  private mutating func finish() {
    if let start {
      statements.append(
        SQLStatement(text: text(start.index..<index), line: start.line, leadingWords: words))
    }
    (start, words, parentheses, blocks) = (nil, [], 0, 0)
  }

  private var current: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }
  private var next: Unicode.Scalar? { index + 1 < scalars.count ? scalars[index + 1] : nil }

  private mutating func advance() {
    if current == "\n" { line += 1 }
    index += 1
  }

  private mutating func skip(while condition: (Unicode.Scalar) -> Bool) {
    while let scalar = current, condition(scalar) { advance() }
  }

  private func text(_ range: Range<Int>) -> String {
    String(String.UnicodeScalarView(scalars[range]))
  }

  private static func isWordStart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar.value >= 0x80 || ("a"..."z").contains(scalar)
      || ("A"..."Z").contains(scalar)
  }
}

import MigrationPlan

/// A statement of a file, as the server is to get it.
struct DumpStatement {
  let bytes: [UInt8]
  /// The first words outside of quotes and parentheses, in upper case.
  let words: [String]
  /// How many pairs of parentheses are behind the last word outside of any.
  let groups: Int
  /// The line of its end.
  let line: Int

  var text: String { String(decoding: bytes, as: UTF8.self) }

  func starts(with words: String...) -> Bool { self.words.starts(with: words) }

  /// Whether it is `COPY … FROM stdin` as pg_dump writes it, so that rows follow.
  var isCopyFromInput: Bool {
    starts(with: "COPY") && words.suffix(2) == ["FROM", "STDIN"]
      && bytes.suffix(5).map { $0 | 0x20 }.elementsEqual("stdin".utf8)
  }

  /// How many columns a COPY names; nil if it names none, as for a table without columns.
  var copiedColumns: Int? {
    var (count, depth, isQuoted, isNamed) = (0, 0, false, false)
    for byte in bytes {
      if byte == .quote { isQuoted.toggle() }
      guard !isQuoted else { continue }
      if byte == .openingParenthesis {
        depth += 1
        isNamed = true
      }
      if byte == .closingParenthesis { depth -= 1 }
      if byte == UInt8(ascii: ","), depth == 1 { count += 1 }
    }
    return isNamed ? count + 1 : nil
  }

  /// The rows of an INSERT as pg_dump writes it; nil if only the server knows how many there are.
  var insertedRows: Int? {
    if words.suffix(2) == ["DEFAULT", "VALUES"] { return 1 }
    return words.last == "VALUES" && groups > 0 ? groups : nil
  }

  /// The name with its schema behind some words at the beginning.
  func name(after start: String, in schema: String?) -> QualifiedName? {
    let text = String(decoding: bytes.prefix(1024), as: UTF8.self)
    return QualifiedName(startOf: text.dropFirst(start.count), in: schema)
  }

  /// What may be a statement about the transaction, which the program alone begins and ends.
  var transactionWord: String? {
    guard let first = words.first else { return nil }
    switch first {
    case "BEGIN", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE": return first
    case "START" where starts(with: "START", "TRANSACTION"): return "START TRANSACTION"
    case "PREPARE" where starts(with: "PREPARE", "TRANSACTION"): return "PREPARE TRANSACTION"
    default: return nil
    }
  }

  /// Whether it opens or ends a transaction in the plain form in which pg_dump surrounds large objects.
  var isPlainBegin: Bool { words == ["BEGIN"] || words == ["BEGIN", "TRANSACTION"] }
  var isPlainCommit: Bool { words == ["COMMIT"] || words == ["COMMIT", "TRANSACTION"] }
}

/// Collects the words of a statement that show its kind.
struct DumpWords {
  private(set) var taken: [String] = []
  private(set) var isEmpty = true
  private var word: [UInt8] = []
  private static let most = 8

  /// Whether a word has begun and not ended.
  var isOpen: Bool { !word.isEmpty }

  mutating func add(_ byte: UInt8) {
    isEmpty = false
    word.append(byte)
  }

  /// Ends the word, and returns it; empty if there is none.
  mutating func end(inParentheses: Bool) -> [UInt8] {
    defer { word.removeAll(keepingCapacity: true) }
    guard !word.isEmpty, !inParentheses, word.count < 32 else { return word }
    // The first words say what it is, the last two whether rows follow.
    if taken.count == Self.most { taken.remove(at: Self.most - 2) }
    taken.append(String(decoding: word, as: UTF8.self).uppercased())
    return word
  }

  /// How much deeper the body of an SQL function becomes with a word: `BEGIN ATOMIC … END`.
  func step(_ word: [UInt8], depth: Int) -> Int {
    guard (3...5).contains(word.count), isRoutine else { return 0 }
    switch String(decoding: word, as: UTF8.self).uppercased() {
    case "BEGIN": return 1
    case "CASE": return depth > 0 ? 1 : 0
    case "END": return -1
    default: return 0
    }
  }

  private var isRoutine: Bool {
    let words =
      taken.starts(with: ["CREATE", "OR", "REPLACE"]) ? taken.dropFirst(3) : taken.dropFirst()
    return taken.first == "CREATE" && ["FUNCTION", "PROCEDURE"].contains(words.first)
  }
}

extension UInt8 {
  static let dollar = UInt8(ascii: "$")
  static let semicolon = UInt8(ascii: ";")
  static let openingParenthesis = UInt8(ascii: "(")
  static let closingParenthesis = UInt8(ascii: ")")
  static let hyphen = UInt8(ascii: "-")
  static let asterisk = UInt8(ascii: "*")
  static let slash = UInt8(ascii: "/")

  var isWordByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") || self >= 0x80 }
}

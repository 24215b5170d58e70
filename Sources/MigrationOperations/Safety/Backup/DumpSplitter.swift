/// Cuts SQL as pg_dump writes it into statements, rows of COPY, comments and psql commands.
///
/// The rules are those of psql's scanner, so that a semicolon within quotes, comments, parentheses
/// or a function's body ends nothing. Bytes may come cut anywhere.
struct DumpSplitter {
  enum Piece {
    /// A statement without its semicolon.
    case statement(DumpStatement)
    /// A line of a COPY with its line feed.
    case row(ArraySlice<UInt8>)
    /// The line `\.`.
    case endOfRows
    /// A line comment that is between statements.
    case comment(String)
    /// A backslash outside of quotes and what follows on its line: psql would take it for a command.
    case command(String)
  }

  private enum State: Equatable {
    case plain, lineComment, command, identifier, rows
    /// The rest of a line behind the statement that begins a COPY.
    case beforeRows
    case blockComment(depth: Int)
    case string(escapes: Bool)
    /// Behind a quote with escapes: a second quote would double the first.
    case closedEscapes
    /// A dollar was read that may begin a quote; where it is.
    case tag(Int)
    /// A dollar quote: where its tag is.
    case dollar(Range<Int>)
  }

  private var line = 1
  /// Whether `'…'` has escapes, as with `standard_conforming_strings = off`.
  private var escapesPlainQuotes = false
  private var state = State.plain
  private var bytes: [UInt8] = []
  private var words = DumpWords()
  private var previous: UInt8 = 0
  private var isEscaped = false
  private var parentheses = 0
  /// How many pairs of parentheses are behind the last word outside of any: the rows of VALUES.
  private var groups = 0
  /// How deep in `BEGIN ATOMIC … END` the text is.
  private var beginning = 0

  /// Whether the text could end here: no statement, quote, comment or COPY is open.
  var isBetweenStatements: Bool { bytes.isEmpty && state == .plain }
  var isInRows: Bool { state == .rows || state == .beforeRows }

  /// - Parameter take: gets each piece and the line where it ends.
  mutating func add(_ part: [UInt8], _ take: (Piece, _ line: Int) throws -> Void) throws {
    var index = 0
    while index < part.count {
      if state == .rows {
        index = try addRow(part, from: index, take)
      } else {
        try add(part[index], take)
        index += 1
      }
    }
  }

  /// Ends the text; a comment or command may lack its line feed.
  mutating func finish(_ take: (Piece, _ line: Int) throws -> Void) throws {
    if state == .lineComment || state == .command { try add(.lineFeed, take) }
    if state == .rows, Self.isEndOfRows(bytes[...]) { try endRows(take) }
  }

  private mutating func addRow(
    _ part: [UInt8], from start: Int, _ take: (Piece, _ line: Int) throws -> Void
  ) throws -> Int {
    guard let end = part[start...].firstIndex(of: .lineFeed) else {
      bytes += part[start...]
      return part.count
    }
    let isWhole = bytes.isEmpty
    if !isWhole { bytes += part[start...end] }
    let row = isWhole ? part[start...end] : bytes[...]
    if Self.isEndOfRows(row) { try endRows(take) } else { try take(.row(row), line) }
    line += 1
    bytes.removeAll(keepingCapacity: true)
    return end + 1
  }

  private static func isEndOfRows(_ row: ArraySlice<UInt8>) -> Bool {
    guard row.count <= 4 else { return false }
    return row.filter { $0 != .lineFeed && $0 != .carriageReturn } == [
      .backslash, UInt8(ascii: "."),
    ]
  }

  private mutating func endRows(_ take: (Piece, _ line: Int) throws -> Void) throws {
    bytes.removeAll(keepingCapacity: true)
    state = .plain
    try take(.endOfRows, line)
  }

  private mutating func add(_ byte: UInt8, _ take: (Piece, _ line: Int) throws -> Void) throws {
    if byte == .lineFeed { line += 1 }
    switch state {
    case .plain: try addPlain(byte, take)
    case .rows: break
    case .beforeRows: if byte == .lineFeed { enter(.rows) }
    case .lineComment, .command: try addToLine(byte, take)
    case .blockComment(let depth): addToComment(byte, depth)
    case .identifier:
      bytes.append(byte)
      if byte == .quote { enter(.plain) }
    case .string(let escapes): addQuoted(byte, escapes)
    case .closedEscapes:
      enter(byte == .apostrophe ? .string(escapes: true) : .plain)
      try byte == .apostrophe ? bytes.append(byte) : addPlain(byte, take)
    case .tag(let start): try addToTag(byte, start, take)
    case .dollar(let tag):
      bytes.append(byte)
      let isEnd =
        byte == .dollar && bytes.count - tag.upperBound >= tag.count
        && bytes.suffix(tag.count) == bytes[tag]
      if isEnd { enter(.plain) }
    }
  }

  private mutating func enter(_ next: State) {
    (state, previous, isEscaped) = (next, 0, false)
  }

  private mutating func addQuoted(_ byte: UInt8, _ escapes: Bool) {
    bytes.append(byte)
    if isEscaped {
      isEscaped = false
    } else if escapes, byte == .backslash {
      isEscaped = true
    } else if byte == .apostrophe {
      enter(escapes ? .closedEscapes : .plain)
    }
  }

  private mutating func addToComment(_ byte: UInt8, _ depth: Int) {
    bytes.append(byte)
    if previous == .asterisk, byte == .slash {
      enter(depth == 1 ? .plain : .blockComment(depth: depth - 1))
      if state == .plain, words.isEmpty, parentheses == 0 { bytes.removeAll() }
    } else if previous == .slash, byte == .asterisk {
      enter(.blockComment(depth: depth + 1))
    } else {
      previous = byte
    }
  }

  /// A comment within a statement stays in it; one between statements is reported.
  private mutating func addToLine(_ byte: UInt8, _ take: (Piece, _ line: Int) throws -> Void) throws
  {
    bytes.append(byte)
    guard byte == .lineFeed else { return }
    let isCommand = state == .command
    enter(.plain)
    guard isCommand || (words.isEmpty && parentheses == 0) else { return }
    let text = String(decoding: bytes, as: UTF8.self).trimmed
    startAnew()
    try take(isCommand ? .command(text) : .comment(text), line - 1)
  }

  private mutating func addToTag(
    _ byte: UInt8, _ start: Int, _ take: (Piece, _ line: Int) throws -> Void
  ) throws {
    if byte == .dollar {
      bytes.append(byte)
      enter(.dollar(start..<bytes.count))
    } else if byte.isWordByte, !(bytes.count == start + 1 && byte.isDigit) {
      bytes.append(byte)
    } else {
      enter(.plain)
      try addPlain(byte, take)
    }
  }

  private mutating func addPlain(_ byte: UInt8, _ take: (Piece, _ line: Int) throws -> Void) throws
  {
    if byte.isWordByte || (byte == .dollar && words.isOpen) {
      bytes.append(byte)
      words.add(byte)
      previous = byte
      return
    }
    let ended = words.end(inParentheses: parentheses > 0)
    if !ended.isEmpty, parentheses == 0 {
      groups = 0
      beginning = max(0, beginning + words.step(ended, depth: beginning))
    }
    switch byte {
    case .backslash:
      if words.isEmpty { bytes.removeAll() }
      bytes.append(byte)
      enter(.command)
    case .semicolon where parentheses == 0 && beginning == 0: try end(take)
    default:
      if bytes.isEmpty, byte.isBlank || byte.isLineEnd { return }
      bytes.append(byte)
      addSign(byte, after: ended)
    }
  }

  private mutating func addSign(_ byte: UInt8, after word: [UInt8]) {
    let before = previous
    previous = byte
    switch byte {
    case .apostrophe:
      let isEscape = word.count == 1 && word[0] | 0x20 == UInt8(ascii: "e") && before == word[0]
      enter(.string(escapes: isEscape || escapesPlainQuotes))
    case .quote: enter(.identifier)
    case .dollar: enter(.tag(bytes.count - 1))
    case .openingParenthesis:
      if parentheses == 0 { groups += 1 }
      parentheses += 1
    case .closingParenthesis: parentheses = max(0, parentheses - 1)
    case .hyphen where before == .hyphen: enter(.lineComment)
    case .asterisk where before == .slash: enter(.blockComment(depth: 1))
    default: break
    }
  }

  private mutating func end(_ take: (Piece, _ line: Int) throws -> Void) throws {
    let statement = DumpStatement(bytes: bytes, words: words.taken, groups: groups, line: line)
    startAnew()
    if statement.starts(with: "SET", "STANDARD_CONFORMING_STRINGS") {
      escapesPlainQuotes = statement.words.last == "OFF"
    }
    enter(statement.isCopyFromInput ? .beforeRows : .plain)
    if !statement.bytes.isEmpty { try take(.statement(statement), line) }
  }

  private mutating func startAnew() {
    bytes.removeAll(keepingCapacity: true)
    words = DumpWords()
    (parentheses, groups, beginning) = (0, 0, 0)
  }
}

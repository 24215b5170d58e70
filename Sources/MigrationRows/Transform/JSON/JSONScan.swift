import MigrationBasics

/// Walks JSON text without building anything of it.
struct JSONScan {
  /// Deeper nesting is refused; PostgreSQL's own stack would bear some more.
  static var maximumDepth: Int { 1000 }

  let start: UnsafeRawPointer
  let end: Int
  var offset: Int
  /// Whether a string has the escape of a NUL, which jsonb refuses.
  private(set) var hasNUL = false
  /// Whether a string has the escape of half a surrogate pair, which jsonb refuses too.
  private(set) var hasLoneSurrogate = false
  /// Whether a number lies beyond what PostgreSQL's numeric can hold.
  private(set) var hasHugeNumber = false

  init(_ start: UnsafeRawPointer, _ count: Int) {
    (self.start, end, offset) = (start, count, 0)
  }

  /// Reports why a text is not JSON that jsonb accepts; nil when it is.
  static func problem(_ start: UnsafeRawPointer, _ count: Int) -> Reason? {
    if let problem = TextScan.problem(start, count) { return problem }
    var scan = JSONScan(start, count)
    guard scan.skipWhole(), !scan.hasLoneSurrogate else { return .notJSON }
    if scan.hasNUL { return .nulByte }
    return scan.hasHugeNumber ? .outOfRange : nil
  }

  /// Reports why a text is not JSON that type json takes, which checks nothing but the grammar.
  static func grammarProblem(_ start: UnsafeRawPointer, _ count: Int) -> Reason? {
    if let problem = TextScan.problem(start, count) { return problem }
    var scan = JSONScan(start, count)
    return scan.skipWhole() ? nil : .notJSON
  }

  /// Skips the one value of a text, and returns whether there was nothing else.
  private mutating func skipWhole() -> Bool {
    skipBlanks()
    guard skipValue(depth: 0) else { return false }
    skipBlanks()
    return offset == end
  }

  @inline(__always) var current: UInt8 { offset < end ? start.byte(offset) : 0 }

  @inline(__always)
  mutating func skipBlanks() {
    while offset < end {
      let byte = start.byte(offset)
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      offset &+= 1
    }
  }

  mutating func takes(_ byte: UInt8) -> Bool {
    guard offset < end, start.byte(offset) == byte else { return false }
    offset += 1
    return true
  }

  /// Skips a value, and returns whether there was a proper one.
  mutating func skipValue(depth: Int) -> Bool {
    switch current {
    case UInt8(ascii: "\""): return skipString()
    case UInt8(ascii: "{"): return skipObject(depth: depth + 1)
    case UInt8(ascii: "["): return skipArray(depth: depth + 1)
    case UInt8(ascii: "t"): return skipWord("true")
    case UInt8(ascii: "f"): return skipWord("false")
    case UInt8(ascii: "n"): return skipWord("null")
    default: return skipNumber()
    }
  }

  private mutating func skipObject(depth: Int) -> Bool {
    guard depth <= Self.maximumDepth else { return false }
    offset += 1
    skipBlanks()
    if takes(UInt8(ascii: "}")) { return true }
    while true {
      guard current == UInt8(ascii: "\""), skipString() else { return false }
      skipBlanks()
      guard takes(UInt8(ascii: ":")) else { return false }
      skipBlanks()
      guard skipValue(depth: depth) else { return false }
      skipBlanks()
      if takes(UInt8(ascii: "}")) { return true }
      guard takes(UInt8(ascii: ",")) else { return false }
      skipBlanks()
    }
  }

  private mutating func skipArray(depth: Int) -> Bool {
    guard depth <= Self.maximumDepth else { return false }
    offset += 1
    skipBlanks()
    if takes(UInt8(ascii: "]")) { return true }
    while true {
      guard skipValue(depth: depth) else { return false }
      skipBlanks()
      if takes(UInt8(ascii: "]")) { return true }
      guard takes(UInt8(ascii: ",")) else { return false }
      skipBlanks()
    }
  }

  mutating func skipString() -> Bool {
    offset += 1
    while offset < end {
      let byte = start.byte(offset)
      offset += 1
      if byte == UInt8(ascii: "\"") { return true }
      if byte < 0x20 { return false }
      if byte == UInt8(ascii: "\\"), !skipEscape() { return false }
    }
    return false
  }

  private mutating func skipEscape() -> Bool {
    let byte = current
    offset += 1
    switch byte {
    case UInt8(ascii: "u"):
      guard let unit = takeHex() else { return false }
      if unit == 0 { hasNUL = true }
      if unit & 0xF800 == 0xD800, unit & 0x0400 != 0 || !takesLowSurrogate() {
        hasLoneSurrogate = true
      }
      return true
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return true
    default: return false
    }
  }

  /// Takes the second half of a surrogate pair; what is none is left to be scanned on its own.
  private mutating func takesLowSurrogate() -> Bool {
    let first = offset
    if takes(UInt8(ascii: "\\")), takes(UInt8(ascii: "u")), let low = takeHex(),
      low & 0xFC00 == 0xDC00
    {
      return true
    }
    offset = first
    return false
  }

  /// Reads the four digits of a `\u` escape.
  mutating func takeHex() -> UInt32? {
    guard end - offset >= 4 else { return nil }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = ASCII.hexValue(start.byte(offset)) else { return nil }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  private mutating func skipWord(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - offset >= count, (start + offset).equals(word.utf8Start, count) else {
      return false
    }
    offset += count
    return true
  }

  private mutating func skipNumber() -> Bool {
    let negative = takes(UInt8(ascii: "-")) ? 1 : 0
    let first = offset
    if !takes(UInt8(ascii: "0")) {
      guard skipDigits() > 0 else { return false }
    }
    if takes(UInt8(ascii: ".")), skipDigits() == 0 { return false }
    let hasExponent = takes(UInt8(ascii: "e")) || takes(UInt8(ascii: "E"))
    if hasExponent {
      if !takes(UInt8(ascii: "-")) { _ = takes(UInt8(ascii: "+")) }
      guard skipDigits() > 0 else { return false }
    }
    // Short numbers without an exponent are the rule, and always in range.
    if hasExponent || offset - first > NumericMaker.mostDecimalPlaces {
      var reader = NumeralReader(start + first - negative, offset - first + negative)
      if !reader.read() || !NumericMaker.isInRange(reader) { hasHugeNumber = true }
    }
    return true
  }

  /// Skips digits and returns how many there were.
  private mutating func skipDigits() -> Int {
    let first = offset
    while offset < end, ASCII.isDigit(start.byte(offset)) { offset += 1 }
    return offset - first
  }
}

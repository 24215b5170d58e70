import MigrationBasics

/// Finds the parts of a decimal number in text.
struct NumeralReader {
  private let start: UnsafeRawPointer
  private let count: Int
  private var offset = 0
  private(set) var isNegative = false
  /// How many digits are before the point.
  private(set) var wholeDigits = 0
  /// How many digits are behind it.
  private(set) var decimalDigits = 0
  private(set) var exponent = 0
  private var wholeStart = 0
  private var decimalStart = 0

  init(_ start: UnsafeRawPointer, _ count: Int) { (self.start, self.count) = (start, count) }

  /// Returns whether the text is a number from its first to its last byte.
  mutating func read() -> Bool {
    if takes(UInt8(ascii: "-")) { isNegative = true } else { _ = takes(UInt8(ascii: "+")) }
    wholeStart = offset
    wholeDigits = takeDigits()
    if takes(UInt8(ascii: ".")) {
      decimalStart = offset
      decimalDigits = takeDigits()
    }
    guard wholeDigits + decimalDigits > 0 else { return false }
    if takes(UInt8(ascii: "e")) || takes(UInt8(ascii: "E")), !takeExponent() { return false }
    return offset == count
  }

  /// A decimal digit by its place among all digits; zero before the first and behind the last.
  @inline(__always)
  func digit(_ index: Int) -> Int {
    if index < 0 || index >= wholeDigits &+ decimalDigits { return 0 }
    let place = index < wholeDigits ? wholeStart &+ index : decimalStart &+ index &- wholeDigits
    return Int(start.byte(place) &- UInt8(ascii: "0"))
  }

  /// The sign field of `NaN` and the infinities, written in any case.
  static func special(_ start: UnsafeRawPointer, _ count: Int) -> UInt16? {
    if ASCII.equalsIgnoringCase(start, count, "nan") { return NumericView.notANumber }
    let hasSign = count > 0 && (start.byte(0) == 0x2B || start.byte(0) == 0x2D)
    let (word, length) = hasSign ? (start + 1, count - 1) : (start, count)
    guard
      ASCII.equalsIgnoringCase(word, length, "infinity")
        || ASCII.equalsIgnoringCase(word, length, "inf")
    else { return nil }
    return hasSign && start.byte(0) == 0x2D ? NumericView.minusInfinity : NumericView.infinity
  }

  private mutating func takes(_ byte: UInt8) -> Bool {
    guard offset < count, start.byte(offset) == byte else { return false }
    offset += 1
    return true
  }

  private mutating func takeDigits() -> Int {
    let first = offset
    while offset < count, ASCII.isDigit(start.byte(offset)) { offset += 1 }
    return offset - first
  }

  private mutating func takeExponent() -> Bool {
    var sign = 1
    if takes(UInt8(ascii: "-")) { sign = -1 } else { _ = takes(UInt8(ascii: "+")) }
    let first = offset
    var value = 0
    while offset < count, ASCII.isDigit(start.byte(offset)) {
      // Beyond this every number is out of range, whatever its digits.
      value = min(value * 10 + Int(start.byte(offset) - UInt8(ascii: "0")), 10_000_000)
      offset += 1
    }
    exponent = sign * value
    return offset > first
  }
}

extension JSON5Parser {
  func startsNumber(_ byte: UInt8) -> Bool {
    if byte.isDigit || byte == UInt8(ascii: "-") { return true }
    guard !isStrict else { return false }
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "I"), UInt8(ascii: "N"): return true
    default: return false
    }
  }

  mutating func parseNumber() throws(ParseError) -> JSONNumber {
    let start = cursor.offset
    if !cursor.take(UInt8(ascii: "-")), !isStrict { _ = cursor.take(UInt8(ascii: "+")) }
    if !isStrict, cursor.take("Infinity") || cursor.take("NaN") {
      // Both are read by Double as they are spelt here.
    } else if !isStrict, cursor.take("0x") || cursor.take("0X") {
      try parseHexadecimal()
    } else {
      try parseDecimal()
    }
    guard isNumberEnd else { throw failure("the end of the number") }
    return JSONNumber(text: cursor.text(from: start))
  }

  private var isNumberEnd: Bool {
    guard let byte = cursor.current else { return true }
    if byte >= 0x80 { return cursor.scalar?.properties.isIDContinue != true }
    return !byte.isLetter && !byte.isDigit && ![0x24, 0x2E, 0x5F].contains(byte)
  }

  private mutating func parseHexadecimal() throws(ParseError) {
    let start = cursor.offset
    while cursor.current?.hexValue != nil { cursor.advance() }
    let count = cursor.offset - start
    guard count > 0 else { throw failure("a hexadecimal digit") }
    guard count <= 16 else { throw failure("at most 16 hexadecimal digits") }
  }

  private mutating func parseDecimal() throws(ParseError) {
    let startsWithZero = cursor.current == UInt8(ascii: "0")
    let whole = skipDigits()
    if startsWithZero, whole > 1 { throw failure("no digits after a leading zero") }
    if whole == 0, isStrict { throw failure("a digit") }
    if cursor.take(UInt8(ascii: ".")) {
      let fraction = skipDigits()
      if fraction == 0, isStrict || whole == 0 { throw failure("a digit after \".\"") }
    } else if whole == 0 {
      throw failure("a digit")
    }
    guard cursor.take(UInt8(ascii: "e")) || cursor.take(UInt8(ascii: "E")) else { return }
    if !cursor.take(UInt8(ascii: "-")) { _ = cursor.take(UInt8(ascii: "+")) }
    guard skipDigits() > 0 else { throw failure("a digit of the exponent") }
  }

  private mutating func skipDigits() -> Int {
    let start = cursor.offset
    while cursor.current?.isDigit == true { cursor.advance() }
    return cursor.offset - start
  }
}

/// A number as it is in a text, exact however long it is.
package struct JSONNumber: Hashable, Sendable {
  /// The number as written: `0x1F`, `+.5`, `-Infinity`, `12345678901234567890123`.
  package let text: String

  /// The number if it is written as a whole number and fits into 64 bits.
  package var integer: Int? {
    guard let (isNegative, digits) = hexadecimal else { return Int(text) }
    guard let magnitude = UInt64(digits, radix: 16) else { return nil }
    if isNegative, magnitude == UInt64(Int.max) + 1 { return Int.min }
    return Int(exactly: magnitude).map { isNegative ? -$0 : $0 }
  }

  /// The number as the nearest double; infinite beyond the range of doubles.
  package var double: Double {
    if let (isNegative, digits) = hexadecimal {
      let magnitude = UInt64(digits, radix: 16).map(Double.init) ?? .infinity
      return isNegative ? -magnitude : magnitude
    }
    return Double(text) ?? .nan
  }

  /// The number as an ordered JSON value that keeps all digits.
  package var value: JSONValue {
    if let integer { return .int(integer) }
    if let (isNegative, digits) = hexadecimal, let magnitude = UInt64(digits, radix: 16) {
      return .numeral((isNegative ? "-" : "") + String(magnitude))
    }
    if isWhole || significantDigits > 17 || !double.isFinite {
      return JSONValue.isNumeral(text) ? .numeral(text) : .double(double)
    }
    return .double(double)
  }

  private var unsigned: Substring {
    text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
  }

  private var isWhole: Bool { unsigned.utf8.allSatisfy(\.isDigit) }

  private var hexadecimal: (isNegative: Bool, digits: Substring)? {
    guard unsigned.hasPrefix("0x") || unsigned.hasPrefix("0X") else { return nil }
    return (text.hasPrefix("-"), unsigned.dropFirst(2))
  }

  private var significantDigits: Int {
    let mantissa = unsigned.prefix { $0 != "e" && $0 != "E" }
    return mantissa.utf8.filter(\.isDigit).drop { $0 == UInt8(ascii: "0") }.count
  }
}

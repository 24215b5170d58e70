/// A number by JSON's grammar at the start of a text.
struct JSONNumber {
  let text: ArraySlice<UInt8>
  let isInteger: Bool

  init?(_ source: ArraySlice<UInt8>) {
    var rest = source
    rest.skip("-")
    guard let first = rest.first, Self.isDigit(first) else { return nil }
    let whole = rest.skipDigits()
    guard first != UInt8(ascii: "0") || whole == 1 else { return nil }
    let wholeEnd = rest.startIndex
    if rest.skip("."), rest.skipDigits() == 0 { return nil }
    if rest.skip("e") || rest.skip("E") {
      if !rest.skip("+") { rest.skip("-") }
      if rest.skipDigits() == 0 { return nil }
    }
    text = source[..<rest.startIndex]
    isInteger = wholeEnd == rest.startIndex
  }

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension ArraySlice<UInt8> {
  @discardableResult
  fileprivate mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: character) else { return false }
    removeFirst()
    return true
  }

  fileprivate mutating func skipDigits() -> Int {
    let digits = prefix(while: JSONNumber.isDigit).count
    removeFirst(digits)
    return digits
  }
}

/// Reads a JSON string from behind its opening quote to its closing one.
struct JSONString {
  struct Refusal: Error { let reason: String }

  private let text: [UInt8]
  private(set) var position: Int

  init(_ text: [UInt8], at position: Int) {
    self.text = text
    self.position = position
  }

  mutating func parse() throws(Refusal) -> [UInt8] {
    var bytes: [UInt8] = []
    while position < text.count {
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        let error = bytes.withRawBytes { UTF8Check.firstError(in: $0) }
        guard error == nil else { throw Refusal(reason: "a string is not UTF-8") }
        return bytes
      case UInt8(ascii: "\\"): bytes.append(contentsOf: try parseEscape())
      case 0..<0x20: throw Refusal(reason: "a control character in a string")
      default: bytes.append(byte)
      }
    }
    throw Refusal(reason: "an unterminated string")
  }

  private mutating func parseEscape() throws(Refusal) -> [UInt8] {
    guard position < text.count else { throw Refusal(reason: "an unterminated string") }
    let byte = text[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(Character(try parseScalar())).utf8)
    default: throw Refusal(reason: "an unknown escape in a string")
    }
  }

  private mutating func parseScalar() throws(Refusal) -> Unicode.Scalar {
    let first = try parseUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard UTF16.isLeadSurrogate(first), text[position...].starts(with: [0x5C, 0x75]) else {
      throw Refusal(reason: "half of a surrogate pair")
    }
    position += 2
    let second = try parseUnit()
    guard UTF16.isTrailSurrogate(second) else { throw Refusal(reason: "half of a surrogate pair") }
    return UTF16.decode(UTF16.EncodedScalar([first, second]))
  }

  private mutating func parseUnit() throws(Refusal) -> UInt16 {
    guard let pair = Hex.decode(text[position...].prefix(4)), pair.count == 2 else {
      throw Refusal(reason: "an escape of fewer than four digits")
    }
    position += 4
    return UInt16(pair[0]) << 8 | UInt16(pair[1])
  }
}

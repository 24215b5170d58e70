/// Walks over bytes of UTF-8 and knows the line and column at every step.
struct TextCursor {
  let bytes: [UInt8]
  private(set) var offset = 0
  private(set) var position = TextPosition(line: 1, column: 1)

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func peek(_ distance: Int = 1) -> UInt8? {
    offset + distance < bytes.count ? bytes[offset + distance] : nil
  }

  /// Steps over one byte; a line ends with LF, CR LF or CR.
  mutating func advance() {
    guard let byte = current else { return }
    offset += 1
    if byte == .lineFeed || (byte == .carriageReturn && current != .lineFeed) {
      position = TextPosition(line: position.line + 1, column: 1)
    } else if let next = current, next & 0xC0 == 0x80 {
      return  // In the middle of a character: the column stays.
    } else {
      position = TextPosition(line: position.line, column: position.column + 1)
    }
  }

  mutating func advance(_ count: Int) {
    for _ in 0..<count { advance() }
  }

  /// Steps over a byte if it is the next one.
  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    advance()
    return true
  }

  /// Steps over a word of ASCII if it is the next thing.
  mutating func take(_ word: String) -> Bool {
    guard bytes[offset...].starts(with: word.utf8) else { return false }
    advance(word.utf8.count)
    return true
  }

  /// The next whole character, without stepping over it.
  var scalar: Unicode.Scalar? {
    guard let first = current else { return nil }
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    let end = Swift.min(offset + length, bytes.count)
    return String(decoding: bytes[offset..<end], as: UTF8.self).unicodeScalars.first
  }

  func text(from start: Int) -> String { String(decoding: bytes[start..<offset], as: UTF8.self) }
}

extension UInt8 {
  package static let lineFeed = UInt8(ascii: "\n")
  package static let carriageReturn = UInt8(ascii: "\r")
  package static let tab = UInt8(ascii: "\t")
  package static let space = UInt8(ascii: " ")
  package static let quote = UInt8(ascii: "\"")
  package static let apostrophe = UInt8(ascii: "'")
  package static let backslash = UInt8(ascii: "\\")

  package var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  package var isLetter: Bool {
    (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z")
  }
  package var isLineEnd: Bool { self == .lineFeed || self == .carriageReturn }
  package var isBlank: Bool { self == .space || self == .tab }

  /// The value of a hexadecimal digit.
  package var hexValue: UInt8? {
    if isDigit { return self - UInt8(ascii: "0") }
    let lower = self | 0x20
    guard lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "f") else { return nil }
    return lower - UInt8(ascii: "a") + 10
  }
}

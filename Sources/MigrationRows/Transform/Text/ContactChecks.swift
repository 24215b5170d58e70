import MigrationBasics

/// The forms of e-mail addresses, telephone numbers and currency codes.
enum ContactChecks {
  /// Whether a text can be an e-mail address, as far as its form shows.
  ///
  /// One `@`, up to 64 bytes before it, a domain with a dot behind it whose labels are neither
  /// empty nor bounded by hyphens, no blanks or control characters, 254 bytes in all.
  static func isEmail(_ text: Slot) -> Bool {
    let start = text.start
    let count = text.length
    guard count <= 254 else { return false }
    var at = -1
    for offset in 0..<count {
      let byte = start.byte(offset)
      if isForbiddenInEmail(byte) { return false }
      guard byte == UInt8(ascii: "@") else { continue }
      if at >= 0 { return false }
      at = offset
    }
    guard at > 0, at <= 64 else { return false }
    return isLocalPart(start, at) && isDomain(start + at + 1, count - at - 1)
  }

  /// Blanks, control characters, and what would have to be in quotes.
  @inline(__always)
  private static func isForbiddenInEmail(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"),
      UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: "<"),
      UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\\"):
      true
    default: false
    }
  }

  /// What may be between the digits of a telephone number.
  @inline(__always)
  private static func isPhoneSeparator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "("),
      UInt8(ascii: ")"):
      true
    default: ASCII.isBlank(byte)
    }
  }

  /// Dots neither begin nor end it, nor follow each other.
  private static func isLocalPart(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
    let dot = UInt8(ascii: ".")
    var before = dot
    for offset in 0..<count {
      let byte = start.byte(offset)
      if byte == dot, before == dot { return false }
      before = byte
    }
    return before != dot
  }

  private static func isDomain(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
    let (dot, hyphen) = (UInt8(ascii: "."), UInt8(ascii: "-"))
    var (labels, before) = (1, dot)
    for offset in 0..<count {
      let byte = start.byte(offset)
      let isEdge = before == dot
      if byte == dot {
        if isEdge || before == hyphen { return false }
        labels += 1
      } else if byte == hyphen {
        if isEdge { return false }
      } else if byte < 0x80, !ASCII.isLetter(byte), !ASCII.isDigit(byte) {
        return false
      }
      before = byte
    }
    return labels > 1 && before != dot && before != hyphen
  }

  /// Keeps the digits and a leading plus; nil if other things than blanks and the usual
  /// separators are between them, or there are not 7 to 15 digits.
  static func phone(_ text: Slot, in arena: inout Arena) -> Slot? {
    let start = text.start
    let place = arena.reserve(text.length)
    var (count, digits) = (0, 0)
    for offset in 0..<text.length {
      let byte = start.byte(offset)
      if ASCII.isDigit(byte) {
        digits += 1
      } else if byte == UInt8(ascii: "+"), count == 0 {
        // Kept below.
      } else if isPhoneSeparator(byte) {
        continue
      } else {
        return nil
      }
      place.put(byte, count)
      count += 1
    }
    guard digits >= 7, digits <= 15 else { return nil }
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }
}

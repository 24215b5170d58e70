/// What is to be known about the bytes of a text before PostgreSQL gets it.
package enum TextScan {
  /// Whether a text has NUL bytes, and whether it is UTF-8.
  @inline(__always)
  package static func problem(_ start: UnsafeRawPointer, _ count: Int) -> Reason? {
    var offset = 0
    var high: UInt64 = 0
    var zeros: UInt64 = 0
    while offset &+ 8 <= count {
      let word = start.word(offset)
      high |= word
      // The highest bit of a byte is set where it was zero.
      zeros |= (word &- 0x0101_0101_0101_0101) & ~word
      offset &+= 8
    }
    while offset < count {
      let byte = UInt64(start.byte(offset))
      high |= byte
      zeros |= (byte &- 1) & ~byte
      offset &+= 1
    }
    if (high | zeros) & 0x8080_8080_8080_8080 == 0 { return nil }
    return slowProblem(start, count)
  }

  @inline(never)
  private static func slowProblem(_ start: UnsafeRawPointer, _ count: Int) -> Reason? {
    for offset in 0..<count where start.byte(offset) == 0 { return .nulByte }
    return isUTF8(start, count) ? nil : .badUTF8
  }

  /// Whether bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
  package static func isUTF8(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
    var offset = 0
    while offset < count {
      let first = start.byte(offset)
      if first < 0x80 {
        offset += 1
        continue
      }
      let length = first &- 0xC2 < 0x1E ? 2 : first & 0xF0 == 0xE0 ? 3 : first &- 0xF0 < 5 ? 4 : 0
      guard length > 0, offset + length <= count else { return false }
      let second = start.byte(offset + 1)
      let bounds = secondByteBounds(first)
      guard second >= bounds.low, second <= bounds.high else { return false }
      for index in 2..<max(length, 2) where start.byte(offset + index) & 0xC0 != 0x80 {
        return false
      }
      offset += length
    }
    return true
  }

  @inline(__always)
  private static func secondByteBounds(_ first: UInt8) -> (low: UInt8, high: UInt8) {
    switch first {
    case 0xE0: (0xA0, 0xBF)
    case 0xED: (0x80, 0x9F)
    case 0xF0: (0x90, 0xBF)
    case 0xF4: (0x80, 0x8F)
    default: (0x80, 0xBF)
    }
  }

  /// Counts characters as PostgreSQL does: code points.
  package static func characters(_ start: UnsafeRawPointer, _ count: Int) -> Int {
    var characters = 0
    for offset in 0..<count where start.byte(offset) & 0xC0 != 0x80 { characters += 1 }
    return characters
  }

  /// How many bytes the first characters take.
  package static func prefix(_ start: UnsafeRawPointer, _ count: Int, characters: Int) -> Int {
    var left = characters
    for offset in 0..<count where start.byte(offset) & 0xC0 != 0x80 {
      if left == 0 { return offset }
      left -= 1
    }
    return count
  }
}

import MigrationBasics

extension JSONCanonical {
  /// Writes a string with no escapes but those that must be; returns how many bytes its text has,
  /// and whether some of them are escaped.
  mutating func writeString(_ scan: inout JSONScan) -> (length: Int, hasEscapes: Bool) {
    let first = scan.offset
    guard scan.skipString() else { return (0, false) }
    let (start, length) = (scan.start + first, scan.offset - first)
    reserve(length)
    var offset = 0
    while offset < length, start.byte(offset) != UInt8(ascii: "\\") { offset &+= 1 }
    guard offset < length else {
      append(start, length)
      return (length - 2, false)
    }
    append(start, offset)
    return (offset - 1 + writeEscaped(start, from: offset, to: length), true)
  }

  /// Writes the rest of a string with its closing quote; returns how many bytes of text it has.
  private mutating func writeEscaped(_ start: UnsafeRawPointer, from first: Int, to end: Int) -> Int
  {
    var scan = JSONScan(start, end - 1)
    scan.offset = first
    var length = 0
    while scan.offset < scan.end {
      let byte = scan.current
      scan.offset += 1
      if byte == UInt8(ascii: "\\") {
        length += writeEscape(&scan)
      } else {
        put(byte)
        length += 1
      }
    }
    put(UInt8(ascii: "\""))
    return length
  }

  /// Writes what an escape represents; no escape is shorter than the bytes that it becomes.
  private mutating func writeEscape(_ scan: inout JSONScan) -> Int {
    let letter = scan.current
    scan.offset += 1
    guard letter == UInt8(ascii: "u") else { return writeByte(JSONPart.plain(letter)) }
    let mark = base + count
    let length = JSONPart.putScalar(&scan, to: mark)
    guard length == 1 else {
      took(length)
      return length
    }
    return writeByte(UnsafeRawPointer(mark).byte(0))
  }

  private mutating func writeByte(_ byte: UInt8) -> Int {
    reserve(6)
    if byte < 0x20 || byte == 0x22 || byte == 0x5C {
      took(JSONText.writeEscape(byte, to: base + count))
    } else {
      put(byte)
    }
    return 1
  }

  /// Writes a number as a numeric is shown: no exponent, no sign before zero, all its decimal places.
  mutating func writeNumber(_ scan: inout JSONScan) {
    let first = scan.offset
    // The whole number: nothing else ends where one of these bytes does not follow.
    var (hasExponent, isZero) = (false, true)
    while Self.isPartOfNumber(scan.current) {
      let byte = scan.current
      if byte | 0x20 == UInt8(ascii: "e") { hasExponent = true }
      if !hasExponent, byte > UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { isZero = false }
      scan.offset += 1
    }
    var (start, length) = (scan.start + first, scan.offset - first)
    guard length > 0 else {
      // Not JSON; going on is all that matters.
      scan.offset += 1
      return
    }
    if hasExponent { return writeExponent(start, length, isZero: isZero) }
    if isZero, start.byte(0) == UInt8(ascii: "-") { (start, length) = (start + 1, length - 1) }
    append(start, length)
  }

  private static func isPartOfNumber(_ byte: UInt8) -> Bool {
    ASCII.isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
  }

  private mutating func writeExponent(_ start: UnsafeRawPointer, _ length: Int, isZero: Bool) {
    var reader = NumeralReader(start, length)
    guard reader.read(), NumericMaker.isInRange(reader) else { return append(start, length) }
    let point = reader.wholeDigits + reader.exponent
    let places = max(0, reader.decimalDigits - reader.exponent)
    if reader.isNegative, !isZero { put(UInt8(ascii: "-")) }
    var index = 0
    // Zeros before the first digit do not count, but one is before a point.
    while index < point - 1, reader.digit(index) == 0 { index += 1 }
    if point <= 0 || isZero {
      put(UInt8(ascii: "0"))
    } else {
      for place in index..<point { put(UInt8(ascii: "0") + UInt8(reader.digit(place))) }
    }
    guard places > 0 else { return }
    put(UInt8(ascii: "."))
    for place in point..<point + places { put(UInt8(ascii: "0") + UInt8(reader.digit(place))) }
  }
}

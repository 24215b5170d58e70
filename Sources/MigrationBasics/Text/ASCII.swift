/// Questions about single bytes of text.
package enum ASCII {
  @inlinable @inline(__always) package static func isDigit(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10
  }
  @inlinable @inline(__always)
  package static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }
  @inlinable @inline(__always)
  package static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
  @inlinable @inline(__always)
  package static func upper(_ byte: UInt8) -> UInt8 { byte &- 0x61 < 26 ? byte & 0xDF : byte }
  @inlinable @inline(__always)
  package static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  /// The value of a hexadecimal digit; nil for other bytes.
  @inlinable @inline(__always)
  package static func hexValue(_ byte: UInt8) -> UInt8? {
    if isDigit(byte) { return byte &- 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }

  @inlinable @inline(__always)
  package static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? 0x30 &+ value : 0x57 &+ value
  }

  /// Compares with a word that is given in lower case.
  @inlinable package static func equalsIgnoringCase(
    _ start: UnsafeRawPointer, _ count: Int, _ word: StaticString
  ) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    let other = UnsafeRawPointer(word.utf8Start)
    for index in 0..<count where lower(start.byte(index)) != other.byte(index) { return false }
    return true
  }

  /// Writes bytes in hexadecimal, two digits each.
  @inlinable package static func writeHex(
    _ start: UnsafeRawPointer, _ count: Int, to place: UnsafeMutableRawPointer
  ) {
    for offset in 0..<count {
      let byte = start.byte(offset)
      place.put(ASCII.hexDigit(byte >> 4), 2 * offset)
      place.put(ASCII.hexDigit(byte & 15), 2 * offset + 1)
    }
  }
}

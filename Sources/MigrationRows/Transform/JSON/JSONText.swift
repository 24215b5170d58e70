import MigrationBasics

/// Writes values as JSON.
enum JSONText {
  /// No more bytes than this does a text take, quotes included.
  @inline(__always) static func bound(_ count: Int) -> Int { count &* 6 &+ 10 }

  /// Writes a text with quotes and escapes; returns the number of bytes, or a problem.
  @inline(__always)
  static func writeString(
    _ start: UnsafeRawPointer, _ length: Int, to place: UnsafeMutableRawPointer
  ) -> (count: Int, problem: Reason?) {
    place.put(UInt8(ascii: "\""), 0)
    var (count, offset) = (1, 0)
    var high: UInt64 = 0
    while offset &+ 8 <= length {
      let word = start.word(offset)
      if needsEscape(word) { break }
      high |= word
      place.storeBytes(of: word, toByteOffset: count, as: UInt64.self)
      offset &+= 8
      count &+= 8
    }
    if length >= 8, offset < length, offset &+ 8 > length {
      // The last eight bytes overlap those that are copied already.
      let word = start.word(length &- 8)
      if !needsEscape(word) {
        high |= word
        place.storeBytes(of: word, toByteOffset: length &- 7, as: UInt64.self)
        (offset, count) = (length, length &+ 1)
      }
    }
    while offset < length {
      let byte = start.byte(offset)
      if byte < 0x20 || byte == 0x22 || byte == 0x5C {
        if byte == 0 { return (0, .nulByte) }
        count &+= writeEscape(byte, to: place + count)
      } else {
        high |= UInt64(byte)
        place.put(byte, count)
        count &+= 1
      }
      offset &+= 1
    }
    place.put(UInt8(ascii: "\""), count)
    if high & 0x8080_8080_8080_8080 != 0, !TextScan.isUTF8(start, length) { return (0, .badUTF8) }
    return (count &+ 1, nil)
  }

  /// Whether one of eight bytes may be a quote, a backslash or a control character.
  ///
  /// Each term sets the highest bit of the bytes that it looks for. A borrow may set it for a byte
  /// too many, never for one too few, and the slow loop does no harm.
  @inline(__always)
  private static func needsEscape(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let control = (word &- ones &* 0x20) & ~word
    let quotes = word ^ (ones &* 0x22)
    let slashes = word ^ (ones &* 0x5C)
    let quote = (quotes &- ones) & ~quotes
    let slash = (slashes &- ones) & ~slashes
    return (control | quote | slash) & (ones &* 0x80) != 0
  }

  @inline(never)
  static func writeEscape(_ byte: UInt8, to place: UnsafeMutableRawPointer) -> Int {
    place.put(UInt8(ascii: "\\"), 0)
    let letter: UInt8
    switch byte {
    case 0x22, 0x5C: letter = byte
    case 0x08: letter = UInt8(ascii: "b")
    case 0x09: letter = UInt8(ascii: "t")
    case 0x0A: letter = UInt8(ascii: "n")
    case 0x0C: letter = UInt8(ascii: "f")
    case 0x0D: letter = UInt8(ascii: "r")
    default:
      place.put("u00", 1)
      place.put(ASCII.hexDigit(byte >> 4), 4)
      place.put(ASCII.hexDigit(byte & 15), 5)
      return 6
    }
    place.put(letter, 1)
    return 2
  }

  /// Writes a text that `writeString` refuses: NULs as they are to be treated, other bytes as they
  /// are.
  @inline(never)
  static func writeString(
    _ start: UnsafeRawPointer, _ length: Int, nuls: BSONJSON.NULs,
    to place: UnsafeMutableRawPointer
  ) -> Int {
    place.put(UInt8(ascii: "\""), 0)
    var count = 1
    for offset in 0..<length {
      let byte = start.byte(offset)
      switch byte {
      case 0 where nuls == .strip: continue
      case 0 where nuls == .replace:
        place.put("\u{FFFD}", count)
        count += 3
      case 0..<0x20, 0x22, 0x5C: count += writeEscape(byte, to: place + count)
      default:
        place.put(byte, count)
        count += 1
      }
    }
    place.put(UInt8(ascii: "\""), count)
    return count + 1
  }
}

/// Steps through one level of a BSON document where it lies, checking every length against the bytes
/// that there are.
///
/// It is the row program's own reading of the format: it keeps no state next to itself, so that a
/// level inside another can be read anywhere, and it neither throws nor calls out of the module.
/// Values inside the level are bounded here and checked when they are scanned themselves.
package struct BSONScan {
  package let start: UnsafeRawPointer
  /// Where the level's terminator is.
  package let end: Int
  package private(set) var offset = 4
  /// False as soon as something does not fit; the scan ends there.
  package private(set) var isSound: Bool

  // The element at hand.
  package private(set) var type: UInt8 = 0
  private(set) var keyOffset = 0
  package private(set) var keyLength = 0
  private(set) var valueOffset = 0
  package private(set) var valueLength = 0

  @inline(__always) package var key: UnsafeRawPointer { start + keyOffset }
  @inline(__always) package var value: UnsafeRawPointer { start + valueOffset }

  package init(_ start: UnsafeRawPointer, _ length: Int) {
    self.start = start
    end = max(length - 1, 0)
    isSound = length >= 5 && Int(start.little32(0)) == length && start.byte(length - 1) == 0
  }

  /// Goes to the next element; false at the end, and if `isSound` turns false.
  @inline(__always)
  package mutating func next() -> Bool {
    guard isSound, offset < end else { return false }
    type = start.byte(offset)
    keyOffset = offset &+ 1
    guard let terminator = zero(from: keyOffset) else { return damaged() }
    keyLength = terminator &- keyOffset
    valueOffset = terminator &+ 1
    valueLength = length()
    guard valueLength >= 0, valueLength <= end &- valueOffset else { return damaged() }
    offset = valueOffset &+ valueLength
    return true
  }

  /// Finds the zero byte that ends a key or a part of a regular expression.
  @inline(__always)
  private func zero(from first: Int) -> Int? {
    var at = first
    while at &+ 8 <= end {
      let word = start.word(at)
      // The lowest bit that this leaves is in the first byte that is zero.
      let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if zeros != 0 { return at &+ zeros.trailingZeroBitCount / 8 }
      at &+= 8
    }
    while at < end {
      if start.byte(at) == 0 { return at }
      at &+= 1
    }
    return nil
  }

  private mutating func damaged() -> Bool {
    isSound = false
    return false
  }

  /// How many bytes the value takes; negative if it can't be.
  @inline(__always)
  private func length() -> Int {
    switch type {
    case BSONTag.objectID: 12
    case BSONTag.string: prefixed(plus: 4, atLeast: 5)
    case BSONTag.date, BSONTag.double, BSONTag.int64, BSONTag.timestamp: 8
    case BSONTag.int32: 4
    case BSONTag.bool: 1
    case BSONTag.null, BSONTag.undefined, BSONTag.minKey, BSONTag.maxKey: 0
    case BSONTag.document, BSONTag.array: prefixed(plus: 0, atLeast: 5)
    case BSONTag.decimal128: 16
    default: rareLength()
    }
  }

  /// A length that is before the value, of which a number of bytes are not counted.
  @inline(__always)
  private func prefixed(plus more: Int, atLeast least: Int) -> Int {
    guard end &- valueOffset >= 4 else { return -1 }
    let length = Int(start.little32(valueOffset)) &+ more
    return length >= least ? length : -1
  }

  @inline(never)
  private func rareLength() -> Int {
    switch type {
    case BSONTag.binary: return prefixed(plus: 5, atLeast: 5)
    case BSONTag.javascript, BSONTag.symbol: return prefixed(plus: 4, atLeast: 5)
    case BSONTag.javascriptWithScope: return prefixed(plus: 0, atLeast: 14)
    case BSONTag.dbPointer:
      let name = prefixed(plus: 4, atLeast: 5)
      return name < 0 ? -1 : name + 12
    case BSONTag.regex:
      guard let pattern = zero(from: valueOffset), let options = zero(from: pattern + 1) else {
        return -1
      }
      return options + 1 - valueOffset
    default: return -1
    }
  }
}

/// The type bytes of BSON, as plain numbers for the row program's switches.
package enum BSONTag {
  package static var double: UInt8 { 0x01 }
  package static var string: UInt8 { 0x02 }
  package static var document: UInt8 { 0x03 }
  package static var array: UInt8 { 0x04 }
  package static var binary: UInt8 { 0x05 }
  package static var undefined: UInt8 { 0x06 }
  package static var objectID: UInt8 { 0x07 }
  package static var bool: UInt8 { 0x08 }
  package static var date: UInt8 { 0x09 }
  package static var null: UInt8 { 0x0A }
  package static var regex: UInt8 { 0x0B }
  package static var dbPointer: UInt8 { 0x0C }
  package static var javascript: UInt8 { 0x0D }
  package static var symbol: UInt8 { 0x0E }
  package static var javascriptWithScope: UInt8 { 0x0F }
  package static var int32: UInt8 { 0x10 }
  package static var timestamp: UInt8 { 0x11 }
  package static var int64: UInt8 { 0x12 }
  package static var decimal128: UInt8 { 0x13 }
  package static var maxKey: UInt8 { 0x7F }
  package static var minKey: UInt8 { 0xFF }
}

// BSON's numbers have their lowest byte first.
extension UnsafeRawPointer {
  @inline(__always)
  package func little32(_ offset: Int) -> Int32 {
    Int32(littleEndian: loadUnaligned(fromByteOffset: offset, as: Int32.self))
  }

  @inline(__always)
  package func little64(_ offset: Int) -> Int64 {
    Int64(littleEndian: loadUnaligned(fromByteOffset: offset, as: Int64.self))
  }
}

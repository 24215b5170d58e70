/// A MongoDB ObjectId: twelve bytes, of which the first four are the time of its making.
public struct ObjectID: Hashable, Sendable, Comparable, CustomStringConvertible {
  private let high: UInt64
  private let low: UInt32

  /// Reads twelve bytes; nil when there are not exactly twelve.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 12 else { return nil }
    high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    low = bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// Makes an id of its second and the eight bytes behind it.
  public init(seconds: UInt32, rest: UInt64) {
    high = UInt64(seconds) << 32 | rest >> 32
    low = UInt32(truncatingIfNeeded: rest)
  }

  /// Reads 24 hexadecimal digits of either case; nil for anything else.
  public init?(_ hex: some StringProtocol) {
    guard let bytes = Hex.decode(hex.utf8) else { return nil }
    self.init(bytes)
  }

  /// Reads the twelve bytes at an offset that the caller has checked.
  init(reading bytes: UnsafeRawBufferPointer, at offset: Int) {
    high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    low = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self))
  }

  /// The twelve bytes in the order in which MongoDB stores and compares them.
  public var bytes: [UInt8] {
    var all: [UInt8] = []
    all.reserveCapacity(12)
    withUnsafeBytes(of: high.bigEndian) { all.append(contentsOf: $0) }
    withUnsafeBytes(of: low.bigEndian) { all.append(contentsOf: $0) }
    return all
  }

  /// The second since 1970 in which the id was made.
  public var seconds: UInt32 { UInt32(truncatingIfNeeded: high >> 32) }

  /// The 24 lower-case hexadecimal digits.
  public var description: String { String(decoding: Hex.encode(bytes), as: UTF8.self) }

  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// Hexadecimal digits and bytes.
enum Hex {
  static let digits = Array("0123456789abcdef".utf8)

  static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var pending: UInt8?
    for character in text {
      guard let value = value(of: character) else { return nil }
      if let high = pending {
        bytes.append(high << 4 | value)
        pending = nil
      } else {
        pending = value
      }
    }
    return pending == nil ? bytes : nil
  }

  static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

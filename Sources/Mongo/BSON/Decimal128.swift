import CMongoDriver
import Glibc

/// A decimal of 34 digits, kept as the sixteen bytes that the document stores.
public struct Decimal128: Hashable, Sendable, CustomStringConvertible {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads a decimal number, `Infinity` or `NaN`; nil for anything else.
  public init?(_ text: String) {
    var parsed = bson_decimal128_t()
    guard !text.utf8.contains(0), bson_decimal128_from_string(text, &parsed) else { return nil }
    self.init(high: parsed.high, low: parsed.low)
  }

  /// The number as MongoDB prints it, such as `1.50` or `1E+400`.
  public var description: String {
    var number = canonical
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(BSON_DECIMAL128_STRING)) {
      guard let start = $0.baseAddress else { return "" }
      bson_decimal128_to_string(&number, start)
      return String(cString: start)
    }
  }

  /// Reads the sixteen bytes that a document stores.
  public init(reading bytes: UnsafeRawPointer) {
    low = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }

  /// Whether it is a number, and not an infinity or NaN.
  public var isFinite: Bool { high >> 59 & 0xF != 0xF }

  /// The space that `write` needs.
  public static var textBound: Int { Int(BSON_DECIMAL128_STRING) }

  /// Writes the text of `description` and returns how many bytes it took; nothing is allocated.
  public func write(to place: UnsafeMutableRawPointer) -> Int {
    var number = canonical
    let text = place.assumingMemoryBound(to: CChar.self)
    bson_decimal128_to_string(&number, text)
    return strlen(text)
  }

  /// The number with more than 34 digits taken as zero, as IEEE 754 says; libbson prints them.
  private var canonical: bson_decimal128_t {
    let digitsMask: UInt64 = 0x0001_FFFF_FFFF_FFFF
    let largest = (high: 0x0001_ED09_BEAD_87C0 as UInt64, low: 0x378D_8E63_FFFF_FFFF as UInt64)
    let isShort = high >> 61 & 3 != 3
    guard isShort, (high & digitsMask, low) > largest else {
      return bson_decimal128_t(low: low, high: high)
    }
    return bson_decimal128_t(low: 0, high: high & ~digitsMask)
  }
}

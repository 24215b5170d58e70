import CMongoDriver

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
    var number = bson_decimal128_t(low: low, high: high)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(BSON_DECIMAL128_STRING)) {
      guard let start = $0.baseAddress else { return "" }
      bson_decimal128_to_string(&number, start)
      return String(cString: start)
    }
  }
}

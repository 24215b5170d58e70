/// One value of any BSON type; encoding a decoded value gives the same bytes again.
///
/// Nested documents stay encoded until they are asked for. Equality goes by type and bytes:
/// a NaN equals itself, and -0.0 differs from 0.0.
public enum BSONValue: Sendable {
  case double(Double)
  case string(BSONText)
  case document(BSONDocument)
  case array(BSONArray)
  case binary(BSONBinary)
  case undefined
  case objectID(ObjectID)
  case bool(Bool)
  /// Milliseconds since 1970.
  case date(Int64)
  case null
  case regex(BSONRegex)
  case dbPointer(BSONPointer)
  case javascript(BSONText)
  case symbol(BSONText)
  case javascriptWithScope(BSONText, BSONDocument)
  case int32(Int32)
  case timestamp(BSONTimestamp)
  case int64(Int64)
  case decimal128(Decimal128)
  case minKey
  case maxKey

  /// The type byte that the value is stored under.
  public var type: BSONType {
    switch self {
    case .double: .double
    case .string: .string
    case .document: .document
    case .array: .array
    case .binary: .binary
    case .undefined: .undefined
    case .objectID: .objectID
    case .bool: .bool
    case .date: .date
    case .null: .null
    case .regex: .regex
    case .dbPointer: .dbPointer
    case .javascript: .javascript
    case .symbol: .symbol
    case .javascriptWithScope: .javascriptWithScope
    case .int32: .int32
    case .timestamp: .timestamp
    case .int64: .int64
    case .decimal128: .decimal128
    case .minKey: .minKey
    case .maxKey: .maxKey
    }
  }

  /// Makes a string value.
  public init(_ string: String) { self = .string(BSONText(string)) }

  /// Makes an int32 if the number fits, else an int64, as MongoDB's shell does.
  public init(_ number: some BinaryInteger) {
    self = Int32(exactly: number).map(BSONValue.int32) ?? .int64(Int64(clamping: number))
  }
}

extension BSONValue: Hashable {
  public static func == (left: Self, right: Self) -> Bool {
    left.type == right.type && left.encoded == right.encoded
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(type)
    hasher.combine(encoded)
  }

  private var encoded: [UInt8] {
    var bytes: [UInt8] = []
    BSONEncoding.append(self, to: &bytes)
    return bytes
  }
}

extension BSONValue {
  /// The text of a string or symbol; nil for other types and if it is not UTF-8.
  public var stringValue: String? {
    switch self {
    case .string(let text), .symbol(let text): text.string
    default: nil
    }
  }

  /// The number, if it is a whole one of any numeric type that fits 64 bits.
  public var int64Value: Int64? {
    switch self {
    case .int32(let number): Int64(number)
    case .int64(let number): number
    case .double(let number): Int64(exactly: number)
    default: nil
    }
  }

  /// The number of a double, int32 or int64.
  public var doubleValue: Double? {
    switch self {
    case .double(let number): number
    case .int32(let number): Double(number)
    case .int64(let number): Double(number)
    default: nil
    }
  }

  /// The boolean, or whether a number is not zero: servers answer `ok` in all of these types.
  public var boolValue: Bool? {
    if case .bool(let value) = self { return value }
    return doubleValue.map { $0 != 0 }
  }

  /// The nested document.
  public var documentValue: BSONDocument? {
    if case .document(let document) = self { document } else { nil }
  }

  /// The nested array.
  public var arrayValue: BSONArray? {
    if case .array(let array) = self { array } else { nil }
  }

  /// The ObjectId.
  public var objectIDValue: ObjectID? {
    if case .objectID(let id) = self { id } else { nil }
  }

  /// The milliseconds since 1970 of a date.
  public var dateValue: Int64? {
    if case .date(let milliseconds) = self { milliseconds } else { nil }
  }
}

extension BSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self.init(value) }
  public init(integerLiteral value: Int64) { self.init(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(nilLiteral: ()) { self = .null }
  public init(arrayLiteral elements: BSONValue...) { self = .array(BSONArray(elements)) }
  public init(dictionaryLiteral elements: (String, BSONValue)...) {
    self = .document(BSONDocument(elements))
  }
}

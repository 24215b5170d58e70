/// A type of the server by its number in `pg_type`.
public struct TypeOID: Hashable, Sendable {
  public let number: UInt32
  public init(_ number: UInt32) { self.number = number }

  /// Leaves it to the server to infer the type from its place in the statement.
  public static let inferred = TypeOID(0)
  public static let bool = TypeOID(16)
  public static let bytea = TypeOID(17)
  public static let name = TypeOID(19)
  public static let int8 = TypeOID(20)
  public static let int2 = TypeOID(21)
  public static let int4 = TypeOID(23)
  public static let text = TypeOID(25)
  public static let oid = TypeOID(26)
  public static let json = TypeOID(114)
  public static let float4 = TypeOID(700)
  public static let float8 = TypeOID(701)
  public static let bpchar = TypeOID(1042)
  public static let varchar = TypeOID(1043)
  public static let date = TypeOID(1082)
  public static let time = TypeOID(1083)
  public static let timestamp = TypeOID(1114)
  public static let timestamptz = TypeOID(1184)
  public static let interval = TypeOID(1186)
  public static let numeric = TypeOID(1700)
  public static let uuid = TypeOID(2950)
  public static let jsonb = TypeOID(3802)
  public static let textArray = TypeOID(1009)
  public static let int8Array = TypeOID(1016)
}

/// A value for a placeholder such as `$1`.
public struct Parameter: Sendable {
  enum Form: Sendable {
    case null
    case text(String)
    case binary([UInt8])
  }

  let type: TypeOID
  let form: Form

  /// The absence of a value, of whatever type its place has.
  public static let null = Parameter(type: .inferred, form: .null)

  /// Makes a value of its text form, as in a quoted literal.
  public static func text(_ text: String, type: TypeOID = .inferred) -> Parameter {
    Parameter(type: type, form: .text(text))
  }

  /// Makes a value of the bytes that the type's receive function takes.
  public static func binary(_ bytes: [UInt8], type: TypeOID) -> Parameter {
    Parameter(type: type, form: .binary(bytes))
  }
}

/// A Swift value that can be bound to a placeholder.
public protocol ParameterConvertible: Sendable {
  /// The value as it is sent.
  var postgresParameter: Parameter { get }
}

extension Parameter: ParameterConvertible {
  public var postgresParameter: Parameter { self }
}

/// A text, whose type the server infers: it also serves for a date, a uuid or JSON.
extension String: ParameterConvertible {
  public var postgresParameter: Parameter { .text(self) }
}

/// A bigint.
extension Int: ParameterConvertible {
  public var postgresParameter: Parameter { Int64(self).postgresParameter }
}

/// A bigint.
extension Int64: ParameterConvertible {
  public var postgresParameter: Parameter { .binary(bigEndianBytes(self), type: .int8) }
}

/// An integer.
extension Int32: ParameterConvertible {
  public var postgresParameter: Parameter { .binary(bigEndianBytes(self), type: .int4) }
}

extension Bool: ParameterConvertible {
  public var postgresParameter: Parameter { .binary([self ? 1 : 0], type: .bool) }
}

/// A double precision.
extension Double: ParameterConvertible {
  public var postgresParameter: Parameter {
    .binary(bigEndianBytes(bitPattern), type: .float8)
  }
}

/// A `bytea` of bytes, a `text[]` of strings or a `bigint[]` of integers.
extension Array: ParameterConvertible where Element: ArrayParameterElement {
  public var postgresParameter: Parameter { Element.parameter(of: self) }
}

/// A value whose arrays can be bound to a placeholder.
public protocol ArrayParameterElement: Sendable {
  /// Returns a whole array as it is sent.
  static func parameter(of array: [Self]) -> Parameter
}

extension UInt8: ArrayParameterElement {
  public static func parameter(of array: [UInt8]) -> Parameter { .binary(array, type: .bytea) }
}

extension String: ArrayParameterElement {
  public static func parameter(of array: [String]) -> Parameter {
    .binary(binaryArray(of: .text, array.map { Array($0.utf8) }), type: .textArray)
  }
}

extension Int: ArrayParameterElement {
  public static func parameter(of array: [Int]) -> Parameter {
    .binary(binaryArray(of: .int8, array.map { bigEndianBytes(Int64($0)) }), type: .int8Array)
  }
}

func bigEndianBytes(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.bigEndian) { Array($0) }
}

/// Lays out a one-dimensional array without nulls as array_recv takes it.
private func binaryArray(of element: TypeOID, _ values: [[UInt8]]) -> [UInt8] {
  let dimensions: Int32 = values.isEmpty ? 0 : 1
  var bytes = bigEndianBytes(dimensions) + bigEndianBytes(Int32(0))
  bytes += bigEndianBytes(element.number)
  guard !values.isEmpty else { return bytes }
  bytes += bigEndianBytes(Int32(values.count)) + bigEndianBytes(Int32(1))
  for value in values { bytes += bigEndianBytes(Int32(value.count)) + value }
  return bytes
}

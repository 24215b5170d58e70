import MigrationPlan

/// The binary form that a PostgreSQL type is sent and received in.
package enum WireForm: UInt8, CaseIterable, BitwiseCopyable {
  case bool
  case int2
  case int4
  case int8
  /// The unsigned number of an object of the server.
  case oid
  case float4
  case float8
  case numeric
  /// text, varchar, bpchar, name, citext and enums: their characters.
  case text
  /// `character(n)` and `bpchar`: characters with blanks behind them that mean nothing.
  case padded
  case uuid
  case date
  case time
  case timestamp
  case timestamptz
  case json
  case jsonb
  case bytes
  case array
  /// The form of a type that is only passed on to a column of the same type.
  case raw
  /// The text of a type that only the server reads; it can be written, and never in binary.
  case foreign
  /// `"char"`: one byte, of which zero means an empty text.
  case char

  /// The form of a type; nil for types that this program does not understand.
  package init?(_ type: PostgresType) {
    guard type.hasBinaryForm else { return nil }
    if !type.ownLabels.isEmpty || type.name == "citext" {
      self = .text
    } else if let element = type.elementOID, type.baseOID != OID.name {
      guard WireForm(oid: element) != nil else { return nil }
      self = .array
    } else if let form = WireForm(oid: type.baseOID) {
      self = form
    } else {
      return nil
    }
  }

  /// The form of a built-in type that is not an array.
  package init?(oid: UInt32) {
    switch oid {
    case OID.bool: self = .bool
    case OID.int2: self = .int2
    case OID.int4: self = .int4
    case OID.int8: self = .int8
    case OID.oid: self = .oid
    case OID.float4: self = .float4
    case OID.float8: self = .float8
    case OID.numeric: self = .numeric
    case OID.text, OID.varchar, OID.name: self = .text
    case OID.char: self = .char
    case OID.bpchar: self = .padded
    case OID.uuid: self = .uuid
    case OID.date: self = .date
    case OID.time: self = .time
    case OID.timestamp: self = .timestamp
    case OID.timestamptz: self = .timestamptz
    case OID.json: self = .json
    case OID.jsonb: self = .jsonb
    case OID.bytea: self = .bytes
    default: return nil
    }
  }

  /// What a slot holds that was decoded from this form.
  package var kind: SlotKind {
    switch self {
    case .bool: .bool
    case .int2, .int4, .int8, .oid: .int
    case .float4: .single
    case .float8: .double
    case .numeric: .numeric
    case .text, .padded, .foreign, .char: .text
    case .uuid: .uuid
    case .date: .date
    case .time: .time
    case .timestamp: .timestamp
    case .timestamptz: .timestamptz
    case .json: .json
    case .jsonb: .jsonb
    case .bytes: .bytes
    case .array: .array
    case .raw: .raw
    }
  }
}

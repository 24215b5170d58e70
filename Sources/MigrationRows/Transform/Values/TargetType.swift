import MigrationPlan

/// What a target column can hold, in the few numbers that the row program needs.
package struct TargetType: BitwiseCopyable {
  package var form: WireForm
  /// The most characters, or the digits of a numeric; -1 if there is no limit.
  package var limit: Int32 = -1
  /// Decimal places of a numeric or of seconds.
  package var scale: Int32 = 0
  /// The word table with an enum's labels; -1 for other types.
  package var labels: Int32 = -1
  /// For an array, the form and number of its elements' type.
  var elementForm: WireForm = .raw
  package var elementOID: UInt32 = 0
  /// Whether values represent objects of their database; see `PostgresType.namesObjects`.
  var namesObjects = false

  /// The type of a column; nil if its binary form is not understood.
  package init?(_ type: PostgresType) {
    guard let form = WireForm(type) else { return nil }
    self.form = form
    if form == .array, let element = type.elementOID {
      (elementForm, elementOID) = (WireForm(oid: element) ?? .raw, element)
    }
    readModifier(type, element: elementOID)
  }

  package init(form: WireForm) { self.form = form }

  /// A type that only the server reads; the elements of an array are texts until then.
  package init(readByServer type: PostgresType) {
    form = .foreign
    namesObjects = type.namesObjects
    if type.elementOID != nil { (elementForm, elementOID) = (.text, OID.text) }
  }

  /// Of an array that only the server reads, the array of its elements' texts.
  var elementsAsTexts: TargetType {
    var type = self
    type.form = .array
    return type
  }

  private mutating func readModifier(_ type: PostgresType, element: UInt32) {
    if type.baseOID == OID.name { limit = 63 }
    guard type.modifier >= 0 else { return }
    switch form == .array ? elementForm : form {
    case .text, .padded: if type.modifier >= 4 { limit = type.modifier - 4 }
    case .numeric where type.modifier >= 4:
      // Precision in the upper half; the scale is a signed number of eleven bits.
      let packed = type.modifier - 4
      limit = packed >> 16 & 0xFFFF
      scale = (packed & 0x7FF ^ 1024) - 1024
    case .time, .timestamp, .timestamptz:
      limit = min(type.modifier, 6)
      scale = limit
    default: break
    }
  }

  /// The type of an array's elements.
  package var element: TargetType {
    var element = TargetType(form: elementForm)
    (element.limit, element.scale) = (limit, scale)
    return element
  }

  /// Whether values of a kind can ever become this type; single values may still not fit.
  package func accepts(_ kind: SlotKind) -> Bool {
    if kind == .null { return true }
    if kind == .raw || form == .raw { return kind == .raw && form == .raw }
    switch form {
    case .text, .padded, .char, .json, .jsonb: return true
    default: break
    }
    if kind == .text { return form != .array }
    switch form {
    case .bool: return kind == .bool || kind == .int
    case .int2, .int4, .int8, .oid: return kind == .bool || Self.isNumber(kind)
    case .float4, .float8, .numeric: return Self.isNumber(kind)
    case .uuid: return kind == .uuid || kind == .bytes || kind == .objectID
    case .date, .timestamp, .timestamptz:
      return kind == .date || kind == .timestamp || kind == .timestamptz
    case .time: return kind == .time
    case .bytes: return kind == .bytes || kind == .uuid || kind == .objectID
    case .array: return TargetType.listKinds.contains(kind)
    case .text, .padded, .char, .json, .jsonb, .raw: return true
    case .foreign:
      return elementOID != 0 && TargetType.listKinds.contains(kind)
    }
  }

  private static let listKinds: [SlotKind] = [.array, .json, .jsonb, .list]

  private static func isNumber(_ kind: SlotKind) -> Bool {
    kind == .int || kind == .single || kind == .double || kind == .numeric
  }
}

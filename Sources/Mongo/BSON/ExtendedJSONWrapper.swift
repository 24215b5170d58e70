/// The objects of extended JSON that represent one value, such as `{"$oid":"…"}`.
///
/// An object counts as one only when its keys are exactly those of a type. Anything else is a
/// document, so that a query may say `{"$type":2}` or `{"$regex":"^a"}`.
enum ExtendedJSONWrapper {
  /// A key of a type, whose value cannot be of that type.
  struct Refusal: Error { let key: String }

  /// The value that a document represents; nil for an ordinary document.
  static func value(of document: BSONDocument) throws(Refusal) -> BSONValue? {
    // The first key begins behind the length and the first type byte.
    guard document.bytes.count > 6, document.bytes[5] == UInt8(ascii: "$") else { return nil }
    let fields = Array(document)
    let keys = fields.map(\.key.description)
    switch keys.count {
    case 1:
      guard let read = single[keys[0]] else { return nil }
      guard let value = read(fields[0].value) else { throw Refusal(key: keys[0]) }
      return value
    case 2: return try pair(document, keys)
    default: return nil
    }
  }

  private static func pair(
    _ document: BSONDocument, _ keys: [String]
  ) throws(Refusal) -> BSONValue? {
    switch Set(keys) {
    case ["$code", "$scope"]:
      guard case .string(let code) = document["$code"],
        let scope = document["$scope"]?.documentValue
      else { throw Refusal(key: "$code") }
      return .javascriptWithScope(code, scope)
    case ["$binary", "$type"]:
      let parts: BSONDocument = [
        "base64": document["$binary"] ?? .null, "subType": document["$type"] ?? .null,
      ]
      guard let value = binary(.document(parts)) else { throw Refusal(key: "$binary") }
      return value
    default: return nil
    }
  }

  private static let single: [String: @Sendable (BSONValue) -> BSONValue?] = [
    "$oid": { $0.stringValue.flatMap { ObjectID($0) }.map(BSONValue.objectID) },
    "$symbol": { if case .string(let text) = $0 { .symbol(text) } else { nil } },
    "$code": { if case .string(let text) = $0 { .javascript(text) } else { nil } },
    "$numberInt": { $0.stringValue.flatMap { Int32($0) }.map(BSONValue.int32) },
    "$numberLong": { $0.stringValue.flatMap { Int64($0) }.map(BSONValue.int64) },
    "$numberDouble": { $0.stringValue.flatMap(double).map(BSONValue.double) },
    "$numberDecimal": { $0.stringValue.flatMap { Decimal128($0) }.map(BSONValue.decimal128) },
    "$date": date, "$binary": binary, "$uuid": uuid, "$regularExpression": regex,
    "$timestamp": timestamp, "$dbPointer": pointer,
    "$undefined": { $0 == true ? .undefined : nil },
    "$minKey": { $0.int64Value == 1 ? .minKey : nil },
    "$maxKey": { $0.int64Value == 1 ? .maxKey : nil },
  ]

  private static func double(_ text: String) -> Double? {
    switch text {
    case "Infinity": .infinity
    case "-Infinity": -.infinity
    case "NaN": .nan
    default: JSONNumber(Array(text.utf8)[...])?.text.count == text.utf8.count ? Double(text) : nil
    }
  }

  private static func date(_ value: BSONValue) -> BSONValue? {
    if case .string(let text) = value {
      return ISODate.milliseconds(of: text.bytes).map(BSONValue.date)
    }
    return value.int64Value.map(BSONValue.date)
  }

  private static func binary(_ value: BSONValue) -> BSONValue? {
    guard let parts = value.documentValue, case .string(let base64) = parts["base64"],
      case .string(let subtype) = parts["subType"], Array(parts).count == 2,
      (1...2).contains(subtype.bytes.count), let number = UInt8(subtype.description, radix: 16),
      let bytes = Base64.decode(base64.bytes)
    else { return nil }
    return .binary(BSONBinary(subtype: number, bytes: bytes))
  }

  private static func uuid(_ value: BSONValue) -> BSONValue? {
    guard let text = value.stringValue, text.utf8.count == 36 else { return nil }
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hex.decode(groups.joined().utf8)
    else { return nil }
    return .binary(BSONBinary(subtype: 4, bytes: bytes))
  }

  private static func regex(_ value: BSONValue) -> BSONValue? {
    guard let parts = value.documentValue, case .string(let pattern) = parts["pattern"],
      case .string(let options) = parts["options"], !pattern.containsNUL, !options.containsNUL
    else { return nil }
    return .regex(BSONRegex(pattern: pattern, options: options))
  }

  private static func timestamp(_ value: BSONValue) -> BSONValue? {
    guard let parts = value.documentValue,
      let seconds = parts["t"]?.int64Value.flatMap({ UInt32(exactly: $0) }),
      let increment = parts["i"]?.int64Value.flatMap({ UInt32(exactly: $0) })
    else { return nil }
    return .timestamp(BSONTimestamp(seconds: seconds, increment: increment))
  }

  private static func pointer(_ value: BSONValue) -> BSONValue? {
    guard let parts = value.documentValue, case .string(let namespace) = parts["$ref"],
      let id = parts["$id"]?.objectIDValue
    else { return nil }
    return .dbPointer(BSONPointer(namespace: namespace, id: id))
  }
}

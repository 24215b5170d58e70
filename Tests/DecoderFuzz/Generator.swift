import Mongo

/// Makes sound documents of every type and shape.
struct Generator {
  var random: SeededRandom

  mutating func document(depth: Int = 0) -> BSONDocument {
    var builder = BSONBuilder()
    for _ in 0..<random.below(depth == 0 ? 12 : 5) {
      builder.append(key(), value(depth: depth))
    }
    return builder.document
  }

  /// Documents in documents, down to around the limit.
  mutating func deepDocument() -> BSONDocument {
    let levels = random.chance(2) ? random.below(20) : 190 + random.below(20)
    return (0..<levels).reduce(document(depth: 9)) { inner, level in
      level % 3 == 0 ? ["a": .array([.document(inner)])] : ["d": .document(inner)]
    }
  }

  private mutating func key() -> BSONText {
    BSONText(
      bytes: random.chance(8) ? plain(20).filter { $0 != 0 } : [UInt8(97 + random.below(26))])
  }

  private mutating func text() -> BSONText {
    switch random.below(6) {
    case 0: BSONText(bytes: random.bytes(upTo: 12))
    case 1: "grüße, 世界 💾\u{0}\n\"\\"
    default: BSONText(bytes: plain(40))
    }
  }

  private mutating func plain(_ count: Int) -> [UInt8] {
    (0..<random.below(count)).map { _ in UInt8(32 + random.below(95)) }
  }

  private mutating func id() -> ObjectID {
    ObjectID(seconds: UInt32(truncatingIfNeeded: random.next()), rest: random.next())
  }

  mutating func value(depth: Int = 0) -> BSONValue {
    let types = BSONType.allCases
    let type = types[random.below(types.count)]
    let bits = random.next()
    switch type {
    case .double: return .double(Double(bitPattern: bits))
    case .string: return .string(text())
    case .document: return depth > 4 ? nil : .document(document(depth: depth + 1))
    case .array: return depth > 4 ? [] : .array(BSONArray(stored: document(depth: depth + 1)))
    case .binary:
      let subtypes: [UInt8] = [0, 2, 3, 4, 0x80, UInt8(truncatingIfNeeded: bits)]
      let subtype = subtypes[random.below(subtypes.count)]
      return .binary(BSONBinary(subtype: subtype, bytes: random.bytes(upTo: 20)))
    case .undefined: return .undefined
    case .objectID: return .objectID(id())
    case .bool: return .bool(bits & 1 == 0)
    case .date: return .date(Int64(bitPattern: bits) >> Int64(random.below(40)))
    case .null: return .null
    case .regex:
      return .regex(BSONRegex(pattern: BSONText(bytes: plain(9)), options: BSONText("ix")))
    case .dbPointer: return .dbPointer(BSONPointer(namespace: text(), id: id()))
    case .javascript: return .javascript(text())
    case .symbol: return .symbol(text())
    case .javascriptWithScope: return .javascriptWithScope(text(), document(depth: depth + 3))
    case .int32: return .int32(Int32(truncatingIfNeeded: bits))
    case .timestamp: return .timestamp(BSONTimestamp(bits: bits))
    case .int64: return .int64(Int64(bitPattern: bits))
    case .decimal128: return .decimal128(Decimal128(high: bits, low: random.next()))
    case .minKey: return .minKey
    case .maxKey: return .maxKey
    }
  }
}

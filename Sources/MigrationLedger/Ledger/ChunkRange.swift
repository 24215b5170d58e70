import MigrationBasics

/// The part of a feed that a chunk covers.
package enum ChunkRange: Sendable, Hashable {
  /// A range of the feed's key.
  case keys(lower: KeyBound?, upper: KeyBound?)
  /// The blocks of a PostgreSQL table without a key, by ctid: the first one, and the one after the
  /// last; nil is open-ended. Of the one after the last, the rows before an offset are in.
  case blocks(from: Int, to: Int?, offset: Int = 0)
  /// The bytes of a file: the first one, and the one after the last; nil is its end.
  case bytes(from: Int, to: Int?)

  /// All that a feed has, by its key.
  package static let everything = ChunkRange.keys(lower: nil, upper: nil)
}

/// One end of a range of keys: the texts of the key's columns, and whether the key itself is in.
package struct KeyBound: Sendable, Hashable {
  package let key: [String]
  package let isInclusive: Bool

  package init(_ key: [String], isInclusive: Bool) {
    (self.key, self.isInclusive) = (key, isInclusive)
  }
}

/// A chunk as it is planned: its range, and how much is in it by estimate.
package struct PlannedChunk: Sendable, Hashable {
  package let range: ChunkRange
  package let rowEstimate: Int
  package let byteEstimate: Int

  package init(_ range: ChunkRange, rowEstimate: Int = 0, byteEstimate: Int = 0) {
    (self.range, self.rowEstimate, self.byteEstimate) = (range, rowEstimate, byteEstimate)
  }
}

extension ChunkRange {
  /// The range as the ledger keeps it; keys are arrays of texts, of any type and number of columns.
  ///
  /// - Parameter encoding: the database's, as the server names it.
  package func json(for encoding: String = "UTF8") -> JSONValue {
    switch self {
    case .keys(let lower, let upper):
      [
        "kind": "keys", "lower": Self.json(lower, encoding), "upper": Self.json(upper, encoding),
      ]
    case .blocks(let from, let to, let offset):
      ["kind": "blocks", "from": .int(from), "to": Self.json(to), "offset": .int(offset)]
    case .bytes(let from, let to): ["kind": "bytes", "from": .int(from), "to": Self.json(to)]
    }
  }

  init(json: JSONValue) throws(LedgerError) {
    switch json["kind"] {
    case .text("keys"):
      self = .keys(lower: try Self.bound(json["lower"]), upper: try Self.bound(json["upper"]))
    case .text("blocks"):
      self = .blocks(
        from: try Self.number(json["from"]), to: try Self.end(json["to"]),
        offset: try Self.end(json["offset"]) ?? 0)
    case .text("bytes"):
      self = .bytes(from: try Self.number(json["from"]), to: try Self.end(json["to"]))
    default: throw Self.damaged(json)
    }
  }

  private static func json(_ end: Int?) -> JSONValue { end.map(JSONValue.int) ?? .null }

  private static func json(_ bound: KeyBound?, _ encoding: String) -> JSONValue {
    guard let bound else { return .null }
    return [
      "key": .array(bound.key.map { EscapedText.encode(.text($0), for: encoding) }),
      "inclusive": .bool(bound.isInclusive),
    ]
  }

  private static func bound(_ json: JSONValue?) throws(LedgerError) -> KeyBound? {
    guard let json, json != .null else { return nil }
    guard case .array(let parts)? = json["key"], case .bool(let isInclusive)? = json["inclusive"]
    else { throw damaged(json) }
    var key: [String] = []
    for part in parts {
      guard let bytes = EscapedText.bytes(of: part) else { throw damaged(json) }
      key.append(String(decoding: bytes, as: UTF8.self))
    }
    return KeyBound(key, isInclusive: isInclusive)
  }

  private static func number(_ json: JSONValue?) throws(LedgerError) -> Int {
    guard case .int(let number)? = json else { throw damaged(json ?? .null) }
    return number
  }

  private static func end(_ json: JSONValue?) throws(LedgerError) -> Int? {
    json == nil || json == .null ? nil : try number(json)
  }

  private static func damaged(_ json: JSONValue) -> LedgerError {
    LedgerError(.ledgerDamaged, "a chunk's range has an unknown form", place: json.compact)
  }
}

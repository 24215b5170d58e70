/// What a set of NextCRM's sample data holds, and what has to become of it.
public struct CRMManifest: Sendable {
  /// The documents of a collection that have one fault.
  public struct Entry: Sendable {
    public let collection: String
    public let fault: CRMFault
    public let keys: [String]
  }

  /// What becomes of the pairs of a relation.
  public struct Pairs: Sendable {
    public let table: String
    /// Elements of the arrays of both sides.
    public let read: Int
    /// Different pairs whose ends are both there.
    public let kept: Int
    public let onlyFirst: Int
    public let onlySecond: Int
    public let quarantined: Int
    public var merged: Int { read - kept - quarantined }
  }

  public let seed: UInt64
  public let dirty: Double
  public internal(set) var sizes: [(collection: String, rows: Int)] = []
  public internal(set) var entries: [Entry] = []
  public internal(set) var pairs: [Pairs] = []

  /// How many documents of a collection have a fault of one effect.
  public func count(_ collection: String, _ effect: CRMFault.Effect) -> Int {
    entries.filter { $0.collection == collection && $0.fault.effect == effect }
      .reduce(0) { $0 + $1.keys.count }
  }

  /// The manifest as JSON, for tests and people.
  public var json: JSONValue {
    [
      "plan": "nextcrm", "seed": .numeral("\(seed)"), "dirty": .double(dirty),
      "tables": .object(JSONObject(sizes.map { ($0.collection, table($0.collection, $0.rows)) })),
      "junctions": .object(
        JSONObject(
          pairs.map { pairs in
            (
              pairs.table,
              [
                "read": .int(pairs.read), "loaded": .int(pairs.kept), "merged": .int(pairs.merged),
                "quarantined": .int(pairs.quarantined), "onlyFirst": .int(pairs.onlyFirst),
                "onlySecond": .int(pairs.onlySecond),
              ] as JSONValue
            )
          })),
    ]
  }

  private func table(_ collection: String, _ rows: Int) -> JSONValue {
    let faults = entries.filter { $0.collection == collection }.map { entry -> JSONValue in
      [
        "fault": .text(entry.fault.name), "column": .text(entry.fault.field),
        "kind": .text(entry.fault.kind.rawValue), "effect": .text(entry.fault.effect.rawValue),
        "count": .int(entry.keys.count), "keys": .array(entry.keys.map(JSONValue.text)),
      ]
    }
    let quarantined = count(collection, .quarantined)
    return [
      "rows": .int(rows), "loaded": .int(rows - quarantined), "quarantined": .int(quarantined),
      "warned": .int(count(collection, .warned)), "faults": .array(faults),
    ]
  }
}

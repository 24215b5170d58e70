import MigrationBasics

/// What a set of NextCRM's sample data holds, and the expected result.
package struct CRMManifest: Sendable {
  /// The documents of a collection that have one fault.
  package struct Entry: Sendable {
    package let collection: String
    package let fault: CRMFault
    package let keys: [String]
  }

  /// The expected counts of the pairs of a relation.
  package struct Pairs: Sendable {
    package let table: String
    /// Elements of the arrays of both sides.
    package let read: Int
    /// Different pairs whose ends are both there.
    package let kept: Int
    package let onlyFirst: Int
    package let onlySecond: Int
    package let quarantined: Int
    package var merged: Int { read - kept - quarantined }
  }

  package let seed: UInt64
  package let dirty: Double
  package var sizes: [(collection: String, rows: Int)] = []
  package var entries: [Entry] = []
  package var pairs: [Pairs] = []

  /// How many documents of a collection have a fault of one effect.
  package func count(_ collection: String, _ effect: CRMFault.Effect) -> Int {
    entries.filter { $0.collection == collection && $0.fault.effect == effect }
      .reduce(0) { $0 + $1.keys.count }
  }

  /// The manifest as JSON, for tests and people.
  package var json: JSONValue {
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

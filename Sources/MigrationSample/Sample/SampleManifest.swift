import MigrationBasics

/// What a set of sample data holds, and the expected result.
package struct SampleManifest: Sendable, Hashable {
  /// The rows of a table that have one fault.
  package struct Entry: Sendable, Hashable {
    package let fault: SampleFault
    /// The source keys of the rows, as text.
    package var keys: [String]

    package var count: Int { keys.count }
  }

  package let seed: UInt64
  /// The share of faulty rows that was asked for.
  package let dirty: Double
  package let size: SampleSize
  /// The faults that there are, table by table.
  package var entries: [Entry]
  /// The tables that were filled.
  package let tables: [SampleTable]

  /// How many rows of a table the faults keep out of the target.
  package func quarantined(_ table: SampleTable) -> Int { count(table, .quarantined) }

  /// How many rows of a table are loaded.
  package func loaded(_ table: SampleTable) -> Int { size[table] - quarantined(table) }

  /// How many rows of a table have faults with one effect.
  package func count(_ table: SampleTable, _ effect: SampleFault.Effect) -> Int {
    entries.filter { $0.fault.table == table && $0.fault.effect == effect }
      .reduce(0) { $0 + $1.count }
  }

  /// The manifest as JSON, for tests and people.
  package var json: JSONValue {
    .object(
      JSONObject([
        ("plan", "nxt"), ("seed", .numeral(String(seed))), ("dirty", .double(dirty)),
        ("tables", .object(JSONObject(tables.map { ($0.rawValue, json(of: $0)) }))),
      ]))
  }

  private func json(of table: SampleTable) -> JSONValue {
    let faults = entries.filter { $0.fault.table == table }.map { entry in
      [
        "fault": .text(entry.fault.name), "column": .text(entry.fault.column),
        "kind": .text(entry.fault.kind.rawValue), "effect": .text(entry.fault.effect.rawValue),
        "count": .int(entry.count), "keys": .array(entry.keys.map(JSONValue.text)),
      ] as JSONValue
    }
    return [
      "rows": .int(size[table]), "loaded": .int(loaded(table)),
      "quarantined": .int(quarantined(table)), "warned": .int(count(table, .warned)),
      "filled": .int(count(table, .filled)), "faults": .array(faults),
    ]
  }
}

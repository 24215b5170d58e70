import MigrationBasics

extension SourceProfile {
  /// The profile as a member of a command's JSON output.
  package var json: JSONValue {
    [
      "source": .text(name), "total": .int(total), "examined": .int(examined),
      "sample": .bool(isSample), "fields": .array(fields.map(\.json)),
      "notes": .array(notes.map(JSONValue.text)),
    ]
  }
}

extension FieldProfile {
  fileprivate var json: JSONValue {
    let types = types.map { ($0.type, JSONValue.int($0.count)) }
    let oddities = Oddity.allCases.compactMap { oddity in
      self.oddities[oddity].map { (oddity.rawValue, $0.json) }
    }
    return [
      "path": .text(path), "holders": .int(holders), "present": .int(present),
      "missing": .int(missing), "nulls": .int(nulls), "types": .object(JSONObject(types)),
      "longest": longest.map(JSONValue.int) ?? .null, "smallest": .optional(smallest),
      "largest": .optional(largest), "oddities": .object(JSONObject(oddities)),
    ]
  }
}

extension FieldProfile.Finding {
  fileprivate var json: JSONValue {
    ["count": .int(count), "examples": .array(examples.map(JSONValue.text))]
  }
}

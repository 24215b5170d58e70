extension ExpectedFingerprints {
  /// The book as a receipt keeps it.
  package var json: JSONValue {
    let entries = groups.flatMap(\.entries)
    return [
      "feeds": .array(
        feeds.sorted { $0.key < $1.key }.map { number, columns in
          ["feed": .int(number), "columns": .array(columns.map(\.json))]
        }),
      "transactions": .array(
        entries.map { entry in
          [
            "xid": .int(entry.xid), "chunk": entry.chunk.map(JSONValue.int) ?? .null,
            "kind": .optional(entry.kind), "feed": entry.feed.map(JSONValue.int) ?? .null,
            "rows": entry.sum.map { .int($0.rows) } ?? .null,
            "fingerprint": .optional(entry.sum?.fingerprint.hexadecimal),
            "commands": entry.commands.map { .array($0.sorted().map { .int(Int($0)) }) } ?? .null,
          ]
        }),
    ]
  }

  /// Reads a book that `json` has made; nil if it is none.
  package init?(_ json: JSONValue) {
    guard case .array(let feeds)? = json["feeds"],
      case .array(let entries)? = json["transactions"]
    else { return nil }
    self.init()
    for feed in feeds {
      guard case .int(let number)? = feed["feed"], case .array(let columns)? = feed["columns"]
      else { return nil }
      addFeed(number, columns.compactMap(HashedColumn.init))
    }
    for entry in entries {
      guard case .int(let xid)? = entry["xid"] else { return nil }
      var (chunk, kind, feed): (Int?, String?, Int?) = (nil, nil, nil)
      if case .int(let number)? = entry["chunk"] { chunk = number }
      if case .int(let number)? = entry["feed"] { feed = number }
      if case .text(let word)? = entry["kind"] { kind = word }
      add(
        Entry(
          xid: xid, chunk: chunk, kind: kind, feed: feed, sum: Self.sum(entry),
          commands: entry["commands"].flatMap(Self.commands)))
    }
  }

  /// Reads the numbers of commands; nil if there is no list of them.
  package static func commands(_ list: JSONValue) -> Set<UInt32>? {
    guard case .array(let elements) = list else { return nil }
    return Set(
      elements.compactMap {
        if case .int(let number) = $0 { UInt32(truncatingIfNeeded: number) } else { nil }
      })
  }

  private static func sum(_ entry: JSONValue) -> FingerprintSum? {
    guard case .int(let rows)? = entry["rows"], case .text(let digits)? = entry["fingerprint"],
      let fingerprint = Fingerprint(hexadecimal: digits)
    else { return nil }
    return FingerprintSum(rows: rows, fingerprint)
  }
}

extension Fingerprint {
  /// Reads 32 hexadecimal digits.
  package init?(hexadecimal digits: String) {
    guard let bytes = Self.bytes(digits) else { return nil }
    self.init(bytes)
  }

  /// Reads bytes that are written in hexadecimal digits; nil if they are not.
  package static func bytes(_ digits: String) -> [UInt8]? {
    let values = digits.utf8.map { ASCII.hexValue($0) }
    guard values.count.isMultiple(of: 2), !values.contains(nil) else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { index in
      (values[index] ?? 0) << 4 | (values[index + 1] ?? 0)
    }
  }

  /// Writes a byte as two hexadecimal digits.
  package static func digits(_ byte: UInt8) -> String {
    String(decoding: [ASCII.hexDigit(byte >> 4), ASCII.hexDigit(byte & 15)], as: UTF8.self)
  }
}

import MigrationBasics

/// Values that are too large for `jsonb`, cut so that their row can be quarantined all the same.
///
/// PostgreSQL holds no `jsonb` of 256 MiB, and takes no text of 1 GiB. Of a larger value the long texts are cut: each
/// becomes `{"$cut": "…", "bytes": …, "sha256": "…"}`, with its beginning, its full size and the hash of all of it. A
/// value that is too large even so is cut as a whole. Values that are equal stay equal, and others stay different.
package enum CutValue {
  package static let mark = "$cut"

  /// The most bytes of a value that is kept whole: next to it, smaller ones may be sent in the same parameter.
  static let mostBytes = 200_000_000
  /// The most bytes of a text that only shows what was wrong with a row.
  static let mostShown = 16 << 20
  /// How much is kept of a text that is cut.
  private static let kept = 64 << 10

  /// Returns a value as it can be kept.
  static func keepable(_ value: JSONValue, most: Int = mostBytes) -> JSONValue {
    guard exceeds(value, most) else { return value }
    let cut = cutTexts(of: value)
    return exceeds(cut, most) ? self.cut(value.compact) : cut
  }

  /// Returns a text for people as it can be kept.
  static func keepable(_ text: String) -> String {
    guard text.utf8.count > mostShown else { return text }
    return beginning(of: text) + "… (\(text.utf8.count) bytes)"
  }

  /// Whether a value takes more bytes than that, as JSON text or as `jsonb`. Texts are looked through only if their
  /// sizes do not show.
  private static func exceeds(_ value: JSONValue, _ most: Int) -> Bool {
    if size(of: value, { 6 * $0.utf8.count }) <= most { return false }
    return size(of: value, { $0.utf8.count }) > most || size(of: value, written) > most
  }

  private static func size(of value: JSONValue, _ ofText: (String) -> Int) -> Int {
    switch value {
    case .null, .bool, .int, .double: 32
    case .numeral(let text), .text(let text): 16 + ofText(text)
    case .array(let elements): elements.reduce(16) { $0 + size(of: $1, ofText) }
    case .object(let object):
      object.members.reduce(16) { $0 + 16 + ofText($1.key) + size(of: $1.value, ofText) }
    }
  }

  /// JSON writes control characters with six bytes, quotation marks and backslashes with two.
  private static func written(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { bytes in
      bytes.reduce(0) { sum, byte in
        sum + (byte < 0x20 ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1)
      }
    }
  }

  private static func cutTexts(of value: JSONValue) -> JSONValue {
    switch value {
    case .text(let text) where text.utf8.count > kept: cut(text)
    case .numeral(let text) where text.utf8.count > kept: cut(text)
    case .array(let elements): .array(elements.map(cutTexts))
    case .object(let object):
      .object(JSONObject(object.members.map { ($0.key, cutTexts(of: $0.value)) }))
    default: value
    }
  }

  private static func cut(_ text: String) -> JSONValue {
    [
      mark: .text(beginning(of: text)), "bytes": .int(text.utf8.count),
      "sha256": .text(SHA256.hexadecimal(of: text.utf8)),
    ]
  }

  /// The first characters, none of them in part.
  private static func beginning(of text: String) -> String {
    for count in [kept, kept - 1, kept - 2, kept - 3] {
      if let start = String(text.utf8.prefix(count)) { return start }
    }
    return ""
  }
}

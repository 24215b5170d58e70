import MigrationBasics
import Mongo

/// Documents as the ledger and reports keep them: extended JSON, which loses no type.
enum DocumentJSON {
  /// Returns a whole document.
  ///
  /// One whose texts are not all UTF-8 has its bytes next to it, and one that is damaged only those.
  static func value(_ bytes: UnsafeRawBufferPointer) -> JSONValue {
    guard let document = try? BSONDocument(copying: bytes) else { return raw(bytes) }
    if let value = value(document, .refuse) { return value }
    return ["document": value(document, .replace) ?? .null, "bytes": raw(bytes)]
  }

  /// Returns one field of a document under its name; null if there is none, or it is damaged.
  ///
  /// Nothing behind the field is read: each of an array's elements has its document's key.
  static func field(_ name: String, of bytes: UnsafeRawBufferPointer) -> JSONValue {
    guard let alone = document(of: name, in: bytes) else { return .null }
    return self.value(alone, .refuse)
      ?? ["document": self.value(alone, .replace) ?? .null, "bytes": alone.withUnsafeBytes(raw)]
  }

  /// A document of one field of another.
  private static func document(
    of name: String, in bytes: UnsafeRawBufferPointer
  ) -> BSONDocument? {
    guard let start = bytes.baseAddress else { return nil }
    var scan = BSONScan(start, bytes.count)
    while scan.next() {
      let key = UnsafeRawBufferPointer(start: scan.key, count: scan.keyLength)
      guard key.elementsEqual(name.utf8) else { continue }
      let value = UnsafeRawBufferPointer(start: scan.value, count: scan.valueLength)
      let body = [scan.type] + Array(key) + [0] + Array(value) + [0]
      let length = withUnsafeBytes(of: Int32(body.count + 4).littleEndian) { Array($0) }
      return (length + body).withUnsafeBytes { try? BSONDocument(copying: $0) }
    }
    return nil
  }

  private static func value(
    _ document: BSONDocument, _ invalid: ExtendedJSON.InvalidText
  ) -> JSONValue? {
    var members: [(String, JSONValue)] = []
    for (key, value) in document {
      guard let name = key.string ?? (invalid == .replace ? key.description : nil),
        let value = self.value(value, invalid)
      else { return nil }
      members.append((name, value))
    }
    return .object(JSONObject(members))
  }

  /// Returns the extended JSON of a value; nil for a text that is not UTF-8 and may not be fixed.
  ///
  /// Usual types are made at once, the others by way of their text.
  private static func value(
    _ value: BSONValue, _ invalid: ExtendedJSON.InvalidText
  ) -> JSONValue? {
    switch value {
    case .string(let text):
      return (text.string ?? (invalid == .replace ? text.description : nil)).map(JSONValue.text)
    case .document(let document): return self.value(document, invalid)
    case .array(let array):
      let elements = array.map { self.value($0, invalid) }
      let sound = elements.compactMap { $0 }
      return sound.count == elements.count ? .array(sound) : nil
    case .objectID(let id): return ["$oid": .text(id.description)]
    case .int32(let number): return ["$numberInt": .text("\(number)")]
    case .int64(let number): return ["$numberLong": .text("\(number)")]
    case .date(let number): return ["$date": ["$numberLong": .text("\(number)")]]
    case .bool(let bool): return .bool(bool)
    case .null: return .null
    default:
      let format = ExtendedJSON(.canonical, invalidText: invalid)
      return (try? format.text(of: value)).flatMap { try? JSONValue.parse($0) }
    }
  }

  private static func raw(_ bytes: UnsafeRawBufferPointer) -> JSONValue {
    let binary: BSONDocument = ["bytes": .binary(BSONBinary(bytes: Array(bytes)))]
    let text = (try? ExtendedJSON(.canonical).text(of: binary)) ?? "null"
    return (try? JSONValue.parse(text))?["bytes"] ?? .null
  }
}

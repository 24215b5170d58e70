import MigrationBasics
import MigrationLedger
import MigrationPlan
import Mongo

/// Conditions on documents.
package enum DocumentFilter {
  /// Joins conditions that are written as extended JSON.
  package static func make(_ texts: [String?], _ feed: Feed) throws -> BSONDocument {
    var conditions: [BSONDocument] = []
    for text in texts.compactMap({ $0 }) {
      do {
        conditions.append(try ExtendedJSON.parse(text))
      } catch {
        throw MigrationError(
          .configuration, "the condition on \(feed.from) can't be read: \(error)",
          place: "\(feed.place)",
          remedy: "write it as a MongoDB filter, for instance { \"status\": \"open\" }")
      }
    }
    if conditions.count < 2 { return conditions.first ?? [:] }
    return ["$and": .array(BSONArray(conditions.map(BSONValue.document)))]
  }

  /// Returns the condition, as extended JSON, for documents that meet one of several; nil if one of
  /// them is met by all.
  package static func any(of filters: [String?]) -> String? {
    let texts = Set(filters.compactMap { $0 }).sorted()
    guard !texts.isEmpty, filters.allSatisfy({ $0 != nil }) else { return nil }
    return texts.count == 1 ? texts[0] : "{\"$or\":[\(texts.joined(separator: ","))]}"
  }

  /// Returns the condition for documents with one of several ids.
  package static func ids(_ values: [BSONValue]) -> BSONDocument {
    ["_id": ["$in": .array(BSONArray(values))]]
  }
}

/// The `_id` of a document, as it is kept and as people type it.
enum DocumentID {
  /// Reads the `_id` of a key that the quarantine keeps.
  static func kept(_ key: JSONValue) -> BSONValue? {
    guard let id = EscapedText.decode(key)["_id"] else { return nil }
    return (try? ExtendedJSON.parse("{\"_id\":\(id.compact)}"))?["_id"]
  }

  /// Returns the ids that a text may represent: of several types, because `_id` may be of any.
  static func typed(_ text: String) -> [BSONValue] {
    var values: [BSONValue] = [BSONValue(text)]
    if let id = ObjectID(text) { values.append(.objectID(id)) }
    // A number, or extended JSON such as {"$uuid": "…"}.
    if let parsed = try? ExtendedJSON.parse("{\"_id\":\(text)}")["_id"] { values.append(parsed) }
    // What compares bytes must know all the ways to store a number.
    if let number = Int64(text) { values += [.int64(number), .double(Double(number))] }
    return values
  }

  /// Returns the bytes by which a document with this id is distinguished.
  static func rawKey(_ id: BSONValue) -> [UInt8] {
    let document: BSONDocument = ["_id": id]
    var key: [UInt8] = []
    document.withUnsafeBytes { RowKey.readID(of: $0, into: &key) }
    return key
  }
}

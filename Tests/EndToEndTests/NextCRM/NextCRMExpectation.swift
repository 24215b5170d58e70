import Foundation
import MigrationCore
import Mongo
import TestSupport

/// What a document has to become, said by the facts alone and not by the plan.
struct NextCRMExpectation {
  let facts: NextCRMFacts
  /// The keys of documents that must be quarantined, and the orphans that must become null.
  private var aside: Set<String> = []
  private var orphans: [String: String] = [:]

  init(_ facts: NextCRMFacts, manifest: JSONValue) {
    self.facts = facts
    for table in facts.tables where !table.isJunction {
      guard case .array(let faults)? = manifest["tables"]?[table.name]?["faults"] else { continue }
      for fault in faults {
        guard case .array(let keys)? = fault["keys"] else { continue }
        for key in keys.compactMap(\.textValue) {
          if fault["effect"] == "quarantined" { aside.insert(key) }
          if fault["effect"] == "warned" { orphans[key] = fault["column"]?.textValue }
        }
      }
    }
  }

  /// An ObjectId's twelve bytes, with the version behind the sixth and the variant behind the eighth.
  static func uuid(_ id: ObjectID) -> String {
    let digits = Array(id.description)
    let text =
      String(digits[0..<12]) + "8" + String(digits[12..<15]) + "8" + String(digits[15..<24])
      + "000000"
    let places = [8, 12, 16, 20]
    return text.enumerated().map { (places.contains($0.offset) ? "-" : "") + String($0.element) }
      .joined()
  }

  /// The rows that a collection has to become, by their ids.
  func rows(_ table: NextCRMFacts.Table) throws -> [String: [String: JSONValue]] {
    var rows: [String: [String: JSONValue]] = [:]
    for document in try NextCRMFixture.documents(table.name) {
      guard let id = document["_id"]?.objectIDValue, !aside.contains(id.description) else {
        continue
      }
      var row: [String: JSONValue] = [:]
      for column in table.columns {
        guard let field = column.field else { continue }
        let isOrphan = orphans[id.description] == column.name
        let value = isOrphan ? nil : document[field.name]
        row[column.name] = Self.value(value) ?? (column.isNotNull ? Self.standIn(column) : .null)
      }
      rows[Self.uuid(id)] = row
    }
    return rows
  }

  /// The pairs that a junction has to hold: those that either side knows, if both ends are there.
  func pairs(_ junction: NextCRMFacts.Table) throws -> Set<[String]> {
    var pairs: Set<[String]> = []
    let ends = junction.columns.map { column in
      junction.foreignKeys.first { $0.column == column.name }?.table ?? ""
    }
    let there = try ends.map { end in
      Set(
        try NextCRMFixture.documents(end).compactMap { $0["_id"]?.objectIDValue }
          .filter { !aside.contains($0.description) })
    }
    for side in junction.pairs {
      let isFirst = side.collection == ends[0]
      for document in try NextCRMFixture.documents(side.collection) {
        guard let own = document["_id"]?.objectIDValue, let list = document[side.field]?.arrayValue
        else { continue }
        for other in list.compactMap(\.objectIDValue) {
          let pair = isFirst ? [own, other] : [other, own]
          if there[0].contains(pair[0]), there[1].contains(pair[1]) {
            pairs.insert(pair.map(Self.uuid))
          }
        }
      }
    }
    return pairs
  }

  private static func value(_ value: BSONValue?) -> JSONValue? {
    switch value {
    case nil, .null: nil
    case .objectID(let id): .text(uuid(id))
    case .string(let text): .text(String(describing: text))
    case .int32(let number): .int(Int(number))
    case .int64(let number): .int(Int(number))
    case .double(let number) where number == number.rounded(): .int(Int(number))
    case .double(let number): .double(number)
    case .bool(let bool): .bool(bool)
    case .date(let milliseconds): .int(Int(milliseconds))
    case .array(let array): .array(array.map { Self.value($0) ?? .null })
    case .document(let document):
      .object(
        JSONObject(document.map { (String(describing: $0.key), Self.value($0.value) ?? .null) }))
    default: .text("a type that the samples don't have")
    }
  }

  /// The default for a column that must not be null, if the document has no value.
  private static func standIn(_ column: NextCRMFacts.Column) -> JSONValue {
    switch column.defaultValue {
    case "true"?: true
    case "false"?: false
    case let text? where text.hasPrefix("'"): .text(String(text.dropFirst().dropLast()))
    default: column.type == "integer" ? 0 : .null
    }
  }
}

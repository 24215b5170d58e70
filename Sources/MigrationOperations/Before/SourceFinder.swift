import MigrationBasics
import MigrationPlan
import Postgres

/// Says how the rows of a source are found again: a statement in SQL, or a MongoDB filter.
struct SourceFinder {
  let plan: Plan
  let table: String
  let source: String

  /// Returns what finds the rows with these keys; nil if they have none.
  func statement(_ keys: [JSONValue]) throws -> String? {
    guard
      let feed = plan.tables.first(where: { $0.name == table })?
        .feeds.first(where: { $0.from == source })
    else { return nil }
    return plan.source.kind.hasDocuments ? filter(keys) : try sql(keys, feed.key)
  }

  private func sql(_ keys: [JSONValue], _ names: [String]) throws -> String? {
    guard !names.isEmpty else { return nil }
    let rows = keys.compactMap { row($0, names) }
    guard !rows.isEmpty else { return nil }
    let table = try SQL.identifier(schema: plan.source.schema, source)
    let columns = try SQL.identifiers(names)
    let key = names.count == 1 ? columns : "(\(columns))"
    return "SELECT * FROM \(table) WHERE \(key) IN (\(rows.joined(separator: ", ")))"
  }

  private func row(_ key: JSONValue, _ names: [String]) -> String? {
    let values = names.compactMap { name -> String? in
      switch key[name] {
      case .text(let text)?: SQL.literal(text)
      case nil, .null?: nil
      case let value?: SQL.literal(value.compact)
      }
    }
    guard values.count == names.count else { return nil }
    return values.count == 1 ? values[0] : "(\(values.joined(separator: ", ")))"
  }

  private func filter(_ keys: [JSONValue]) -> String? {
    let ids = keys.compactMap { $0["_id"] }
    guard !ids.isEmpty else { return nil }
    return JSONValue.object(JSONObject([("_id", ["$in": .array(ids)])])).compact
  }
}

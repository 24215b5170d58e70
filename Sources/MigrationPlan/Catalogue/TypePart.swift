import MigrationBasics
import Postgres

/// Values inside a column's values whose meaning depends on their database: amounts of money, numbers of objects.
///
/// The column's own type may be one, or an array, a domain or a composite type may have such values at any depth.
package struct TypePart: Sendable, Hashable {
  /// The number of a built-in type.
  package let type: UInt32
  /// How a value is come to from the column's: the names of fields, and empty texts for the elements of an array.
  package let path: [String]

  package init(type: UInt32, path: [String]) { (self.type, self.path) = (type, path) }

  /// Returns a query for all such values of a column, in a column `v`.
  package func values(of column: String, in table: PostgresTable) throws -> String {
    let name = try SQL.identifier(schema: table.schema, table.name)
    return try path.reduce("SELECT t.\(SQL.identifier(column)) AS v FROM \(name) t") {
      query, step in
      let value = step.isEmpty ? "pg_catalog.unnest(p.v)" : "(p.v).\(try SQL.identifier(step))"
      return "SELECT \(value) AS v FROM (\(query)) p"
    }
  }

  /// Reads a JSON list of lists: a type's number, and the steps to it.
  static func read(_ json: String?) -> [TypePart] {
    guard let json, case .array(let parts)? = try? JSONValue.parse(json) else { return [] }
    return parts.compactMap { part in
      guard case .array(let members) = part, case .int(let type)? = members.first else {
        return nil
      }
      let path = members.dropFirst().compactMap {
        if case .text(let step) = $0 { step } else { nil }
      }
      return TypePart(type: UInt32(truncatingIfNeeded: type), path: path)
    }
  }
}

extension PostgresType {
  /// Whether amounts of money are in its values.
  package var hasMoney: Bool { parts.contains { $0.type == OID.money } }
}

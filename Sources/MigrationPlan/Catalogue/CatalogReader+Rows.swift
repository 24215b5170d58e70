import MigrationBasics
import Postgres

/// A table while its parts come in, one row of the catalogue after the other.
struct TableDraft {
  let oid: Int
  private let schema: String
  private let name: String
  private let size: TableSize
  private let hasHeirs: Bool
  private let hidingPolicies: [String]?
  private let rules: [TableRule]
  private var defaults: [String: String] = [:]
  private var columns: [PostgresColumn] = []
  private var primaryKey: [String] = []
  private var unique: [[String]] = []
  private var foreignKeys: [PostgresTable.ForeignKey] = []
  private var constraints: [PostgresConstraint] = []
  private var indexes: [PostgresIndex] = []

  init(_ row: QueryResult.Row) {
    oid = row.int(0) ?? 0
    schema = row.text(1) ?? ""
    name = row.text(2) ?? ""
    // Before version 14 a table that was never analysed has an estimate of zero instead of -1.
    let neverCounted = row.bool(6) == true
    size = TableSize(
      estimatedRows: neverCounted ? nil : row.int(3), tableBytes: row.int(4) ?? 0,
      indexBytes: row.int(5) ?? 0)
    hasHeirs = row.bool(7) == true
    hidingPolicies = row.text(8).map { namesInJSON($0) }
    rules = namesInJSON(row.text(9)).compactMap { TableRule($0) }
  }

  var table: PostgresTable {
    PostgresTable(
      schema: schema, name: name, columns: columns, primaryKey: primaryKey, unique: unique,
      foreignKeys: foreignKeys, constraints: constraints, indexes: indexes, size: size,
      hasHeirs: hasHeirs,
      hidingPolicies: hidingPolicies, rules: rules)
  }

  mutating func addDefault(_ row: QueryResult.Row) {
    if let column = row.text(1) { defaults[column] = row.text(2) }
  }

  mutating func addColumn(_ row: QueryResult.Row) {
    let name = row.text(1) ?? ""
    columns.append(
      PostgresColumn(
        name: name, type: PostgresType(row), isNotNull: row.bool(5) ?? false,
        hasDefault: row.bool(6) ?? false, isGenerated: row.bool(7) ?? false,
        defaultExpression: defaults[name],
        identity: PostgresColumn.Identity(rawValue: row.text(8) ?? ""),
        isDeterministic: row.bool(16) ?? true))
  }

  mutating func addConstraint(_ row: QueryResult.Row) {
    guard let kind = PostgresConstraint.Kind(rawValue: row.text(2) ?? "") else { return }
    let name = row.text(1) ?? ""
    let columns = namesInJSON(row.text(6))
    constraints.append(
      PostgresConstraint(
        name: name, kind: kind, columns: columns, definition: row.text(5) ?? "",
        isValidated: row.bool(3) ?? false, isDeferrable: row.bool(4) ?? false))
    guard kind == .foreignKey else { return }
    foreignKeys.append(
      PostgresTable.ForeignKey(
        name: name, columns: columns, referencedTable: row.text(8) ?? "",
        referencedColumns: namesInJSON(row.text(9)), referencedSchema: row.text(7)))
  }

  mutating func addIndex(_ row: QueryResult.Row) {
    let hasExpressions = row.bool(6) == true
    let index = PostgresIndex(
      name: row.text(1) ?? "", columns: hasExpressions ? [] : namesInJSON(row.text(9)),
      definition: row.text(2) ?? "", isUnique: row.bool(3) ?? false, isValid: row.bool(4) ?? false,
      isPartial: row.bool(5) ?? false, constraint: row.text(8))
    indexes.append(index)
    if row.bool(7) == true {
      primaryKey = index.columns
    } else if index.isUniqueKey, !unique.contains(index.columns) {
      unique.append(index.columns)
    }
  }
}

extension PostgresType {
  fileprivate init(_ row: QueryResult.Row) {
    func oid(_ column: Int) -> UInt32? { row.int(column).map(UInt32.init(truncatingIfNeeded:)) }
    self.init(
      oid: oid(2) ?? 0, name: row.text(3) ?? "",
      modifier: Int32(truncatingIfNeeded: row.int(4) ?? -1),
      baseOID: oid(9), elementOID: oid(11), labels: namesInJSON(row.text(13)),
      hasBinaryForm: row.bool(12) ?? false, baseName: row.text(10), belowDomain: row.text(14),
      isOfUsers: row.bool(15) ?? false, fields: namesInJSON(row.text(17)),
      parts: TypePart.read(row.text(18)))
  }
}

/// Reads the JSON array of names that the server wrote.
package func namesInJSON(_ json: String?) -> [String] {
  guard let json, case .array(let elements)? = try? JSONValue.parse(json) else { return [] }
  return elements.compactMap { if case .text(let name) = $0 { name } else { nil } }
}

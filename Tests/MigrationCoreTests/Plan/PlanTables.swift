@testable import MigrationPlan

/// Makes a table from columns in SQL's words: `id uuid not null, name varchar(50) default`.
func liveTable(
  _ name: String, _ columns: String, key: [String] = ["id"], unique: [[String]] = [],
  foreignKeys: [PostgresTable.ForeignKey] = []
) -> PostgresTable {
  var parts: [String] = []
  var depth = 0
  for character in columns.split(separator: "\n").joined(separator: " ") {
    if character == "(" { depth += 1 }
    if character == ")" { depth -= 1 }
    if character == ",", depth == 0 {
      parts.append("")
    } else if parts.isEmpty {
      parts = [String(character)]
    } else {
      parts[parts.count - 1].append(character)
    }
  }
  return PostgresTable(
    schema: "public", name: name, columns: parts.map { liveColumn($0, key: key) }, primaryKey: key,
    unique: unique, foreignKeys: foreignKeys)
}

private func liveColumn(_ text: String, key: [String]) -> PostgresColumn {
  var words = text.split(separator: " ").map(String.init)
  let name = words.removeFirst()
  let rest = " " + words.joined(separator: " ")
  return PostgresColumn(
    name: name, type: liveType(words[0]),
    isNotNull: rest.contains(" not null") || key.contains(name),
    hasDefault: rest.contains(" default"), isGenerated: rest.contains(" generated"))
}

/// Makes a type from its name: `numeric(12,2)`, `text[]`, `enum(a,b)`.
func liveType(_ name: String) -> PostgresType {
  let oids: [String: UInt32] = [
    "boolean": 16, "bytea": 17, "bigint": 20, "smallint": 21, "integer": 23, "text": 25,
    "json": 114, "real": 700, "float8": 701, "char": 1042, "varchar": 1043, "date": 1082,
    "time": 1083, "timestamp": 1114, "timestamptz": 1184, "interval": 1186, "numeric": 1700,
    "uuid": 2950, "jsonb": 3802,
  ]
  if name.hasSuffix("[]") {
    let element = liveType(String(name.dropLast(2)))
    return PostgresType(oid: 1009, name: name, elementOID: element.oid)
  }
  let parts = name.split(separator: "(")
  let base = String(parts[0])
  let inner = parts.count > 1 ? parts[1].dropLast().split(separator: ",").map(String.init) : []
  if base == "enum" { return PostgresType(oid: 90_000, name: name, labels: inner) }
  let numbers = inner.compactMap(Int32.init)
  let modifier: Int32 =
    switch (base, numbers.count) {
    case ("numeric", 2): (numbers[0] << 16 | numbers[1]) + 4
    case (_, 1): numbers[0] + 4
    default: -1
    }
  return PostgresType(oid: oids[base] ?? 99_999, name: name, modifier: modifier)
}

func foreignKey(_ column: String, _ table: String) -> PostgresTable.ForeignKey {
  PostgresTable.ForeignKey(
    name: "\(column)_fkey", columns: [column], referencedTable: table, referencedColumns: ["id"])
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Writes the statements that read one feed from a PostgreSQL source.
///
/// Keys are compared on the server by the key columns' own order, and never here: a text key is
/// sorted by its collation, which only the server knows. COPY takes no parameters, so that keys
/// are in the statements as quoted literals of the column's type.
package struct FeedQuery: Sendable {
  /// A key column: its quoted name, its type as the server writes it, and whether it may be null.
  package struct KeyColumn: Sendable, Hashable {
    package let name: String
    package let type: PostgresType
    let isNullable: Bool
  }

  /// The table's name, quoted and with its schema.
  package let table: String
  private let bareTable: String
  package let key: [KeyColumn]
  /// The conditions of the plan and of the run, each in parentheses.
  package let conditions: [String]

  /// Whether SQL of a user is in the statements.
  package var hasConditions: Bool { !conditions.isEmpty }

  package init(
    table: PostgresTable, key: [String], filters: [String?]
  ) throws {
    self.table = try SQL.identifier(schema: table.schema, table.name)
    bareTable = try SQL.identifier(table.name)
    var columns: [KeyColumn] = []
    for name in key {
      guard let column = table[name] else {
        throw MigrationError(
          .coded(.schema), "the source table \(table.name) has no key column \(name)",
          place: "\(table.schema).\(table.name)", remedy: "see: migrate plan check")
      }
      columns.append(
        KeyColumn(
          name: try SQL.identifier(name), type: column.type,
          isNullable: !column.isNotNull && !table.primaryKey.contains(name)))
    }
    self.key = columns
    conditions = filters.compactMap { $0 }.map(SQLCondition.init).map(\.inBrackets)
  }

  /// Returns a query for rows that meet further conditions, in the order of the key.
  package func select(_ list: String, where further: [String?] = []) -> String {
    let all = conditions + further.compactMap { $0 }
    let filter = all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
    return "SELECT \(list) FROM \(table)\(filter)\(order)"
  }

  /// Returns the query for the key that ends a chunk of a number of rows after a key.
  func boundary(after last: [String]?, rows: Int) -> String {
    let texts = key.map { $0.type.text(of: $0.name) }.joined(separator: ", ")
    let behind = last.map { comparison(">", $0) }
    return select(texts, where: [behind, notNull]) + " OFFSET \(rows - 1) LIMIT 1"
  }

  /// Returns the query for the block and the offset of the row that is at a number in the order of their places.
  package func place(ofRow number: Int) -> String {
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    // A tid has no casts to numbers; a point's text looks like its own.
    return
      "SELECT (ctid::text::point)[0]::bigint AS block, (ctid::text::point)[1]::bigint AS place "
      + "FROM \(table)\(filter) ORDER BY ctid OFFSET \(number - 1) LIMIT 1"
  }

  /// Returns the query that counts the rows behind a key.
  package func count(after last: [String]?) -> String {
    let all = conditions + [last.map { comparison(">", $0) }].compactMap { $0 }
    let filter = all.isEmpty ? "" : " WHERE " + all.joined(separator: " AND ")
    return "SELECT pg_catalog.count(*) FROM \(table)\(filter)"
  }

  /// Returns the query that counts the rows that meet each of some conditions.
  func counting(_ further: [String]) -> String {
    let filter = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    let counts = further.map { "pg_catalog.count(*) FILTER (WHERE \($0))" }
    return "SELECT \(counts.joined(separator: ", ")) FROM \(table)\(filter)"
  }

  /// Returns the condition that a range represents; nil for all rows.
  ///
  /// - Throws: An error for a range of another kind of source, which has no rows of this one.
  package func condition(of range: ChunkRange) throws -> String? {
    switch range {
    case .keys(let lower, let upper): return keyCondition(lower, upper)
    case .blocks(let from, let to, let offset):
      let start = "ctid >= '(\(from),0)'::tid"
      return to.map { "\(start) AND ctid < '(\($0),\(offset))'::tid" } ?? start
    case .bytes:
      throw LedgerError(
        .ledgerDamaged, "a chunk of a table has a range of bytes", place: range.json().compact)
    }
  }

  private var order: String {
    // Qualified, or else a selected "id"::text would be what "id" means here.
    key.isEmpty ? "" : " ORDER BY " + key.map { bareTable + "." + $0.name }.joined(separator: ", ")
  }

  /// Nil if no key column can be null.
  private var notNull: String? {
    let nullable = key.filter(\.isNullable).map { "\($0.name) IS NOT NULL" }
    return nullable.isEmpty ? nil : nullable.joined(separator: " AND ")
  }

  private func keyCondition(_ lower: KeyBound?, _ upper: KeyBound?) -> String? {
    let bounds = [
      lower.map { comparison($0.isInclusive ? ">=" : ">", $0.key) },
      upper.map { comparison($0.isInclusive ? "<=" : "<", $0.key) },
    ].compactMap { $0 }
    guard !bounds.isEmpty else { return nil }
    guard let notNull else { return bounds.joined(separator: " AND ") }
    let inside = (bounds + [notNull]).joined(separator: " AND ")
    // Rows with a null in their key compare with nothing: the open-ended last range takes them.
    return upper == nil ? "((\(inside)) OR NOT (\(notNull)))" : inside
  }

  private func comparison(_ sign: String, _ values: [String]) -> String {
    let literals = zip(key, values).map { "\(SQL.literal($1))::\($0.type.nameBelowDomain)" }
    // A sign for all columns: unqualified as soon as one of them needs that.
    let sign = key.map { $0.type.sign(sign) }.min { $0.utf8.count < $1.utf8.count } ?? sign
    if key.count == 1 { return "\(key[0].name) \(sign) \(literals[0])" }
    let names = key.map(\.name).joined(separator: ", ")
    return "(\(names)) \(sign) (\(literals.joined(separator: ", ")))"
  }
}

extension Connection {
  /// Runs a statement, along the session's own path if SQL of a plan has a part in it.
  @discardableResult
  package func execute(_ sql: String, hasPlanSQL: Bool) throws(PostgresError) -> QueryResult {
    hasPlanSQL ? try executeOnOwnPath(sql) : try execute(sql)
  }

  /// Begins a `COPY … TO STDOUT`, along the session's own path if SQL of a plan has a part in it.
  package func copyOut(_ sql: String, hasPlanSQL: Bool) throws(PostgresError) -> CopyOut {
    hasPlanSQL ? try copyOutOnOwnPath(sql) : try copyOut(sql)
  }
}

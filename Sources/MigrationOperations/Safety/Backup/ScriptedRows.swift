import MigrationBasics
import MigrationPlan
import Postgres

/// Compares the rows that tables hold with those that a text of SQL has for them.
struct ScriptedRows {
  let scan: SQLScan
  let connection: Connection

  /// Counts what is there before the text runs, in tables that it fills and does not make.
  func countsBefore() throws -> [QualifiedName: Int] {
    guard scan.uncounted == nil else { return [:] }
    let made = Set(scan.tables)
    var counts: [QualifiedName: Int] = [:]
    for table in scan.rows.keys where !made.contains(table) {
      counts[table] = try kind(of: table).flatMap { try count(table, $0) }
    }
    return counts
  }

  /// Returns a sentence for each table whose rows are not those before and those of the text.
  func differences(from before: [QualifiedName: Int] = [:]) throws -> [String] {
    guard scan.uncounted == nil else { return [] }
    var found: [String] = []
    var parts: Set<QualifiedName> = []
    let tables = try scan.rows.keys.sorted().map { ($0, try kind(of: $0)) }
    for (table, kind) in tables where kind == Self.partitioned {
      parts.formUnion(try partitions(of: table))
    }
    for (table, kind) in tables where !parts.contains(table) {
      guard let kind else {
        found.append("table \(table) is missing")
        continue
      }
      guard let count = try count(table, kind) else { continue }
      let below = kind == Self.partitioned ? try partitions(of: table) : []
      let wanted = ([table] + below).reduce(0) { $0 + (scan.rows[$1] ?? 0) } + (before[table] ?? 0)
      if count != wanted {
        found.append(
          "\(table) has \(CountText.of(count, "row")) instead of \(GroupedNumber.text(wanted))")
      }
    }
    return found
  }

  private static let partitioned = "p"

  /// The kind of a relation, `e` if an extension owns it; nil if there is none.
  private func kind(of table: QualifiedName) throws -> String? {
    try connection.query(
      """
      SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid
        AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e') THEN 'e'
        ELSE c.relkind::text END
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2
      """, [table.schema, table.name]
    ).rows.first?.text(0)
  }

  /// Nil for what is no table of the text's own, such as one that an extension fills too.
  private func count(_ table: QualifiedName, _ kind: String) throws -> Int? {
    let name = try SQL.identifier(schema: table.schema, table.name)
    switch kind {
    case "r": return try connection.query("SELECT count(*) FROM ONLY \(name)").int(0, 0)
    case Self.partitioned: return try connection.query("SELECT count(*) FROM \(name)").int(0, 0)
    default: return nil
    }
  }

  private func partitions(of table: QualifiedName) throws -> [QualifiedName] {
    try connection.query(
      """
      WITH RECURSIVE below AS (
        SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2
        UNION ALL SELECT i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.inhrelid)
      SELECT n.nspname, c.relname FROM below JOIN pg_catalog.pg_class c ON c.oid = inhrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      """, [table.schema, table.name]
    ).rows.map { QualifiedName(schema: $0.string(0), name: $0.string(1)) }
  }
}

import MigrationLedger
import MigrationRows
import Postgres

/// How the rows of a merged table are distinguished.
extension TableMerge {
  /// What one statement after the other is made of.
  struct Parts {
    let columns: [String]
    let ends: [DeferredReference]
    let targetHasRows: Bool
  }

  /// Makes one line of equal rows: how often it was read, from which feeds, and what it lacks.
  func makeGroups(_ parts: Parts, in pipeline: inout Pipeline) throws {
    let list = try SQL.identifiers(parts.columns)
    let chunk = try SQL.identifier(MergeStaging.chunkColumn)
    var joins = ""
    var orphan = "NULL::integer"
    for (number, end) in parts.ends.enumerated() {
      let parent = try SQL.identifier(schema: work.target.schema, end.table)
      let (column, key) = (try SQL.identifier(end.column), try SQL.identifier(end.resultColumn))
      let equals = work.target[end.column]?.type.sign("=") ?? "="
      joins += " LEFT JOIN \(parent) p\(number) ON p\(number).\(key) \(equals) g.\(column)"
      orphan = Self.first(
        "WHEN g.\(column) IS NOT NULL AND p\(number).\(key) IS NULL THEN \(number)", orphan)
    }
    let isPresent = try parts.targetHasRows ? presence(parts) : "false"
    // Sorting and hashing spill to disk beyond this, whatever the number of rows.
    pipeline.query("SET LOCAL work_mem = '64MB'")
    pipeline.query(
      """
      CREATE TEMP TABLE migrate_groups AS
        SELECT g.*, \(orphan) AS migrate_orphan, \(isPresent) AS migrate_present
        FROM (
          SELECT \(list), count(*) AS migrate_copies, min(\(chunk)) AS migrate_first,
            max(\(chunk)) AS migrate_last
          FROM \(try staging.name.quoted()) GROUP BY \(list)) g\(joins)
      """)
  }

  /// Puts a case before the existing ones; the first missing row is reported.
  private static func first(_ condition: String, _ others: String) -> String {
    others.hasPrefix("CASE ")
      ? others.replacing(" END", with: " \(condition) END") : "CASE \(condition) END"
  }

  private func presence(_ parts: Parts) throws -> String {
    let same = try parts.columns.map { column in
      let equals = work.target[column]?.type.sign("=") ?? "="
      let name = try SQL.identifier(column)
      // IS NOT DISTINCT FROM would look for the operator along the search path.
      return "(t.\(name) \(equals) g.\(name) OR (t.\(name) IS NULL AND g.\(name) IS NULL))"
    }
    return "EXISTS (SELECT FROM \(try work.target.ownRows()) t WHERE "
      + same.joined(separator: " AND ") + ")"
  }
}

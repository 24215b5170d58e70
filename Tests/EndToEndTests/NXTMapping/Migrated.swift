import Foundation
import TestSupport

/// The rows of the mapping in legacy tables, and the target that the executable made of them.
final class Migrated: Sendable {
  let source: TemporaryDatabase
  let target: TemporaryDatabase
  let rows: [MappingRow]
  private let runTime: String

  init(_ feeds: [MappingFeed]) throws {
    (source, target) = (try TemporaryDatabase("mapped"), try TemporaryDatabase("nxt"))
    rows = feeds.flatMap(MappingRow.all)
    // Keys and amounts as the oldest of such systems have them: whatever was typed.
    let older = ["legacy_customers", "legacy_vendors", "legacy_price_list_items"]
    let changes =
      (older + ["legacy_upload_history"]).map { "alter table \($0) alter id type text;" }
      + ["alter table legacy_customers alter credit_limit type text;"]
    let tables = try String(contentsOfFile: packageRoot + "/config/nxt/legacy.sql", encoding: .utf8)
    try psql(source.url, ([tables] + changes + rows.map(\.insert)).joined(separator: "\n"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    for (line, exitCode) in [("db migrate", 0), ("plan check", 0), ("run --all", 5)] {
      let finished = try migrate(line)
      guard finished.exitCode == exitCode else {
        throw SubprocessFailure(description: "\(line): \(finished.errors)\(finished.output)")
      }
    }
    runTime = try psql(
      target.url,
      "select timestamp '1970-01-01' + run_time * interval '1 microsecond' from migrate.session")
  }

  /// The columns of a table with their types.
  func columns(of table: String, in database: TemporaryDatabase) throws -> [String: String] {
    let found = try psql(
      database.url,
      """
      select attname, format_type(atttypid, atttypmod) from pg_attribute
      where attrelid = '\(table)'::regclass and attnum > 0 and not attisdropped
      """)
    return Self.pairs(found)
  }

  func values(of row: MappingRow, _ lines: [MappingLine]) throws -> [String: String] {
    Self.pairs(try psql(target.url, row.query(lines)))
  }

  /// What `RUN` and `= expression` represent.
  func text(_ wanted: String, of line: MappingLine? = nil) throws -> String {
    if wanted.hasPrefix("= ") { return try psql(target.url, "select \(wanted.dropFirst(2))") }
    guard wanted == "RUN" else { return wanted }
    return line?.type == "jsonb"
      ? "\"\(runTime.replacingOccurrences(of: " ", with: "T"))Z\"" : runTime
  }

  /// Code, reason, column, value, and whether the row is whole, by source table and key.
  func quarantine() throws -> [String: [String]] {
    let found = try psql(
      target.url,
      """
      select f.source, q.key->>'id', q.code, q.reason, coalesce(q.column_name, 'NULL'),
        coalesce(q.value, 'NULL'), case when q.row->>'id' = q.key->>'id' then 'whole' end,
        (select count(*) from jsonb_object_keys(q.row))
      from migrate.quarantine q join migrate.feed f on f.table_id = q.table_id and f.feed = q.feed
      where q.status = 'open'
      """)
    var (entries, sizes) = ([String: [String]](), [String: Int]())
    for line in found.split(separator: "\n") {
      let parts = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      let table = parts[0].split(separator: ".").last.map(String.init) ?? parts[0]
      let size = try sizes[table] ?? columns(of: table, in: source).count
      sizes[table] = size
      let isWhole = parts.last == "\(size)"
      entries[table + " " + parts[1]] = Array(parts[2...5]) + [isWhole ? parts[6] : "not whole"]
    }
    return entries
  }

  private static func pairs(_ rows: String) -> [String: String] {
    Dictionary(
      rows.split(separator: "\n").compactMap { row in
        row.firstIndex(of: "|").map {
          (String(row[..<$0]), String(row[row.index(after: $0)...]))
        }
      }, uniquingKeysWith: { $0 + " and " + $1 })
  }
}

/// A type as the mapping writes it.
struct MappedType {
  /// As PostgreSQL writes it.
  let name: String

  init(_ text: String) {
    let word = text.split(separator: " ").first.map(String.init) ?? text
    name =
      switch word {
      case "serial": "integer"
      case "timestamp": "timestamp without time zone"
      default:
        word.replacingOccurrences(of: "varchar", with: "character varying")
          .replacingOccurrences(of: "decimal", with: "numeric")
      }
  }
}

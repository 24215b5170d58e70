import Foundation
import MigrationCore
import TestSupport

/// NXT before its migration: made-up legacy data, and an empty target.
struct BeforeFixture {
  static let report = "pre-migration-validation-report.json"

  var migrate: Migrate
  let source: TemporaryDatabase
  let target: TemporaryDatabase
  let manifest: JSONValue

  init(_ sample: String) throws {
    (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    guard try migrate("db migrate").exitCode == 0 else {
      throw SubprocessFailure(description: "the target's tables can't be made")
    }
    let (exitCode, manifest) = try migrate.json("sample " + sample)
    guard exitCode == 0 else { throw SubprocessFailure(description: manifest.pretty) }
    self.manifest = manifest
  }

  /// Takes a copy of the plan, changed, and returns its folder.
  @discardableResult
  mutating func change(plan change: (String) -> String = { $0 }) throws -> String {
    let folder = migrate.folder.path + "/config"
    try FileManager.default.copyItem(atPath: packageRoot + "/config", toPath: folder)
    let file = folder + "/nxt/plan.json5"
    let plan = try String(contentsOfFile: file, encoding: .utf8)
    try change(plan).write(toFile: file, atomically: true, encoding: .utf8)
    migrate.environment["MIGRATION_CONFIG_DIR"] = folder
    migrate.environment["MIGRATION_PLAN"] = "nxt"
    return folder + "/nxt"
  }

  /// Everything that a database has, but for when it was written.
  static func contents(of database: TemporaryDatabase) throws -> String {
    try psql(database.url, allObjects)
  }

  /// Writes a statement for each object, and runs it.
  private static let allObjects = #"""
    select case relkind
      when 'r' then format('select %L || count(*) from %I.%I', nspname || '.' || relname || ' r ', nspname, relname)
      else format('select %L', nspname || '.' || relname || ' ' || relkind::text) end
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname !~ '^(pg_|information_schema)' and nspname <> 'migrate_trial_abc' order by 1
    \gexec
    """#
}

/// What a manifest says is wrong, by the part of the score that it belongs to.
struct Faults {
  private(set) var rows = 0
  private(set) var failed: [String: Int] = [:]
  private(set) var failedOf: [String: Int] = [:]
  private(set) var pairsWithoutID = 0

  init(_ manifest: JSONValue) {
    guard case .object(let tables)? = manifest["tables"] else { return }
    for table in tables.members {
      if case .int(let count)? = table.value["rows"] { rows += count }
      for fault in table.value["faults"]?.items ?? [] where fault["kind"] == "nullInArray" {
        pairsWithoutID += fault["count"]?.intValue ?? 0
      }
      for fault in table.value["faults"]?.items ?? [] where fault["effect"] == "quarantined" {
        guard case .text(let kind)? = fault["kind"], case .int(let count)? = fault["count"] else {
          continue
        }
        add(count, Self.aspect(kind), of: table.key)
      }
    }
  }

  mutating func add(_ count: Int, _ aspect: String, of table: String) {
    failed[aspect, default: 0] += count
    failedOf[table, default: 0] += count
  }

  private static func aspect(_ kind: String) -> String {
    switch kind {
    case "missing": "required"
    case "duplicate", "takenBySupplier": "uniqueness"
    case "orphan", "orphanByID", "orphanByCode", "parentQuarantined": "references"
    case "negative", "outOfRange": "ranges"
    case "afterExpiry": "rules"
    default: "format"
    }
  }
}

extension JSONValue {
  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }
}

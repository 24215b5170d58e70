import Foundation
import MigrationCore
import TestSupport

/// An undisturbed migration, and how the target of another one is compared with it.
enum Undisturbed {
  static let tables = [
    "customers", "suppliers", "products", "inventory", "price_lists", "price_list_items",
    "upload_history",
  ]

  /// A source with sound and faulty rows, the same for every migration here.
  static let source: Result<TemporaryDatabase, any Error> = Result {
    let database = try TemporaryDatabase("killsource")
    try fill(database.url)
    return database
  }

  /// Makes the same rows in any database.
  static func fill(_ source: String) throws {
    let migrate = try prepared(source: source, target: source)
    let finished = try migrate("sample --rows 12000 --dirty 2 --seed 11")
    guard finished.exitCode == 0 else { throw SubprocessFailure(description: finished.errors) }
  }

  /// The executable in a folder of its own, set to migrate NXT from one database to another.
  static func prepared(source: String, target: String) throws -> Migrate {
    var migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source
    migrate.environment["DATABASE_URL"] = target
    migrate.environment["MIGRATION_CONFIG_DIR"] = packageRoot + "/config"
    migrate.environment["MIGRATION_BATCH_SIZE"] = "500"
    return migrate
  }

  /// Every column of every row, but for numbers that the target makes and the time of the run.
  static func contents(of target: String, _ migrate: Migrate) throws -> [String: String] {
    let (_, status) = try migrate.json("status")
    guard case .text(let begun)? = status["begun"] else { return [:] }
    var runTime = begun.hasSuffix("Z") ? String(begun.dropLast()) : begun
    while runTime.hasSuffix("0") { runTime.removeLast() }
    var found: [String: String] = [:]
    for table in tables {
      let row = table == "inventory" ? "to_jsonb(t) - 'id'" : "to_jsonb(t)"
      found[table] = try psql(
        target,
        """
        select count(*) || ' ' || coalesce(md5(string_agg(x, chr(10) order by x)), '')
        from (select replace((\(row))::text, '\(runTime)', 'RUN') as x from \(table) t) rows
        """)
    }
    found["constraints and indexes"] = try psql(
      target,
      """
      select md5(string_agg(d, chr(10) order by d)) from (
        select conrelid::regclass || pg_get_constraintdef(oid) || convalidated as d
        from pg_constraint where connamespace = 'public'::regnamespace
        union all select indexdef from pg_indexes where schemaname = 'public') definitions
      """)
    found["quarantine"] = try psql(
      target,
      """
      select count(*) || ' ' || md5(string_agg(x, chr(10) order by x)) from (
        select t.name || (to_jsonb(q) - '{id,table_id,added}'::text[])::text as x
        from migrate.quarantine q join migrate.table_state t on t.id = q.table_id) rows
      """)
    found["warnings"] = try psql(
      target,
      """
      select string_agg(x, chr(10) order by x) from (
        select t.name || ' ' || w.column_name || ' ' || w.reason || ' ' || sum(w.count) as x
        from migrate.warning w join migrate.table_state t on t.id = w.table_id
        group by t.name, w.column_name, w.reason) rows
      """)
    return found
  }

  /// What an undisturbed migration of the source ends in.
  static let expected: Result<[String: String], any Error> = Result {
    let target = try TemporaryDatabase("undisturbed")
    let migrate = try prepared(source: try source.get().url, target: target.url)
    guard try migrate("db migrate").exitCode == 0, try migrate("run --all").exitCode == 5 else {
      throw SubprocessFailure(description: "the undisturbed migration failed")
    }
    return try contents(of: target.url, migrate)
  }
}

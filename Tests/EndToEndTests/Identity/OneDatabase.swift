import Foundation
import MigrationCore
import TestSupport

/// A database that is source and target at once, and a plan that a test makes for it.
struct OneDatabase {
  let database: TemporaryDatabase
  var migrate: Migrate

  static let rows = 300

  /// - Parameter sql: what is made next to `public.customers`.
  init(_ sql: String = "") throws {
    database = try TemporaryDatabase("one")
    migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = database.url
    migrate.environment["DATABASE_URL"] = database.url
    try psql(
      database.url,
      """
      create table customers (id integer primary key, name text not null);
      insert into customers select n, 'customer ' || n from generate_series(1, \(Self.rows)) n;
      \(sql)
      """)
  }

  /// Writes a plan that moves one table, and a schema file that makes another.
  func write(
    from: String = "customers", in source: String = "public", to table: String = "customers",
    into target: String = "public", schema file: String = "create table more (id integer);"
  ) throws {
    try FileManager.default.createDirectory(
      atPath: migrate.folder.path + "/config/shop/schema", withIntermediateDirectories: true)
    _ = try migrate.folder.file(
      "config/shop/plan.json5",
      """
      {
        name: "shop", source: { kind: "postgres", schema: "\(source)" },
        target: { schema: "\(target)" },
        tables: { \(table): { from: "\(from)", key: "id", sameColumns: ["id", "name"] } },
      }
      """)
    _ = try migrate.folder.file("config/shop/schema/001_more.up.sql", file)
    _ = try migrate.folder.file("config/shop/schema/001_more.down.sql", "drop table more;")
  }

  /// All tables and their rows, with the schemas that are there.
  func state() throws -> [String] {
    let tables = try psql(
      database.url,
      """
      select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and nspname !~ '^pg_' and nspname <> 'information_schema' order by 1
      """
    ).split(separator: "\n")
    let rows = try tables.map { table in
      try psql(
        database.url,
        "select '\(table)', count(*), md5(string_agg(t::text, chr(10) order by t::text)) from only \(table) t"
      )
    }
    return rows + [
      try psql(
        database.url,
        """
        select nspname from pg_namespace where nspname !~ '^pg_' order by 1;
        select conrelid::regclass, conname from pg_constraint where contype = 'f' order by 1, 2;
        select attrelid::regclass, attname from pg_attribute a join pg_class c on c.oid = a.attrelid
        where attnum > 0 and relkind = 'r' and relnamespace = 'public'::regnamespace order by 1, 2;
        """)
    ]
  }
}

import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationEngine

/// The files of `config/nextcrm/schema`, run and read back from the catalogue, object by object.
@Suite struct NextCRMSchemaTests {
  private let facts: NextCRMFacts
  private let database: TemporaryDatabase

  init() throws {
    facts = try NextCRMFacts.shared.get()
    database = try TemporaryDatabase("nextcrm")
  }

  private func migrator() throws -> SchemaMigrator {
    try SchemaMigrator(
      connection: connect(database),
      folder: SchemaFolder(path: packageRoot + "/config/nextcrm/schema"), plan: "nextcrm",
      schema: "public", operatorName: "tester@here", lockWait: .zero)
  }

  private func live(_ sql: String) throws -> [String] {
    try psql(database.url, sql).split(separator: "\n").map(String.init).sorted()
  }

  @Test func makesEveryObjectOfTheFactsAndNothingElse() throws {
    #expect(try migrator().apply().count == 11)
    let tables = facts.tables
    #expect((facts.enums.count, tables.count) == (10, 39))
    #expect(tables.count { $0.isJunction } == 10)
    #expect(tables.flatMap(\.foreignKeys).count == 52)
    #expect(tables.flatMap(\.indexes).count == 121)
    #expect(facts.phases.map(\.number) == Array(1...10))

    let enums = facts.enums.map { "\($0.name): \($0.labels.joined(separator: " "))" }
    #expect(try live(Self.enumSQL) == enums.sorted())
    let columns = tables.flatMap { table in
      table.columns.map { column in
        "\(table.name).\(column.name): \(column.type)\(column.isNotNull ? "!" : "")"
          + (column.defaultValue.map { " = \($0)" } ?? "")
      }
    }
    #expect(try live(Self.columnSQL) == columns.sorted())
    let keys = tables.map { "\($0.name): \($0.key.joined(separator: " "))" }
    #expect(try live(Self.keySQL) == keys.sorted())
    let foreignKeys = tables.flatMap { table in
      table.foreignKeys.map { key in
        "\(table.name) FOREIGN KEY (\(key.column)) REFERENCES \(key.table)(\(key.result)) "
          + "ON UPDATE CASCADE ON DELETE \(key.onDelete.uppercased())"
      }
    }
    #expect(try live(Self.foreignKeySQL) == foreignKeys.sorted())
    let indexes = tables.flatMap { table in
      table.indexes.map { index in
        "\(table.name) (\(index.columns.joined(separator: ", ")))\(index.isUnique ? " unique" : "")"
      }
    }
    #expect(try live(Self.indexSQL) == indexes.sorted())
  }

  @Test func takesEverythingBack() throws {
    let migrator = try migrator()
    #expect(try migrator.apply().count == 11)
    #expect(try migrator.rollback(11).count == 11)
    #expect(
      try live(
        """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace
        """) == [])
    #expect(try migrator.apply().count == 11)
  }

  private static let enumSQL = """
    SELECT t.typname || ': ' || string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder)
    FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid GROUP BY t.typname
    """
  private static let tableSQL =
    "pg_class c ON c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
  private static let columnSQL = """
    SELECT c.relname || '.' || a.attname || ': '
      || replace(replace(format_type(a.atttypid, a.atttypmod), ' without time zone', ''), '"', '')
      || CASE WHEN a.attnotnull THEN '!' ELSE '' END
      || coalesce(' = ' || split_part(pg_get_expr(d.adbin, d.adrelid), '::', 1), '')
    FROM pg_attribute a JOIN \(tableSQL) AND a.attrelid = c.oid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
    """
  private static let keySQL = """
    SELECT c.relname || ': ' || string_agg(a.attname, ' ' ORDER BY k.place)
    FROM pg_constraint p JOIN \(tableSQL) AND p.conrelid = c.oid
    CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY k(number, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE p.contype = 'p' GROUP BY c.relname
    """
  private static let foreignKeySQL = """
    SELECT c.relname || ' ' || replace(pg_get_constraintdef(f.oid), '"', '')
    FROM pg_constraint f JOIN \(tableSQL) AND f.conrelid = c.oid
    WHERE f.contype = 'f' AND f.convalidated
    """
  private static let indexSQL = """
    SELECT c.relname || ' (' || string_agg(a.attname, ', ' ORDER BY k.place) || ')'
      || CASE WHEN i.indisunique THEN ' unique' ELSE '' END
    FROM pg_index i JOIN \(tableSQL) AND i.indrelid = c.oid
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE NOT i.indisprimary AND i.indisvalid GROUP BY c.relname, i.indexrelid, i.indisunique
    """
}

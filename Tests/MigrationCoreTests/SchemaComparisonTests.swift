import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationEngine
@testable import MigrationLedger

@Suite("Live schema against its files")
struct SchemaComparisonTests {
  let database: TemporaryDatabase
  let nxt: SchemaFolder

  init() throws {
    database = try TemporaryDatabase("compare")
    nxt = try SchemaFolder(path: packageRoot + "/config/nxt/schema")
  }

  private func findings(
    after sql: String = "", folder: SchemaFolder? = nil, schema: String = "public",
    setAside: Set<SchemaComparison.SuspendedObject> = []
  ) throws -> [SchemaFinding] {
    let connection = try connect(database)
    if folder == nil {
      let migrator = try SchemaMigrator(
        connection: connection, folder: nxt, plan: "nxt", schema: schema, operatorName: "x")
      _ = try migrator.apply()
    }
    if !sql.isEmpty { try psql(database.url, sql) }
    return try SchemaComparison.run(
      folder: folder ?? nxt, schema: schema, on: connection, setAside: setAside)
  }

  private func schemas() throws -> String {
    try psql(
      database.url,
      "SELECT string_agg(nspname, ' ') FROM pg_namespace WHERE nspname LIKE 'migrate_scr%'")
  }

  @Test func findsNothingInWhatTheFilesMade() throws {
    #expect(try findings() == [])
    #expect(try schemas() == "")
  }

  @Test func findsNothingInASchemaOfAnotherName() throws {
    try psql(database.url, "CREATE SCHEMA \"The App\"")
    #expect(try findings(schema: "The App") == [])
  }

  @Test func namesMayDiffer() throws {
    let sql = """
      ALTER TABLE customers RENAME CONSTRAINT customers_customer_code_key TO other;
      ALTER TABLE products RENAME CONSTRAINT products_supplier_id_fkey TO fk1;
      ALTER INDEX products_name_idx RENAME TO "Index of names";
      ALTER TABLE suppliers DROP CONSTRAINT suppliers_supplier_code_key;
      CREATE UNIQUE INDEX codes ON suppliers (supplier_code);
      """
    #expect(try findings(after: sql) == [])
  }

  @Test(arguments: [
    ("DROP TABLE upload_history", SchemaFinding.Kind.tableMissing, "upload_history", nil),
    ("ALTER TABLE products DROP COLUMN description", .columnMissing, "products", "description"),
    (
      "ALTER TABLE products ALTER unit_price TYPE numeric(12,2)", .typeDiffers, "products",
      "unit_price"
    ),
    (
      "ALTER TABLE customers ALTER created_at TYPE timestamptz", .typeDiffers, "customers",
      "created_at"
    ),
    ("ALTER TABLE customers ALTER email DROP NOT NULL", .nullabilityDiffers, "customers", "email"),
    ("ALTER TABLE customers ALTER phone SET NOT NULL", .nullabilityDiffers, "customers", "phone"),
    (
      "ALTER TABLE suppliers ALTER is_active SET DEFAULT false", .defaultDiffers, "suppliers",
      "is_active"
    ),
    ("ALTER TABLE inventory ALTER id DROP DEFAULT", .defaultDiffers, "inventory", "id"),
    (
      "ALTER TABLE upload_history DROP CONSTRAINT upload_history_pkey", .constraintMissing,
      "upload_history", "upload_history_pkey"
    ),
    (
      "ALTER TABLE products DROP CONSTRAINT products_supplier_id_fkey", .constraintMissing,
      "products", "products_supplier_id_fkey"
    ),
    (
      """
      ALTER TABLE products DROP CONSTRAINT products_supplier_id_fkey;
      ALTER TABLE products ADD CONSTRAINT products_supplier_id_fkey
        FOREIGN KEY (supplier_id) REFERENCES suppliers (id) ON DELETE CASCADE
      """, .constraintDiffers, "products", "products_supplier_id_fkey"
    ),
    (
      """
      ALTER TABLE products DROP CONSTRAINT products_cost_price_check;
      ALTER TABLE products ADD CONSTRAINT products_cost_price_check CHECK (cost_price >= 0) NOT VALID
      """, .constraintNotValidated, "products", "products_cost_price_check"
    ),
    ("DROP INDEX customers_email_idx", .indexMissing, "customers", "customers_email_idx"),
    (
      "DROP INDEX customers_email_idx; CREATE INDEX customers_email_idx ON customers (email)",
      .indexDiffers, "customers", "customers_email_idx"
    ),
    (
      "DROP INDEX suppliers_active_idx; CREATE INDEX suppliers_active_idx ON suppliers (company_name)",
      .indexDiffers, "suppliers", "suppliers_active_idx"
    ),
    (
      "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'products_name_idx'::regclass",
      .indexInvalid, "products", "products_name_idx"
    ),
    ("ALTER TABLE customers ADD extra int", .columnUnknown, "customers", "extra"),
    ("CREATE INDEX more ON customers (phone)", .indexUnknown, "customers", "more"),
    (
      "ALTER TABLE customers ADD CONSTRAINT short CHECK (length(email) < 99)", .constraintUnknown,
      "customers", "short"
    ),
  ])
  func findsOneDifference(
    sql: String, kind: SchemaFinding.Kind, table: String, object: String?
  ) throws {
    let found = try findings(after: sql)
    #expect(found.map(\.kind) == [kind])
    #expect(found.first?.table == table)
    #expect(found.first?.object == object)
  }

  @Test func anUnknownColumnThatMustBeFilledIsAnError() throws {
    let found = try findings(
      after: "ALTER TABLE customers ADD a int NOT NULL, ADD b int NOT NULL DEFAULT 1, ADD c int")
    #expect(found.map(\.severity) == [.error, .warning, .warning])
  }

  @Test func whatIsSetAsideIsNotMissing() throws {
    let found = try findings(
      after: "DROP INDEX customers_email_idx; DROP INDEX products_name_idx",
      setAside: [SchemaComparison.SuspendedObject(table: "customers", name: "customers_email_idx")])
    #expect(found.map(\.kind) == [.setAside, .indexMissing])
    #expect(found.map(\.severity) == [.warning, .error])
  }

  @Test func refusesFilesThatReachIntoOtherSchemas() throws {
    let temporary = try TemporaryFolder()
    let folder = try schemaFolder(
      temporary, ["001_a.up.sql": "CREATE TABLE a (); CREATE TABLE public.b ();"])
    guard
      case .outsideSchema(["public.b"], _) = try schemaFault({ _ = try findings(folder: folder) })
    else {
      Issue.record("the table in public went unseen")
      return
    }
    #expect(try psql(database.url, "SELECT to_regclass('public.b') IS NULL") == "t")
    #expect(try schemas() == "")
  }

  @Test func leavesNothingWhereAFileIsBroken() throws {
    let temporary = try TemporaryFolder()
    let folder = try schemaFolder(temporary, ["001_a.up.sql": "CREATE TABLE a ();\nSELECT oops"])
    guard case .statementFailed(_, 2, _, _) = try schemaFault({ _ = try findings(folder: folder) })
    else {
      Issue.record("no line was told")
      return
    }
    #expect(try schemas() == "")
  }

  @Test func comparesTypesThatTheFilesMake() throws {
    let temporary = try TemporaryFolder()
    let folder = try schemaFolder(
      temporary,
      [
        "001_a.up.sql": """
        CREATE TYPE mood AS ENUM ('a', 'b');
        CREATE FUNCTION twice(x int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT x * 2';
        CREATE TABLE a (m mood DEFAULT 'a', ms mood[], n int DEFAULT twice(3), CHECK (twice(n) > 0));
        """
      ])
    let connection = try connect(database)
    _ = try SchemaMigrator(
      connection: connection, folder: folder, plan: "x", operatorName: "x"
    ).apply()
    #expect(try findings(folder: folder) == [])
    #expect(
      try findings(after: "ALTER TYPE mood ADD VALUE 'c'", folder: folder).map(\.kind)
        == [.typeDiffers, .typeDiffers])
  }

  @Test func downFilesDropExactlyWhatUpFilesMade() throws {
    let everything = """
      SELECT coalesce(string_agg(relkind::text || relname, ' ' ORDER BY relkind, relname), '') FROM pg_class
      WHERE relnamespace = 'public'::regnamespace
      """
    let migrator = try SchemaMigrator(
      connection: connect(database), folder: nxt, plan: "nxt", operatorName: "x")
    var states = [try psql(database.url, everything)]
    for number in 1...nxt.migrations.count {
      _ = try migrator.apply(upTo: number)
      states.append(try psql(database.url, everything))
    }
    for state in states.dropLast().reversed() {
      _ = try migrator.rollback()
      #expect(try psql(database.url, everything) == state)
    }
    #expect(Set(states).count == 7)
  }
}

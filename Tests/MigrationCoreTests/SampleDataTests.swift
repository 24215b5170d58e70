import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationOperations
@testable import MigrationSample

@Suite("Sample data of the legacy system")
struct SampleDataTests {
  static let definitions = packageRoot + "/config/nxt/legacy.sql"

  private func generate(
    _ database: TemporaryDatabase, _ options: SampleData.Options
  ) throws -> SampleManifest {
    try SampleData.generate(options, definitions: Self.definitions, on: connect(database))
  }

  private func digest(_ database: TemporaryDatabase) throws -> String {
    try SampleTable.allCases.map { table in
      try psql(
        database.url,
        "SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM \(table.rawValue) t")
    }.joined(separator: "\n")
  }

  @Test func isTheSameForTheSameSeedAndOnlyThen() throws {
    let databases = try (0..<3).map { _ in try TemporaryDatabase("sample") }
    let first = try generate(databases[0], .init(customers: 300, dirty: 0.1, seed: 7))
    let second = try generate(databases[1], .init(customers: 300, dirty: 0.1, seed: 7))
    let other = try generate(databases[2], .init(customers: 300, dirty: 0.1, seed: 8))
    #expect(first == second)
    #expect(first.json.pretty == second.json.pretty)
    #expect(try digest(databases[0]) == digest(databases[1]))
    #expect(try digest(databases[0]) != digest(databases[2]))
    #expect(first.entries.map(\.keys) != other.entries.map(\.keys))
  }

  @Test func fillsEveryTableWithTheRowsThatItSays() throws {
    let database = try TemporaryDatabase("sample")
    let manifest = try generate(database, .init(customers: 1000))
    #expect(manifest.entries.isEmpty)
    for table in SampleTable.allCases {
      let count = try psql(database.url, "SELECT count(*) FROM \(table.rawValue)")
      #expect(count == "\(manifest.size[table])")
      #expect(manifest.loaded(table) == manifest.size[table])
    }
    #expect(try psql(database.url, "SELECT count(*) FROM legacy_customers") == "1000")
  }

  @Test func refusesTablesThatAreThereUnlessTheyMayBeReplaced() throws {
    let database = try TemporaryDatabase("sample")
    try psql(database.url, "CREATE TABLE legacy_vendors (x int)")
    #expect(throws: MigrationError.self) {
      _ = try generate(database, .init(customers: 10))
    }
    #expect(
      try psql(database.url, "SELECT count(*) FROM pg_tables WHERE tablename ~ '^legacy'") == "1")
    _ = try generate(database, .init(customers: 10, replaces: true))
    #expect(try psql(database.url, "SELECT count(*) FROM legacy_customers") == "10")
  }

  @Test func fillsOnlyTheTablesAskedForInTheSchemaAskedFor() throws {
    let database = try TemporaryDatabase("sample")
    try psql(database.url, "CREATE SCHEMA \"Old One\"")
    _ = try generate(
      database, .init(customers: 10, schema: "Old One", tables: [.customers, .vendors]))
    #expect(try psql(database.url, "SELECT count(*) FROM \"Old One\".legacy_customers") == "10")
    #expect(try psql(database.url, "SELECT count(*) FROM \"Old One\".legacy_products") == "0")
  }
}

/// Every fault of the manifest is looked for by SQL of its own, and every sound row is sound.
@Suite("Faults of sample data")
struct SampleFaultTests {
  private let shared: DirtySample
  private var database: TemporaryDatabase { shared.database }
  private var manifest: SampleManifest { shared.manifest }

  init() throws { shared = try DirtySample.shared.get() }

  @Test func namesEveryFaultOfEveryTableOnceForAKey() {
    for table in SampleTable.allCases {
      let there = manifest.entries.filter { $0.fault.table == table }.map(\.fault)
      #expect(there == SampleFault.all(of: table))
      let keys = manifest.entries.filter { $0.fault.table == table }.flatMap(\.keys)
      #expect(Set(keys).count == keys.count)
      let share = Double(keys.count) / Double(manifest.size[table])
      #expect(share <= 0.06 && share > 0.055)
    }
  }

  /// The rows that SQL finds at fault are those that the manifest names, no more and no fewer.
  @Test(arguments: SampleChecks.all)
  func isThereWhereTheManifestSays(check: SampleChecks.Check) throws {
    let table = check.table.rawValue
    let difference = try psql(
      database.url,
      """
      WITH found AS (SELECT t.id::text AS key FROM \(table) t WHERE \(check.condition)),
        said AS (SELECT key FROM fault WHERE tab = '\(table)' AND name = '\(check.fault)')
      SELECT (SELECT count(*) FROM said), (SELECT count(*) FROM (TABLE found EXCEPT TABLE said) a),
        (SELECT count(*) FROM (TABLE said EXCEPT TABLE found) b)
      """)
    let count = manifest.entries.first {
      $0.fault.table == check.table && $0.fault.name == check.fault
    }?
    .count
    #expect(difference == "\(count ?? -1)|0|0", "\(table) \(check.fault)")
  }

  @Test func everyFaultHasACheckOfItsOwn() {
    let checked = Set(SampleChecks.all.map { "\($0.table.rawValue) \($0.fault)" })
    let known = Set(manifest.entries.map { "\($0.fault.table.rawValue) \($0.fault.name)" })
    #expect(checked == known)
  }

  @Test func duplicatesComeAfterTheirWinnersInTheOrderOfKeys() throws {
    for (table, code) in [
      ("customers", "customer_code"), ("suppliers", "supplier_code"),
      ("vendors", "vendor_code"), ("products", "sku"),
    ] {
      for collation in table == "suppliers" || table == "products" ? ["COLLATE \"C\"", ""] : [""] {
        let wrong = try psql(
          database.url,
          """
          SELECT count(*) FROM fault f JOIN legacy_\(table) d ON d.id::text = f.key
          WHERE f.tab = 'legacy_\(table)' AND f.name = '\(code).duplicate' AND NOT EXISTS (
            SELECT 1 FROM legacy_\(table) w WHERE w.\(code) = d.\(code) AND w.id < d.id \(collation)
              AND NOT EXISTS (SELECT 1 FROM fault x WHERE x.tab = f.tab AND x.key = w.id::text))
          """)
        #expect(wrong == "0", "\(table) \(collation)")
      }
    }
  }

  @Test func keysAreOfAllKinds() throws {
    for table in ["legacy_suppliers", "legacy_products", "legacy_price_lists"] {
      let kinds = try psql(
        database.url,
        "SELECT count(*) FILTER (WHERE id ~ '^[0-9]{7}$') > 0, count(*) FILTER (WHERE id ~ '^[0-9a-f-]{36}$') > 0 FROM \(table)"
      )
      #expect(kinds == "t|t")
    }
  }

  @Test func tellsTheSumsThatABalanceSheetMustShow() throws {
    for table in SampleTable.allCases {
      let quarantined = try psql(
        database.url,
        "SELECT count(*) FROM fault WHERE tab = '\(table.rawValue)' AND effect = 'quarantined'")
      #expect("\(manifest.quarantined(table))" == quarantined)
      let json = manifest.json["tables"]?[table.rawValue]
      #expect(json?["loaded"] == .int(manifest.size[table] - manifest.quarantined(table)))
    }
    #expect(try JSONValue.parse(manifest.json.pretty)["seed"] == .int(42))
  }
}

/// One dirty sample for all tests that only read it, with its manifest as a table next to it.
private final class DirtySample: Sendable {
  static let shared: Result<DirtySample, any Error> = Result {
    // A static is never released, so the database is dropped on the way out.
    atexit {
      if case .success(let sample) = DirtySample.shared {
        _ = try? psql(
          TestServers.postgresURL(), "DROP DATABASE \"\(sample.database.name)\" WITH (FORCE)")
      }
    }
    return try DirtySample()
  }
  let database: TemporaryDatabase
  let manifest: SampleManifest

  private init() throws {
    database = try TemporaryDatabase("faults")
    manifest = try SampleData.generate(
      .init(customers: 2000, dirty: 0.06, seed: 42), definitions: SampleDataTests.definitions,
      on: connect(database))
    var rows: [String] = []
    for entry in manifest.entries {
      for key in entry.keys {
        rows.append(
          "('\(entry.fault.table.rawValue)', '\(entry.fault.name)', '\(entry.fault.effect.rawValue)', '\(key)')"
        )
      }
    }
    try psql(
      database.url,
      """
      CREATE TABLE fault (tab text, name text, effect text, key text, PRIMARY KEY (tab, key));
      INSERT INTO fault VALUES \(rows.joined(separator: ","));
      CREATE VIEW supplier_ok AS SELECT id, supplier_code AS code FROM legacy_suppliers s
        WHERE NOT EXISTS (SELECT 1 FROM fault WHERE tab = 'legacy_suppliers' AND key = s.id AND effect = 'quarantined');
      CREATE VIEW vendor_ok AS SELECT vendor_code AS code FROM legacy_vendors v
        WHERE NOT EXISTS (SELECT 1 FROM fault WHERE tab = 'legacy_vendors' AND key = v.id::text AND effect = 'quarantined');
      CREATE VIEW product_ok AS SELECT id, sku FROM legacy_products p
        WHERE NOT EXISTS (SELECT 1 FROM fault WHERE tab = 'legacy_products' AND key = p.id AND effect = 'quarantined');
      CREATE VIEW list_ok AS SELECT id FROM legacy_price_lists p
        WHERE NOT EXISTS (SELECT 1 FROM fault WHERE tab = 'legacy_price_lists' AND key = p.id AND effect = 'quarantined');
      CREATE FUNCTION bad_email(t text) RETURNS bool LANGUAGE sql AS
        $$ SELECT t !~ '^[^@ ]+@[^@ ]+[.][^@ ]+$' $$;
      CREATE FUNCTION bad_phone(t text) RETURNS bool LANGUAGE sql AS
        $$ SELECT length(regexp_replace(t, '[^0-9]', '', 'g')) NOT BETWEEN 7 AND 15 $$;
      CREATE FUNCTION bad_number(t text) RETURNS bool LANGUAGE sql AS $$ SELECT t !~ '^-?[0-9]+([.][0-9]+)?$' $$;
      """)
  }
}

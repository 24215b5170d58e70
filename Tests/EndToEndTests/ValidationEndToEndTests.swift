import Foundation
import MigrationCore
import TestSupport
import Testing

/// Every way in which a target can be wrong is found and named, and nothing is invented.
@Suite(.serialized) struct ValidationEndToEndTests {
  /// A way to spoil a migrated target, and how the report must tell it.
  private struct Fault {
    let name: String
    let sql: String
    /// The table that must be named, and the layer that must fail.
    let table: String
    let layer: String
    /// A query for the key that must be named, asked before the fault is made; nil where none is.
    let key: String?

    init(_ name: String, _ table: String, _ layer: String, key: String?, _ sql: String) {
      (self.name, self.table, self.layer, self.key, self.sql) = (name, table, layer, key, sql)
    }
  }

  private static let first = "(select id from customers order by id limit 1)"
  private static let last = "(select id from customers order by id desc limit 1)"

  private static let faults: [Fault] = [
    Fault(
      "one character changed", "customers", "records", key: "select \(first)",
      "update customers set company_name = overlay(company_name placing '~' from 2 for 1) where id = \(first)"
    ),
    Fault(
      "two rows swapped between keys", "customers", "records", key: "select \(first)",
      """
      alter table customers drop constraint customers_customer_code_key;
      update customers c set customer_code = o.customer_code, email = o.email, address = o.address
      from customers o where (c.id, o.id) in ((\(first), \(last)), (\(last), \(first)))
      """),
    Fault(
      "a row deleted", "upload_history", "records",
      key: "select id from upload_history order by id limit 1",
      "delete from upload_history where id = (select id from upload_history order by id limit 1)"),
    Fault(
      "a row doubled", "upload_history", "counts", key: nil,
      """
      alter table upload_history drop constraint upload_history_pkey cascade;
      insert into upload_history select * from upload_history order by id limit 1
      """),
    Fault(
      "a row doubled under another key", "upload_history", "records", key: nil,
      """
      create temp table twin as select * from upload_history order by id limit 1;
      update twin set id = gen_random_uuid(); insert into upload_history select * from twin
      """),
    Fault(
      "a numeric's scale changed", "products", "records",
      key: "select id from products order by id limit 1",
      """
      alter table products alter unit_price type numeric;
      update products set unit_price = unit_price + 0.000
      where id = (select id from products order by id limit 1)
      """),
    Fault(
      "a timestamp off by one millisecond", "customers", "records", key: "select \(first)",
      "update customers set created_at = created_at + interval '1 millisecond' where id = \(first)"),
    Fault(
      "a timestamp off by a time zone", "customers", "records", key: "select \(last)",
      "update customers set updated_at = updated_at at time zone 'UTC' at time zone 'Europe/Prague' where id = \(last)"
    ),
    Fault(
      "a JSON number turned into a string", "products", "records",
      key:
        "select id from products where metadata->'legacy'->'weight' <> 'null' order by id limit 1",
      """
      update products set metadata = jsonb_set(metadata, '{legacy,weight}',
        to_jsonb(metadata->'legacy'->>'weight')) where id = (select id from products
        where metadata->'legacy'->'weight' <> 'null' order by id limit 1)
      """),
    Fault(
      "a JSON key renamed", "customers", "types", key: "select \(first)",
      "update customers set address = (address - 'city') || jsonb_build_object('town', address->'city') where id = \(first)"
    ),
    Fault(
      "an array element dropped", "products", "records",
      key:
        "select id from products where jsonb_typeof(metadata->'legacy'->'tags') = 'array' order by id limit 1",
      """
      update products set metadata = metadata #- '{legacy,tags,0}' where id = (select id from products
        where jsonb_typeof(metadata->'legacy'->'tags') = 'array' order by id limit 1)
      """),
    Fault(
      "a reference that points nowhere", "products", "references",
      key: "select id from products where supplier_id is not null order by id limit 1",
      """
      set session_replication_role = replica;
      update products set supplier_id = gen_random_uuid() where id = (select id from products
        where supplier_id is not null order by id limit 1)
      """),
    Fault(
      "a foreign key set aside", "products", "references", key: nil,
      """
      alter table products drop constraint products_supplier_id_fkey;
      alter table products add constraint products_supplier_id_fkey foreign key (supplier_id)
        references suppliers (id) not valid
      """),
    Fault(
      "a blank behind a text", "customers", "records", key: "select \(first)",
      "update customers set email = email || ' ' where id = \(first)"),
    Fault(
      "another Unicode form", "customers", "records",
      key: "select min(id::text) from customers where normalize(company_name, NFD) <> company_name",
      """
      update customers set company_name = normalize(company_name, NFD) where id = (select min(id::text)
        from customers where normalize(company_name, NFD) <> company_name)::uuid
      """),
    Fault(
      "an empty text in place of null", "customers", "records",
      key: "select id from customers where phone is null order by id limit 1",
      "update customers set phone = '' where id = (select id from customers where phone is null order by id limit 1)"
    ),
    Fault(
      "null in place of a text", "customers", "records",
      key: "select id from customers where phone is not null order by id limit 1",
      "update customers set phone = null where id = (select id from customers where phone is not null order by id limit 1)"
    ),
    Fault(
      "a boolean turned", "products", "records", key: "select id from products order by id limit 1",
      "update products set is_active = not is_active where id = (select id from products order by id limit 1)"
    ),
    Fault(
      "a number off by one", "inventory", "records",
      key: "select id from inventory order by id limit 1",
      "update inventory set quantity_on_hand = quantity_on_hand + 1 where id = (select id from inventory order by id limit 1)"
    ),
    Fault(
      "a date off by a day", "price_lists", "records",
      key: "select id from price_lists order by id limit 1",
      "update price_lists set effective_date = effective_date - 1 where id = (select id from price_lists order by id limit 1)"
    ),
    Fault("a table emptied", "upload_history", "counts", key: nil, "truncate upload_history"),
    Fault("a table gone", "upload_history", "counts", key: nil, "drop table upload_history"),
    Fault(
      "the books changed", "customers", "counts", key: nil,
      "delete from migrate.quarantine where id = (select min(id) from migrate.quarantine)"),
  ]

  private func migrated() throws -> (Migrate, TemporaryDatabase, TemporaryDatabase) {
    let (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    let migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("sample --rows 600 --dirty 4").exitCode == 0)
    // Text that has two Unicode forms.
    try psql(
      source.url,
      "update legacy_customers set company_name = 'Žluťoučký ' || company_name where company_name like 'B%'"
    )
    #expect(try migrate("run --all").exitCode == 5)
    return (migrate, source, target)
  }

  @Test func everyFaultIsFoundAndNamed() throws {
    var (migrate, source, original) = try migrated()
    defer { withExtendedLifetime(source) {} }
    #expect(Self.faults.count > 20)
    for fault in Self.faults {
      let target = try TemporaryDatabase("spoilt", copying: original)
      let key = try fault.key.map { try psql(target.url, $0) }
      #expect(key != "", "\(fault.name): the data have no such row")
      try psql(target.url, fault.sql)
      migrate.environment["DATABASE_URL"] = target.url
      let finished = try migrate("validate --samples all --json")
      #expect(finished.exitCode == 4, "\(fault.name)")
      guard let report = try? JSONValue.parse(finished.output) else {
        Issue.record("\(fault.name): no report: \(finished.errors)")
        continue
      }
      #expect(report["summary"]?["verdict"] == "NO-GO", "\(fault.name)")
      let layer = try #require(ValidationLayer(rawValue: fault.layer))
      #expect(report[layer.member]?["status"] == "FAIL", "\(fault.name)")
      #expect(report[layer.member]?.compact.contains("\"\(fault.table)\"") == true, "\(fault.name)")
      if let key { #expect(report.compact.contains(key), "\(fault.name): \(key) is not named") }
      let tables = failingTables(report)
      #expect(
        tables == [fault.table] || fault.name == "a table gone", "\(fault.name): \(tables)")
    }
  }

  /// The tables that the report has something against, warnings aside.
  private func failingTables(_ report: JSONValue) -> Set<String> {
    var names: Set<String> = []
    for layer in ValidationLayer.allCases {
      let found =
        items(report[layer.member]?["findings"]) + items(report[layer.member]?["discrepancies"])
      for item in found where item["severity"] != "warning" {
        if case .text(let name)? = item["table"] { names.insert(name) }
      }
      for item in items(report[layer.member]?["fieldMismatches"]) {
        if case .text(let name)? = item["table"] { names.insert(name) }
      }
    }
    return names
  }

  @Test func aCleanTargetHasNoFindings() throws {
    let (migrate, source, target) = try migrated()
    defer { withExtendedLifetime((source, target)) {} }
    for round in 0..<20 {
      let samples = round % 4 == 0 ? "all" : "\(round * 7)"
      let (exitCode, report) = try migrate.json("validate --samples \(samples)")
      #expect(exitCode == 0)
      #expect(report["summary"]?["verdict"] == "GO")
      #expect(failingTables(report) == [])
      #expect(report["summary"]?["matchPercentage"]?.compact.hasPrefix("100") == true)
    }
  }

  @Test func whatCannotLookDoesNotPass() throws {
    var (migrate, source, target) = try migrated()
    #expect(try migrate("validate --layers").exitCode == 2)
    #expect(try migrate("validate --layers pixels").exitCode == 2)
    #expect(try migrate("validate --table custmers").exitCode == 3)
    // The source has gone: a failure, unless it is said beforehand.
    migrate.environment["SOURCE_DATABASE_URL"] = url(source.url, database: "gone")
    #expect(try migrate("validate").exitCode == 3)
    let (exitCode, report) = try migrate.json("validate --without-source")
    #expect(exitCode == 0)
    #expect(report["sampleRecordValidation"]?["status"] == "NOT RUN")
    #expect(report["summary"]?["why"]?.compact.contains("not run: records") == true)
    #expect(try migrate("validate --without-source --layers records").exitCode == 4)
    // Nothing was migrated into this one.
    let empty = try TemporaryDatabase("empty")
    migrate.environment["DATABASE_URL"] = empty.url
    #expect(try migrate("validate --without-source").exitCode == 1)
    // No right to look at a table.
    let role = try ReadingRole(of: target, schemas: "public, migrate")
    try psql(target.url, "revoke select on customers from \"\(role.name)\"")
    migrate.environment["DATABASE_URL"] = role.url
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    let blind = try migrate("validate")
    #expect(blind.exitCode == 4)
    #expect(blind.output.contains("could not look: "))
    #expect(blind.output.contains("permission denied for table customers"))
    // A table is locked, and whoever waits for it gives up; the other layers look all the same.
    migrate.environment["DATABASE_URL"] = target.url
    let lock = try TableLock("suppliers", target)
    let late = try migrate.json("validate --layers types,rules --statement-timeout 500ms")
    try lock.end()
    #expect(late.exitCode == 4)
    #expect(late.document["dataTypeValidation"]?.compact.contains("statement timeout") == true)
    #expect(late.document["summary"]?["verdict"] == "NO-GO")
  }

  @Test func brokenRulesAndSlowQueriesAreNamed() throws {
    let (migrate, source, target) = try migrated()
    defer { withExtendedLifetime(source) {} }
    #expect(try migrate("validate-rules").exitCode == 0)
    #expect(try migrate("validate --all").exitCode == 0)
    let timing = try migrate.json("test-performance")
    #expect(timing.exitCode == 0)
    #expect(items(timing.document["queries"]).count == 4)

    let key = try psql(target.url, "select id from price_list_items order by id limit 1")
    try psql(
      target.url,
      """
      alter table price_list_items drop constraint price_list_items_unit_price_check;
      update price_list_items set unit_price = -1 where id = '\(key)'
      """)
    let (exitCode, report) = try migrate.json("validate-rules --group pricing")
    #expect(exitCode == 4)
    let findings = items(report["businessRuleValidation"]?["findings"])
    let broken = findings.filter { $0["severity"] == "critical" }
    #expect(broken.count == 1)
    #expect(broken.first?["examples"] == [.text(key)])
    #expect(try migrate("validate-rules --group stock").exitCode == 0)
    #expect(try migrate("validate-rules --rule prices-not-negative").exitCode == 4)
    #expect(try migrate("validate-rules --group stok").exitCode == 3)

    // A limit that can't be kept: the query waits.
    let plan = try String(contentsOfFile: packageRoot + "/config/nxt/plan.json5", encoding: .utf8)
    let slow = plan.replacing(
      "sql: \"SELECT * FROM customers WHERE customer_code = $1\"",
      with: "sql: \"SELECT pg_sleep(0.06), * FROM customers WHERE company_name || '' = $1\"")
    #expect(slow != plan)
    let folder = migrate.folder.path + "/slow"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try slow.write(toFile: folder + "/plan.json5", atomically: true, encoding: .utf8)
    try psql(target.url, "update customers set company_name = customer_code")
    let late = try migrate.json("test-performance --plan \(folder)")
    #expect(late.exitCode == 4)
    let query = items(late.document["queries"]).first { $0["query"] == "customer-lookup" }
    #expect(query?["inTime"] == false)
    #expect(query?["scanned"] == ["customers"])
  }

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }
}

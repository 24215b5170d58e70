import Foundation
import MigrationCore
import TestSupport
import Testing

/// Every way in which a target can be wrong is found and named, and nothing is invented.
@Suite(.serialized) struct ValidationEndToEndTests {
  @Test func everyFaultIsFoundAndNamed() throws {
    var (migrate, source, original) = try ValidationFault.migrated()
    defer { withExtendedLifetime(source) {} }
    #expect(ValidationFault.all.count > 20)
    for fault in ValidationFault.all {
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
    let (migrate, source, target) = try ValidationFault.migrated()
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
    var (migrate, source, target) = try ValidationFault.migrated()
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
    // No right to check a table.
    let role = try ReadingRole(of: target, schemas: "public, migrate")
    try psql(target.url, "revoke select on customers from \"\(role.name)\"")
    migrate.environment["DATABASE_URL"] = role.url
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    let blind = try migrate("validate")
    #expect(blind.exitCode == 4)
    #expect(blind.output.contains("could not check customers: "))
    #expect(blind.output.contains("6 of 6 tables have the expected number of rows"))
    #expect(blind.output.contains("permission denied for table customers"))
    // A table is locked, and the layer that waits for it fails; the other layers run anyway.
    migrate.environment["DATABASE_URL"] = target.url
    let lock = try TableLock("suppliers", target)
    let late = try migrate.json("validate --layers types,rules --statement-timeout 500ms")
    try lock.end()
    #expect(late.exitCode == 4)
    #expect(late.document["dataTypeValidation"]?.compact.contains("statement timeout") == true)
    #expect(late.document["summary"]?["verdict"] == "NO-GO")
  }

  @Test func brokenRulesAndSlowQueriesAreNamed() throws {
    let (migrate, source, target) = try ValidationFault.migrated()
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

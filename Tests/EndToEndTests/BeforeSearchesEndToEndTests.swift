import Foundation
import MigrationCore
import TestSupport
import Testing

/// What is looked for in a source on its own: duplicates, orphans, and the way to it.
@Suite struct BeforeSearchesEndToEndTests {
  @Test func duplicatesAndOrphansAreThoseOfTheManifest() throws {
    let fixture = try BeforeFixture("--rows 800 --dirty 5 --seed 4")
    let migrate = fixture.migrate
    let wanted = Faults(fixture.manifest).failed
    let (exitCode, found) = try migrate.json("find-duplicates")
    #expect(exitCode == 4)
    #expect(found["rows"] == wanted["uniqueness"].map(JSONValue.int))
    let groups = found["groups"]?.items ?? []
    #expect(groups.reduce(0) { $0 + ($1["losers"]?.items.count ?? 0) } == wanted["uniqueness"])
    // A vendor with a supplier's code is a duplicate of the supplier, whose feed comes first.
    let mixed = groups.filter { group in
      group["winner"]?.textValue?.hasPrefix("legacy_suppliers ") == true
        && group["losers"]?.items.contains {
          $0.textValue?.hasPrefix("legacy_vendors ") == true
        } == true
    }
    #expect(!mixed.isEmpty && mixed.allSatisfy { $0["columns"] == "supplier_code" })
    let part = try migrate.json("find-duplicates --table products").document
    #expect(part["groups"]?.items.allSatisfy { $0["table"] == "products" } == true)
    #expect(part["groups"]?.items.isEmpty == false)

    let orphans = try migrate.json("find-orphans")
    #expect(orphans.exitCode == 4)
    let refused = (orphans.document["findings"]?.items ?? []).filter { $0["severity"] == "high" }
    #expect(refused.reduce(0) { $0 + ($1["count"]?.intValue ?? 0) } == wanted["references"])
    let warned = (orphans.document["findings"]?.items ?? []).filter { $0["severity"] == "warning" }
    #expect(!warned.isEmpty && warned.allSatisfy { $0["code"] == "ERR_004" })
    // With some tables, what the others would load is there all the same.
    let ofInventory = try migrate.json("find-orphans --table inventory").document
    let all = refused.filter { $0["table"] == "inventory" }.map { $0["count"] }
    #expect((ofInventory["findings"]?.items ?? []).map { $0["count"] } == all)
  }

  @Test func cleanDataHaveNeitherAndRelationsAreLookedAtByName() throws {
    let fixture = try BeforeFixture("--rows 200")
    let migrate = fixture.migrate
    #expect(try migrate("find-duplicates").exitCode == 0)
    #expect(try migrate("find-orphans").exitCode == 0)
    #expect(try migrate("run --all").exitCode == 0)
    #expect(try migrate("find-orphans --in target").exitCode == 0)
    #expect(try migrate("compare-counts --table customers").exitCode == 0)
    let consolidated = try migrate.json("verify-consolidation")
    #expect(consolidated.exitCode == 0)
    let parts = consolidated.document["parts"]?.items ?? []
    #expect(parts.map { $0["source"] } == ["legacy_suppliers", "legacy_vendors"])
    for part in parts { #expect(part["sourceRows"] == part["loaded"]) }
    try psql(
      fixture.target.url,
      """
      set session_replication_role = replica; update products set supplier_id = gen_random_uuid()
      where id = (select id from products where supplier_id is not null limit 1)
      """)
    let (exitCode, report) = try migrate.json("validate-relationships --type product-supplier")
    #expect(exitCode == 4)
    #expect(report["referentialIntegrityValidation"]?["checked"] == 1)
    #expect(try migrate("validate-relationships --type inventory-products").exitCode == 0)
    #expect(try migrate("find-orphans --in target --table inventory").exitCode == 0)
    #expect(try migrate("orphan-check").exitCode == 4)
    try psql(
      fixture.target.url,
      """
      alter table suppliers drop constraint suppliers_supplier_code_key;
      update suppliers set supplier_code = (select min(supplier_code) from suppliers)
      where id = (select id from suppliers order by supplier_code desc limit 1)
      """)
    let twice = try migrate.json("verify-consolidation")
    #expect(twice.exitCode == 4)
    #expect(twice.document["findings"]?.items.map { $0["column"] } == ["supplier_code"])
    let unknown = try migrate("validate-relationships --type supplier-product")
    #expect(unknown.exitCode == 3 && unknown.errors.contains("product-supplier"))
  }

  @Test func theWayToEachDatabaseIsMeasured() throws {
    var fixture = try BeforeFixture("--rows 50")
    let (exitCode, report) = try fixture.migrate.json("network-test --repeat 20")
    #expect(exitCode == 0)
    let readings = report["databases"]?.items ?? []
    #expect(readings.map { $0["role"] } == ["source", "target"])
    for reading in readings {
      #expect(reading["roundTrips"] == 20)
      guard case .double(let read)? = reading["readMiBPerSecond"] else {
        Issue.record("nothing was read")
        continue
      }
      #expect(read > 1)
    }
    // The source is not written to, not even a temporary table.
    #expect(readings.first?["writeMiBPerSecond"] == .null)
    #expect(readings.last?["writeMiBPerSecond"] != .null)
    // A server far away, by a limit that none can meet.
    try fixture.change(plan: { $0.replacing("roundTrip: 50", with: "roundTrip: 1") })
    let near = try fixture.migrate.json("network-test").document
    #expect(near["limitMilliseconds"] == .double(1))
    fixture.migrate.environment["SOURCE_DATABASE_URL"] = "postgres://127.0.0.1:1/none"
    let gone = try fixture.migrate.json("network-test")
    #expect(gone.exitCode == 4)
    #expect(gone.document["databases"]?.items.first?["failure"] != .null)
    fixture.migrate.environment["SOURCE_DATABASE_URL"] = nil
    #expect(try fixture.migrate("network-test").exitCode == 3)
  }

  @Test func documentsAreLookedAtToo() throws {
    let dump = try NextCRMFixture.dump.get()
    let target = try TemporaryDatabase("crm")
    let migrate = try NextCRMFixture.migrate(
      source: "dump:" + dump.folder.path + "/dump", target: target.url)
    #expect(try migrate("db migrate --plan nextcrm").exitCode == 0)
    let (exitCode, report) = try migrate.json(
      "validate-all --plan nextcrm --parts quality,schema,rollback")
    #expect(report["schemaCompatibility"]?["status"] == "PASS")
    #expect(report["rollbackReadiness"]?["status"] == "PASS")
    let quality = try #require(report["sourceDataQuality"])
    let documents = Faults(dump.manifest)
    // Pairs of the arrays are rows of their own: without an id, or with one that matches no row.
    var wanted = documents.failed
    let nulls = documents.pairsWithoutID
    guard case .object(let junctions)? = dump.manifest["junctions"] else { return }
    let pairs = junctions.members.reduce(0) { $0 + ($1.value["quarantined"]?.intValue ?? 0) }
    #expect(pairs > nulls && nulls > 0)
    wanted["required", default: 0] += nulls
    wanted["references", default: 0] += pairs - nulls
    for (aspect, count) in wanted {
      #expect(quality["parts"]?[aspect]?["failedRows"] == .int(count), "\(aspect)")
    }
    guard case .double(let score)? = quality["score"] else { return }
    #expect(exitCode == (score > 95 ? 0 : 4))
    #expect(
      quality["findings"]?.items.contains {
        $0["sql"]?.textValue?.hasPrefix("{\"_id\":{\"$in\":[") == true
      } == true)
  }
}

import Foundation
import MigrationCore
import TestSupport
import Testing

/// Every fault is found by reading back alone, and named down to the field where the source is there.
@Suite(.serialized) struct FingerprintEndToEndTests {
  /// Faults that change no row.
  private static let outOfSight: Set<String> = ["a foreign key set aside", "the books changed"]

  @Test func everyFaultIsFoundByFingerprintAlone() throws {
    var (migrate, source, original) = try ValidationFault.migrated()
    defer { withExtendedLifetime(source) {} }
    for fault in ValidationFault.all {
      let target = try TemporaryDatabase("spoilt", copying: original)
      let key = try fault.key.map { try psql(target.url, $0) }
      try psql(target.url, fault.sql)
      migrate.environment["DATABASE_URL"] = target.url
      let (exitCode, report) = try migrate.json("validate --fingerprint")
      let layer = report["fingerprintValidation"]
      if Self.outOfSight.contains(fault.name) {
        #expect(exitCode == 0, "\(fault.name)")
        continue
      }
      #expect(exitCode == 4, "\(fault.name)")
      #expect(layer?["status"] == "FAIL", "\(fault.name)")
      let tables = Set((real(layer)).compactMap { $0["table"]?.textValue })
      #expect(tables == [fault.table], "\(fault.name): \(tables)")
      if let key { #expect(layer?.compact.contains(key) == true, "\(fault.name): \(key)") }
    }
  }

  @Test func whatIsSoundHasNoFindings() throws {
    var (migrate, source, target) = try ValidationFault.migrated()
    for _ in 0..<3 {
      let (exitCode, report) = try migrate.json("validate --fingerprint")
      #expect(exitCode == 0)
      #expect(real(report["fingerprintValidation"]).isEmpty)
      #expect(report["summary"]?["verdict"] == "GO")
    }
    #expect(try migrate("validate --all").exitCode == 0)
    // The same rows, written once more: as a restored backup has them.
    try psql(
      target.url,
      "vacuum full customers; alter table products alter unit_price type numeric(12,3)"
    )
    #expect(try migrate("validate --fingerprint --table customers").exitCode == 0)
    let changed = try migrate.json("validate --fingerprint --table products --without-source")
    #expect(changed.exitCode == 4)
    try psql(
      target.url, "update upload_history set file_name = file_name; update suppliers set id = id")
    for table in ["upload_history", "suppliers"] {
      let same = try migrate.json("validate --fingerprint --table \(table)")
      #expect(same.exitCode == 0, "\(table)")
      #expect(same.document.compact.contains("rewritten since the load"))
    }

    // The source has gone: chunk and key are named all the same.
    migrate.environment["SOURCE_DATABASE_URL"] = url(source.url, database: "gone")
    #expect(try migrate("validate --fingerprint --table customers").exitCode == 0)
    let key = try psql(target.url, "select id from customers order by id offset 7 limit 1")
    try psql(target.url, "update customers set email = 'x@y.cz' where id = '\(key)'")
    for options in ["", " --without-source"] {
      let spoilt = try migrate.json("validate --fingerprint --table customers" + options)
      #expect(spoilt.exitCode == 4)
      #expect(spoilt.document.compact.contains(key))
      #expect(spoilt.document.compact.contains("chunk "))
    }
  }

  /// Sessions that were begun by a program without fingerprints have none, and that is no pass.
  @Test func oldSessionsAreToldAsSuch() throws {
    let (migrate, source, target) = try ValidationFault.migrated()
    defer { withExtendedLifetime(source) {} }
    try psql(target.url, "update migrate.session set fingerprint_key = null")
    #expect(try migrate("validate --fingerprint").exitCode == 4)
    #expect(try migrate("validate --layers counts,fingerprints").exitCode == 4)
    let (exitCode, report) = try migrate.json("validate --all")
    #expect(exitCode == 0)
    #expect(report["fingerprintValidation"]?["status"] == "NOT RUN")
    #expect(report["summary"]?["why"]?.textValue?.contains("fingerprints") == true)
  }

  // MARK: Mutation

  @Test func anyChangedFieldOfNXTIsNamed() throws {
    let (migrate, source, target) = try ValidationFault.migrated()
    defer { withExtendedLifetime(source) {} }
    for kind in Mutation.Kind.allCases {
      try expectNamed(
        kind, of: target, without: ["inventory", "suppliers.approved_by"], migrate, least: 70)
    }
  }

  @Test func anyChangedFieldOfNextCRMIsNamed() throws {
    let fixture = try NextCRMFixture(isLive: false)
    _ = try fixture.move()
    var migrate = fixture.migrate
    migrate.environment["MIGRATION_PLAN"] = "nextcrm"
    #expect(try migrate("validate --fingerprint").exitCode == 0)
    for kind in Mutation.Kind.allCases {
      try expectNamed(kind, of: fixture.target, without: [], migrate, least: 150)
    }
  }

  /// Exactly the fields that were changed are reported: none missed, none invented.
  private func expectNamed(
    _ kind: Mutation.Kind, of original: TemporaryDatabase, without names: Set<String>,
    _ migrate: Migrate, least: Int
  ) throws {
    let target = try TemporaryDatabase("spoilt", copying: original)
    var migrate = migrate
    migrate.environment["DATABASE_URL"] = target.url
    let changed = try Mutation.spoil(target, kind, without: names)
    #expect(changed.count >= least, "\(changed.count)")
    let (exitCode, report) = try migrate.json("validate --fingerprint")
    #expect(exitCode == 4)
    let told = items(report["fingerprintValidation"]?["fieldMismatches"]).map { item in
      Mutation(
        table: item["table"]?.textValue ?? "", key: item["key"]?.textValue ?? "",
        column: item["column"]?.textValue ?? "")
    }
    let (missed, invented) = (changed.subtracting(told), Set(told).subtracting(changed))
    #expect(missed.isEmpty, "\(missed.prefix(5))")
    #expect(invented.isEmpty, "\(invented.prefix(5))")
  }

  private func real(_ layer: JSONValue?) -> [JSONValue] {
    items(layer?["findings"]).filter { $0["severity"] != "warning" }
  }

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }
}

import Foundation
import MigrationCore
import TestSupport
import Testing

/// What `validate-all` says of a source is what its manifest says; what it can't check is a failure.
@Suite struct BeforeEndToEndTests {
  @Test func theScoreIsWhatTheManifestSays() throws {
    let fixture = try BeforeFixture("--rows 1500 --dirty 4 --seed 21")
    let (migrate, source, target) = (fixture.migrate, fixture.source, fixture.target)
    let before = try BeforeFixture.contents(of: target)
    let (exitCode, report) = try migrate.json("validate-all --parts quality")
    let quality = try #require(report["sourceDataQuality"])
    var wanted = Faults(fixture.manifest)
    #expect(wanted.failed.count == 6)
    // Codes that the plan keeps with a warning break one of its business rules all the same.
    let codes = "select count(*) from legacy_price_list_items where currency !~ '^[A-Z]{3}$'"
    wanted.add(Int(try psql(source.url, codes)) ?? 0, "rules", of: "legacy_price_list_items")
    for (aspect, count) in wanted.failed {
      #expect(quality["parts"]?[aspect]?["failedRows"] == .int(count), "\(aspect)")
    }
    #expect(quality["rows"] == .int(wanted.rows))
    let all = wanted.failed.values.reduce(0, +)
    let score = Double(wanted.rows - all) * 100 / Double(wanted.rows)
    #expect(quality["score"] == .double(score))
    #expect(exitCode == (score > 95 ? 0 : 4))
    // Rows of suppliers and vendors go into one table.
    for table in quality["tables"]?.items ?? [] where table["table"] == "suppliers" {
      let feeds = wanted.failedOf["legacy_suppliers", default: 0]
      #expect(table["failedRows"] == .int(feeds + wanted.failedOf["legacy_vendors", default: 0]))
    }
    try findersFind(quality, source, wanted)
    #expect(try BeforeFixture.contents(of: target) == before)
    let written = try String(
      contentsOfFile: migrate.folder.path + "/" + BeforeFixture.report, encoding: .utf8)
    #expect(try JSONValue.parse(written) == report)
  }

  /// The statement of each finding returns the very rows that it counts.
  private func findersFind(
    _ quality: JSONValue, _ source: TemporaryDatabase, _ wanted: Faults
  ) throws {
    var tried = 0
    for finding in quality["findings"]?.items ?? []
    where finding["what"]?.compact.contains("would be quarantined") == true {
      guard case .text(let sql)? = finding["sql"], case .int(let count)? = finding["count"] else {
        Issue.record("nothing finds the rows of \(finding.compact)")
        continue
      }
      #expect(try psql(source.url, "select count(*) from (\(sql)) rows") == "\(count)")
      tried += 1
    }
    #expect(tried > 30)
  }

  @Test func cleanDataIsReadyAndNothingIsLeftBehind() throws {
    let fixture = try BeforeFixture("--rows 400")
    let (source, target) = (fixture.source, fixture.target)
    var migrate = fixture.migrate
    let backup = try TemporaryDatabase("backup")
    migrate.environment["BACKUP_DATABASE_URL"] = backup.url
    let before = try [source, target, backup].map(BeforeFixture.contents)
    // A trial that was killed has left this.
    try psql(
      target.url,
      """
      create schema migrate_trial_abc; create table migrate_trial_abc.x ();
      comment on schema migrate_trial_abc is 'migrate: made for a trial and dropped after it: migrate_trial_abc';
      create schema migrate_trial_abc_ledger;
      """)
    let (exitCode, report) = try migrate.json("validate-all")
    #expect(exitCode == 0)
    #expect(report["summary"]?["verdict"] == "READY")
    #expect(report["summary"]?["dataQualityScore"] == .double(100))
    #expect(report["summary"]?["schemaCompatibility"] == .double(100))
    #expect(report["summary"]?["criticalErrors"] == 0)
    #expect(report["summary"]?["backupSystem"] == "Ready")
    for part in ["sourceDataQuality", "schemaCompatibility", "backupReadiness"] {
      #expect(report[part]?["status"] == "PASS", "\(part)")
    }
    let facts = report["backupReadiness"]?["facts"]?.compact ?? ""
    #expect(facts.contains("dumped 1,010 rows") && facts.contains("into the backup database"))
    #expect(report["rollbackReadiness"]?["facts"]?.compact.contains("6 schema files") == true)
    #expect(try [source, target, backup].map(BeforeFixture.contents) == before)
    let files = try FileManager.default.contentsOfDirectory(
      atPath: migrate.folder.path + "/backups")
    #expect(files.isEmpty)
    // The migration that was found ready is one that runs.
    #expect(try migrate("run --all").exitCode == 0)
  }

}

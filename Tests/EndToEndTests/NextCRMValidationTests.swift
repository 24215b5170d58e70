import Foundation
import MigrationCore
import TestSupport
import Testing

/// A target that was filled from documents, looked through beforehand and validated afterwards.
@Suite struct NextCRMValidationTests {
  private func prepared(_ target: TemporaryDatabase) throws -> (Migrate, TemporaryFolder) {
    var migrate = try Migrate()
    let dump = try TemporaryFolder()
    migrate.environment["DATABASE_URL"] = target.url
    migrate.environment["MONGODB_URL"] = "dump:" + dump.path + "/dump"
    migrate.environment["MIGRATION_CONFIG_DIR"] = packageRoot + "/config"
    migrate.environment["MIGRATION_PLAN"] = "nextcrm"
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("sample --rows 300 --dirty 3 --to dump:\(dump.path)/dump").exitCode == 0)
    return (migrate, dump)
  }

  @Test func refusalsAreForetoldAndPairsAreHeldAgainstBothSides() throws {
    let target = try TemporaryDatabase("crm")
    let (prepared, dump) = try prepared(target)
    defer { withExtendedLifetime(dump) {} }
    var migrate = prepared
    let (exitCode, report) = try migrate.json("plan profile")
    #expect(exitCode == 4)
    let findings = items(report["findings"])
    #expect(!findings.contains { $0["kind"] == "dropped" })
    #expect(findings.contains { $0["kind"] == "dangling" })
    let foretold = findings.filter { $0["kind"] == "refused" }.reduce(0) { sum, finding in
      if case .int(let count)? = finding["count"] { sum + count } else { sum }
    }
    #expect(try migrate("run --all").exitCode == 5)
    let refused = try psql(
      target.url,
      "select count(*) from migrate.quarantine where code = 'ERR_003' and reason <> 'orphan'")
    #expect(foretold > 50)
    #expect("\(foretold)" == refused)

    #expect(try migrate("validate --samples all").exitCode == 0)
    #expect(try migrate("validate --samples 7").exitCode == 0)
    for (fault, table) in Self.faults {
      let spoilt = try TemporaryDatabase("spoilt", copying: target)
      try psql(spoilt.url, fault)
      migrate.environment["DATABASE_URL"] = spoilt.url
      let (exitCode, report) = try migrate.json("validate --samples all --layers records")
      #expect(exitCode == 4, "\(fault)")
      let found = items(report["sampleRecordValidation"]?["findings"])
      #expect(found.count == 1, "\(fault)")
      #expect(found.first?["table"] == .text(table), "\(fault)")
    }
  }

  private static let faults = [
    (
      """
      delete from "DocumentsToInvoices" where ctid = (select min(ctid) from "DocumentsToInvoices")
      """, "DocumentsToInvoices"
    ),
    (
      """
      insert into "BoardWatchers" select b.id, u.id from "Boards" b, "Users" u
      where not exists (select from "BoardWatchers" w where w.board_id = b.id and w.user_id = u.id)
      limit 1
      """, "BoardWatchers"
    ),
    (
      """
      update "crm_Contacts" set "last_activity" = "last_activity" + interval '1 millisecond'
      where id = (select min(id::text)::uuid from "crm_Contacts" where "last_activity" is not null)
      """, "crm_Contacts"
    ),
  ]

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }
}

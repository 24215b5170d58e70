import Foundation
import MigrationCore
import TestSupport
import Testing

/// What is not good enough, what can't be looked at, and trials that go wrong: none of them passes.
@Suite struct BeforeFailuresEndToEndTests {
  @Test func whatIsBelowThePlansThresholdsIsNotReady() throws {
    var fixture = try BeforeFixture("--rows 300 --dirty 3")
    try fixture.change(plan: { plan in
      plan.replacing("quality: \"95%\"", with: "quality: \"99.9%\"")
        .replacing("roundTrip: 50", with: "roundTrip: 1")
        .replacing(
          "limits: { warnAt: \"5%\", stopAt: \"10%\" }",
          with: "limits: { stopAt: \"1%\", warnAt: \"1%\" }")
    })
    let migrate = fixture.migrate
    let (exitCode, report) = try migrate.json("validate-all --parts quality")
    #expect(exitCode == 4)
    #expect(report["summary"]?["verdict"] == "NOT READY")
    guard case .text(let why)? = report["summary"]?["why"] else { return }
    #expect(why.contains("and more than 99.9 % is wanted"))
    #expect(why.contains("critical errors, and 0 are allowed"))
    let sample = try migrate.json("validate-all --parts quality --sample 20 --rate 100000").document
    #expect(sample["sourceDataQuality"]?["sample"] == 20)
    #expect(sample["sourceDataQuality"]?["rows"] == 160)
    #expect(try migrate("validate-all --parts pixels").exitCode == 2)
  }

  @Test func whatCannotLookDoesNotPass() throws {
    let fixture = try BeforeFixture("--rows 100")
    let (source, target) = (fixture.source, fixture.target)
    var migrate = fixture.migrate
    // A table is locked, and whoever waits for it gives up.
    let lock = try TableLock("legacy_products", source)
    let late = try migrate.json("validate-all --parts quality --statement-timeout 500ms")
    try expectFailure(late, "sourceDataQuality", "statement timeout")
    let profile = try migrate("plan profile products --statement-timeout 500ms")
    #expect(profile.exitCode == 4 && profile.output.contains("statement timeout"))
    try lock.end()
    try psql(target.url, "drop table upload_history")
    try expectFailure(
      migrate.json("validate-all --parts schema"), "schemaCompatibility", "upload_history")
    // No right to read one of the source's tables.
    let role = try ReadingRole(of: source)
    try psql(source.url, "revoke select on legacy_products from \"\(role.name)\"")
    migrate.environment["SOURCE_DATABASE_URL"] = role.url
    try expectFailure(
      migrate.json("validate-all --parts quality"), "sourceDataQuality",
      "permission denied for table legacy_products")
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    try psql(source.url, "drop table legacy_upload_history")
    try expectFailure(
      migrate.json("validate-all --parts quality"), "sourceDataQuality",
      "the source has no table legacy_upload_history")
  }

  private func expectFailure(
    _ ended: (exitCode: Int32, document: JSONValue), _ part: String, _ what: String
  ) throws {
    #expect(ended.exitCode == 4)
    #expect(ended.document["summary"]?["verdict"] == "NOT READY")
    #expect(ended.document[part]?["status"] == "FAIL")
    #expect(ended.document[part]?["objections"]?.compact.contains(what) == true, "\(what)")
  }

  @Test func trialsFailWhereGoingBackOrBackupsDoNotWork() throws {
    var fixture = try BeforeFixture("--rows 50")
    let down = try fixture.change() + "/schema/005_price_lists.down.sql"
    let text = try String(contentsOfFile: down, encoding: .utf8)
    try (text + "\nCREATE TABLE left_over (id int);\n")
      .write(toFile: down, atomically: true, encoding: .utf8)
    var migrate = fixture.migrate
    let back = try migrate.json("validate-all --parts rollback")
    try expectFailure(back, "rollbackReadiness", "the schema is not as it was before")
    #expect(back.document["rollbackReadiness"]?.compact.contains("005_price_lists.down") == true)
    // A pg_restore that does nothing, and says that all is well.
    let tools = migrate.folder.path + "/tools"
    try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: true)
    let fake = "#!/bin/sh\n[ \"$1\" = --version ] && echo 'pg_restore (PostgreSQL) 99.0'\nexit 0\n"
    try fake.write(toFile: tools + "/pg_restore", atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: tools + "/pg_restore")
    migrate.environment["PATH"] = tools + ":" + (migrate.environment["PATH"] ?? "")
    try expectFailure(
      migrate.json("validate-all --parts backup"), "backupReadiness", "rows")
    migrate.environment["PATH"] = tools
    try expectFailure(
      migrate.json("validate-all --parts backup"), "backupReadiness", "pg_dump is not on the PATH")
    #expect(
      try psql(fixture.target.url, "select count(*) from pg_namespace where nspname ~ '^migrate_'")
        == "0")
  }
}

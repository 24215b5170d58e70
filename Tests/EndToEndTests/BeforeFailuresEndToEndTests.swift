import Foundation
import MigrationCore
import TestSupport
import Testing

/// What is not good enough, what can't be checked, and trials that go wrong: none of them passes.
@Suite struct BeforeFailuresEndToEndTests {
  @Test func whatIsBelowThePlansThresholdsIsNotReady() throws {
    var fixture = try BeforeFixture("--rows 300 --dirty 3")
    try fixture.change(plan: { plan in
      plan.replacing("quality: \"95%\"", with: "quality: \"99.9%\"")
        .replacing("roundTrip: 50", with: "roundTrip: 1")
        .replacing(
          "limits: { warnAt: \"5%\", stopAt: \"10%\",",
          with: "limits: { stopAt: \"1%\", warnAt: \"1%\", leastRows: 1,")
    })
    let migrate = fixture.migrate
    let (exitCode, report) = try migrate.json("validate-all --parts quality")
    #expect(exitCode == 4)
    #expect(report["summary"]?["verdict"] == "NOT READY")
    guard case .text(let why)? = report["summary"]?["why"] else { return }
    #expect(why.contains("required: above 99.9%"))
    #expect(why.contains("critical errors, allowed: 0"))
    let sample = try migrate.json("validate-all --parts quality --sample 20 --rate 100000").document
    #expect(sample["sourceDataQuality"]?["sample"] == 20)
    #expect(sample["sourceDataQuality"]?["rows"] == 160)
    #expect(try migrate("validate-all --parts pixels").exitCode == 2)
  }

  @Test func whatCannotLookDoesNotPass() throws {
    let fixture = try BeforeFixture("--rows 100")
    let (source, target) = (fixture.source, fixture.target)
    var migrate = fixture.migrate
    // A table is locked, and the part that waits for it fails.
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

  private func fake(
    _ name: String, _ version: String, _ does: String, in folder: String
  ) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text =
      "#!/bin/sh\n[ \"$1\" = --version ] && echo '\(name) (PostgreSQL) \(version)' && exit 0\n\(does)\n"
    try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder + "/" + name)
  }

  @Test func whoMayNotMakeSchemasAndWhatIsEmptyIsNotReady() throws {
    let fixture = try BeforeFixture("--rows 20")
    var migrate = fixture.migrate
    let tables = fixture.manifest["tables"]
    guard case .object(let legacy)? = tables else { return }
    let names = legacy.members.map(\.key).joined(separator: ", ")
    try psql(fixture.source.url, "truncate \(names)")
    try expectFailure(
      migrate.json("validate-all --parts quality"), "sourceDataQuality",
      "the source has no rows: nothing was checked")
    let role = try ReadingRole(of: fixture.target)
    migrate.environment["DATABASE_URL"] = role.url
    let ended = try migrate.json("validate-all --parts quality,backup,rollback,resources")
    for part in ["sourceDataQuality", "backupReadiness", "rollbackReadiness"] {
      try expectFailure(ended, part, "permission denied for database")
    }
    try expectFailure(ended, "resources", "cannot create a schema")
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
    try expectFailure(back, "rollbackReadiness", "the schema differs from before")
    #expect(back.document["rollbackReadiness"]?.compact.contains("005_price_lists.down") == true)
    // Of several programs the one that fits the server is taken, and the first of those.
    let version = try psql(fixture.target.url, "show server_version")
    let tools = migrate.folder.path + "/tools"
    migrate.environment["PATH"] = tools + ":" + (migrate.environment["PATH"] ?? "")
    // A pg_restore that does nothing, and says that all is well.
    try fake("pg_restore", version, "exit 0", in: tools)
    let nothing = try migrate.json("validate-all --parts backup")
    try expectFailure(
      nothing, "backupReadiness", "the restored data differs from the dump: 0 rows")
    try fake("pg_dump", version, "echo 'pg_dump: error: no room' >&2; exit 1", in: tools)
    try expectFailure(
      migrate.json("validate-all --parts backup"), "backupReadiness", "pg_dump: error: no room")
    #expect(
      try psql(fixture.target.url, "select count(*) from pg_namespace where nspname ~ '^migrate_'")
        == "0")
  }
}

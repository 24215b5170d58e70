import Foundation
import MigrationCore
import TestSupport
import Testing

/// The commands about the target's schema, the plan and the sample data, in the order of a runbook.
@Suite struct SchemaEndToEndTests {
  let source: TemporaryDatabase
  let target: TemporaryDatabase
  var migrate: Migrate

  init() throws {
    (source, target) = (try TemporaryDatabase("legacy"), try TemporaryDatabase("nxt"))
    migrate = try Migrate()
    migrate.environment["SOURCE_DATABASE_URL"] = source.url
    migrate.environment["DATABASE_URL"] = target.url
    try FileManager.default.copyItem(
      atPath: packageRoot + "/config", toPath: migrate.folder.path + "/config")
  }

  func tables() throws -> Int {
    let count = try psql(
      target.url, "select count(*) from pg_tables where schemaname = 'public'")
    return Int(count) ?? -1
  }

  @Test func fromAnEmptyTargetToAProvenPlan() throws {
    let missing = try migrate("validate-schema")
    #expect(missing.exitCode == 4)
    #expect(missing.output.contains("next: migrate db migrate"), "\(missing.output)")
    #expect(try migrate("db status").output.contains("next: migrate db migrate"))
    let rehearsal = try migrate.json("db migrate --dry-run")
    #expect(rehearsal.exitCode == 0)
    #expect(try tables() == 0)
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try tables() == 7)
    #expect(try migrate.json("db:migrate").document["applied"] == [])
    let valid = try migrate("schema-check")
    #expect(valid.exitCode == 0)
    #expect(!valid.output.contains("next:"))
    #expect(!(try migrate("db status").output.contains("next:")))

    #expect(try migrate("plan check").exitCode == 4)
    #expect(try migrate("sample --rows 200 --dirty 5%").exitCode == 0)
    #expect(try migrate("plan check").exitCode == 0)
    #expect(try migrate("check --plan nxt").exitCode == 0)
    let customers = try psql(source.url, "select count(*) from legacy_customers")
    let manifest = try JSONValue.parse(
      String(contentsOfFile: migrate.folder.path + "/sample-manifest.json", encoding: .utf8))
    #expect(manifest["tables"]?["legacy_customers"]?["rows"] == .int(Int(customers) ?? -1))
  }

  @Test func sampleDataIsTheSameForTheSameSeed() throws {
    let digest = "select md5(string_agg(c::text, chr(10) order by id)) from legacy_customers c"
    #expect(try migrate("sample --rows 300 --seed 7").exitCode == 0)
    let first = try psql(source.url, digest)
    #expect(try migrate("sample --rows 300 --seed 7").exitCode != 0)
    #expect(try migrate("sample --rows 300 --seed 7 --replace").exitCode == 2)
    #expect(try migrate("sample --rows 300 --seed 7 --replace --yes").exitCode == 0)
    #expect(try psql(source.url, digest) == first)
    #expect(try migrate("sample --rows 300 --seed 8 --replace --yes").exitCode == 0)
    #expect(try psql(source.url, digest) != first)
  }

  @Test func takingBackNeedsAConfirmation() throws {
    #expect(try migrate("db migrate").exitCode == 0)
    #expect(try migrate("db rollback").exitCode == 2)
    #expect(try migrate("db rollback 2 --dry-run").exitCode == 0)
    #expect(try tables() == 7)
    #expect(try migrate("db rollback 2 --yes").exitCode == 0)
    #expect(try tables() < 7)
    let (exitCode, document) = try migrate.json("validate-schema")
    #expect(exitCode == 4)
    #expect(document["valid"] == false)
    #expect(try migrate("db rollback many").exitCode == 2)
  }

  /// A runbook drops the schema and deploys it again.
  @Test func aDroppedSchemaIsAppliedAgain() throws {
    #expect(try migrate("db migrate").exitCode == 0)
    try psql(target.url, "drop table upload_history")
    let lacking = try migrate("db migrate")
    #expect(lacking.exitCode == 1)
    #expect(lacking.errors.contains("lacks upload_history"), "\(lacking.errors)")
    try psql(
      target.url,
      "set client_min_messages = warning; drop schema public cascade; create schema public; create extension pg_stat_statements schema public"
    )
    let (exitCode, status) = try migrate.json("db status")
    #expect(exitCode == 0)
    #expect(status["applied"] == [])
    let again = try migrate("db migrate")
    #expect(again.exitCode == 0, "\(again.errors)")
    #expect(try tables() == 7)
    #expect(try migrate("schema-check").exitCode == 0)
  }

  @Test func aChangedFileIsRefused() throws {
    #expect(try migrate("db migrate").exitCode == 0)
    let folder = migrate.folder.path + "/config/nxt/schema"
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted().first {
        $0.hasSuffix(".up.sql")
      })
    let file = folder + "/" + name
    try (String(contentsOfFile: file, encoding: .utf8) + "-- changed\n")
      .write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try migrate("db status").exitCode == 4)
    #expect(try migrate("db migrate").exitCode == 1)
    #expect(try tables() == 7)
  }

  @Test func anotherDifferenceInTheTargetIsFound() throws {
    #expect(try migrate("db migrate").exitCode == 0)
    try psql(target.url, "alter table products alter column sku type text")
    let (exitCode, document) = try migrate.json("validate-schema")
    #expect(exitCode == 4)
    #expect(document.compact.contains("typeDiffers"))
  }

  @Test func theNextPairOfFilesIsWritten() throws {
    let (exitCode, document) = try migrate.json("db generate add_tax_number")
    #expect(exitCode == 0)
    guard case .array(let files)? = document["files"] else { return }
    #expect(files.count == 2)
    for case .text(let file) in files {
      #expect(FileManager.default.fileExists(atPath: migrate.folder.path + "/" + file))
    }
    #expect(try migrate("db generate").exitCode == 2)
  }

  @Test func aFaultInThePlanIsToldWithItsLine() throws {
    let file = migrate.folder.path + "/config/nxt/plan.json5"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try text.replacing("tables:", with: "tabels:", maxReplacements: 1)
      .write(toFile: file, atomically: true, encoding: .utf8)
    let finished = try migrate("plan")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains("plan.json5:"))
    #expect(finished.errors.contains("tables"))
  }

  @Test func anUnknownPlanIsAnErrorThatNamesTheKnownOnes() throws {
    let finished = try migrate("plan --plan ntx")
    #expect(finished.exitCode == 3)
    #expect(finished.errors.contains("nxt"))
  }
}

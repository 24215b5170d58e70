import Foundation
import MigrationCore
import TestSupport
import Testing

/// Values of every type arrive, are compared, and are found if others change them.
@Suite(.serialized) struct EveryTypeEndToEndTests {
  /// There are more than a hundred tables.
  private static let patience = Duration.seconds(300)

  /// A source and a target with a table for each type, and what moves the one into the other.
  private func prepared() throws -> (Migrate, source: TemporaryDatabase, target: TemporaryDatabase)
  {
    let (source, target) = (try TemporaryDatabase("kinds"), try TemporaryDatabase("kindsgoal"))
    try psql(source.url, EveryType.tables + EveryType.rows)
    try psql(target.url, EveryType.tables)
    var migrate = try Undisturbed.prepared(source: source.url, target: target.url)
    try migrate.makePlan("kinds", EveryType.plan)
    migrate.environment["MIGRATION_PLAN"] = "kinds"
    return (migrate, source, target)
  }

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }

  private func contents(_ database: TemporaryDatabase) throws -> [String] {
    try EveryType.all.indices.map {
      try psql(database.url, "select id, v::text from \(EveryType.table($0)) order by id")
    } + [psql(database.url, "select wide::text from wide order by id")]
  }

  @Test func everyTypeIsMovedComparedAndMissedWhereItIsChanged() throws {
    let (migrate, source, target) = try prepared()
    let check = try migrate.json("plan check", timeout: Self.patience)
    #expect(check.exitCode == 0, "\(check.document.compact)")
    let profile = try migrate.json("plan profile", timeout: Self.patience)
    #expect(profile.exitCode == 0, "\(profile.document.compact)")
    let run = try migrate.json("run --all", timeout: Self.patience)
    #expect(run.exitCode == 0, "\(run.document.compact)")
    #expect(try contents(source) == contents(target))
    let validation = try migrate.json("validate --all --samples all", timeout: Self.patience)
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
    let found = items(validation.document["fingerprintValidation"]?["findings"])
    #expect(found.isEmpty, "\(found.map(\.compact))")

    try psql(target.url, EveryType.changes)
    for layer in ["fingerprint", "layers records --samples all"] {
      let found = try migrate.json("validate --\(layer)", timeout: Self.patience)
      #expect(found.exitCode == 4)
      let member = layer == "fingerprint" ? "fingerprintValidation" : "sampleRecordValidation"
      let told = Set(
        items(found.document[member]?["fieldMismatches"]).compactMap {
          "\($0["table"]?.textValue ?? "").\($0["column"]?.textValue ?? "")"
        })
      for (number, type) in EveryType.all.enumerated() {
        #expect(told.contains("\(EveryType.table(number)).v"), "\(layer): \(type.type)")
        #expect(told.contains("wide.c\(number)"), "\(layer): wide, \(type.type)")
      }
    }
  }

  @Test func changedRowsOfEveryTypeAreRolledBack() throws {
    let (migrate, source, target) = try prepared()
    defer { withExtendedLifetime(source) {} }
    #expect(try migrate("run --all", timeout: Self.patience).exitCode == 0)
    try psql(target.url, EveryType.changes)
    let preview = try migrate.json("rollback --session latest --dry-run", timeout: Self.patience)
    #expect(preview.exitCode == 0, "\(preview.document.compact)")
    let changed = items(preview.document["tables"]).filter { $0["changed"] == .int(1) }
    #expect(changed.count == EveryType.all.count + 1, "\(preview.document.compact)")
    let undone = try migrate.json("rollback --session latest --force --yes", timeout: Self.patience)
    #expect(undone.exitCode == 0, "\(undone.document.compact)")
    let left = EveryType.all.indices.map { "(select count(*) from \(EveryType.table($0)))" }
    #expect(
      try psql(target.url, "select \(left.joined(separator: " + ")) + (select count(*) from wide)")
        == "0")
  }

  @Test func corruptedRowsOfEveryTypeAreTakenOutAndBroughtAgain() throws {
    let (migrate, source, target) = try prepared()
    #expect(try migrate("run --all", timeout: Self.patience).exitCode == 0)
    try psql(target.url, EveryType.changes)
    let undone = try migrate.json("rollback --corrupted --yes", timeout: Self.patience)
    #expect(undone.exitCode == 0, "\(undone.document.compact)")
    let retried = try migrate.json("retry", timeout: Self.patience)
    #expect(retried.exitCode == 0, "\(retried.document.compact)")
    #expect(try contents(source) == contents(target))
    let validation = try migrate.json("validate --all --samples all", timeout: Self.patience)
    #expect(validation.exitCode == 0, "\(validation.document.compact)")
    let explained = try migrate.json("plan explain wide --limit 3", timeout: Self.patience)
    #expect(explained.exitCode == 0, "\(explained.document.compact)")
  }
}

import Foundation
import MigrationCore
import Mongo
import TestSupport
import Testing

/// The NextCRM migration as a whole: 29 collections with every kind of fault into 39 tables, each
/// row of each table held against its document.
@Suite(.serialized) struct NextCRMEndToEndTests {
  private let facts: NextCRMFacts
  private let manifest: JSONValue

  init() throws {
    facts = try NextCRMFacts.shared.get()
    manifest = try NextCRMFixture.dump.get().manifest
  }

  /// Undisturbed, or killed again and again: the target is what the documents and the facts say.
  @Test(arguments: [0, 8]) func everyRowIsWhatItsDocumentSays(kills: Int) throws {
    try check(try NextCRMFixture(isLive: true), kills: kills)
  }

  @Test func aDumpBecomesTheSameRows() throws {
    try check(try NextCRMFixture(isLive: false))
  }

  private func check(_ fixture: NextCRMFixture, kills: Int = 0) throws {
    let outcome = try fixture.move(kills: kills)
    let expectation = NextCRMExpectation(facts, manifest: manifest)
    for table in facts.tables {
      if table.isJunction {
        try checkPairs(table, fixture, expectation)
      } else {
        try checkRows(table, fixture, expectation)
      }
      checkBooks(table, outcome)
    }
    #expect(try fixture.migrate("validate-schema").exitCode == 0)
    #expect(
      try psql(
        fixture.target.url,
        """
        select count(*) filter (where convalidated), count(*) from pg_constraint
        where contype = 'f' and connamespace = 'public'::regnamespace
        """) == "52|52")
  }

  private func checkRows(
    _ table: NextCRMFacts.Table, _ fixture: NextCRMFixture, _ expectation: NextCRMExpectation
  ) throws {
    let found = try fixture.rows(table)
    let expected = try expectation.rows(table)
    #expect(!expected.isEmpty, "\(table.name)")
    #expect(Set(found.keys) == Set(expected.keys), "\(table.name)")
    for (id, row) in expected {
      for column in table.columns {
        let (value, wanted) = (found[id]?[column.name]?.leveled, row[column.name]?.leveled)
        #expect(value == wanted, "\(table.name) \(id) \(column.name)")
      }
    }
  }

  private func checkPairs(
    _ table: NextCRMFacts.Table, _ fixture: NextCRMFixture, _ expectation: NextCRMExpectation
  ) throws {
    let columns = table.columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
    let lines = try psql(fixture.target.url, "select \(columns) from \"\(table.name)\"")
    let found = lines.split(separator: "\n").map { $0.split(separator: "|").map(String.init) }
    let expected = try expectation.pairs(table)
    #expect(!expected.isEmpty, "\(table.name)")
    #expect(found.count == expected.count, "\(table.name)")
    #expect(Set(found) == expected, "\(table.name)")
  }

  /// The row counts say what the manifest says.
  private func checkBooks(_ table: NextCRMFacts.Table, _ outcome: JSONValue) {
    guard case .array(let sheets)? = outcome["tables"],
      let sheet = sheets.first(where: { $0["table"]?.textValue == table.name })
    else {
      Issue.record("no books of \(table.name)")
      return
    }
    let wanted = manifest[table.isJunction ? "junctions" : "tables"]?[table.name]
    let pairs = [
      ("read", table.isJunction ? "read" : "rows"), ("loaded", "loaded"),
      ("quarantined", "quarantined"),
    ]
    for (own, other) in pairs + (table.isJunction ? [("merged", "merged")] : []) {
      #expect(sheet[own] == wanted?[other], "\(table.name) \(own)")
    }
    #expect(sheet["closes"] == true)
    if table.isJunction {
      let sides = (wanted?["onlyFirst"]?.intValue ?? 0) + (wanted?["onlySecond"]?.intValue ?? 0)
      #expect(sheet["asymmetric"] == .int(sides), "\(table.name)")
    } else {
      #expect(sheet["warnings"] == wanted?["warned"], "\(table.name)")
    }
  }

  @Test func aDatabaseThatHoldsTheCollectionsIsLeftAlone() throws {
    let fixture = try NextCRMFixture(isLive: true)
    let again = try fixture.migrate("sample --rows 10")
    #expect(again.exitCode == 1)
    #expect(again.errors.contains("--replace"))
    let replaced = try fixture.migrate.json("sample --rows 10 --replace --yes")
    #expect(replaced.exitCode == 0)
    #expect(replaced.document["tables"]?["crm_Contacts"]?["rows"] == 10)
    #expect(try fixture.migrate("sample --rows 10 --to postgres://x/y").exitCode == 2)
  }

  @Test func thePlanFitsTheTargetWithoutAWarning() throws {
    let fixture = try NextCRMFixture(isLive: true)
    #expect(try fixture.migrate("db migrate").exitCode == 0)
    let (exitCode, document) = try fixture.migrate.json("plan check")
    #expect(exitCode == 0)
    #expect(document["faults"] == [])
  }
}

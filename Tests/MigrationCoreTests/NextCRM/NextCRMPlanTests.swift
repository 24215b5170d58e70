import Foundation
import TestSupport
import Testing

@testable import MigrationPlan

/// The NextCRM plan keeps to the facts, table by table.
@Suite struct NextCRMPlanTests {
  private let facts: NextCRMFacts
  private let plan: Plan

  init() throws {
    facts = try NextCRMFacts.shared.get()
    plan = try PlanReader.read(file: packageRoot + "/config/nextcrm/plan.json5")
  }

  @Test func hasEveryTableInItsPhase() {
    #expect(plan.tables.count == 39)
    #expect(
      plan.phases == Dictionary(uniqueKeysWithValues: facts.phases.map { ($0.number, $0.title) }))
    let phases = Dictionary(uniqueKeysWithValues: plan.tables.map { ($0.name, $0.phase) })
    for table in facts.tables { #expect(phases[table.name] == table.phase, "\(table.name)") }
    #expect(plan.tables.map(\.phase) == plan.tables.map(\.phase).sorted())
  }

  @Test func feedsEveryColumnFromItsField() throws {
    for table in facts.tables where !table.isJunction {
      let feed = try #require(plan.tables.first { $0.name == table.name }?.feeds.first)
      #expect(feed.from == table.name)
      #expect(Set(feed.columns.map(\.column)) == Set(table.columns.map(\.name)), "\(table.name)")
      for column in table.columns {
        let rule = feed.columns.first { $0.column == column.name }?.rule
        let field = try #require(column.field?.name)
        #expect(rule?.sourceColumns.contains(field) == true, "\(table.name).\(column.name)")
      }
    }
  }

  /// A foreign key is looked up where it leads to; what may be null outlives an orphan.
  @Test func looksUpEveryForeignKey() throws {
    for table in facts.tables {
      let feeds = try #require(plan.tables.first { $0.name == table.name }).feeds
      for (feed, key) in feeds.flatMap({ feed in table.foreignKeys.map { (feed, $0) } }) {
        let references = feed.columns.first { $0.column == key.column }?.rule.references ?? []
        #expect(references.map(\.table) == [key.table], "\(table.name).\(key.column)")
        let isNotNull = table.columns.first { $0.name == key.column }?.isNotNull == true
        #expect(references.map(\.orphan) == [isNotNull ? .quarantine : .null])
      }
    }
  }

  @Test func readsBothSidesOfEveryRelation() throws {
    var arrays: Set<String> = []
    for table in facts.tables where table.isJunction {
      let plan = try #require(plan.tables.first { $0.name == table.name })
      #expect(plan.merge == .union)
      #expect(
        plan.feeds.map { "\($0.from).\($0.each?.joined() ?? "")" }
          == table.pairs.map { "\($0.collection).\($0.field)" })
      arrays.formUnion(table.pairs.map { "\($0.collection).\($0.field)" })
    }
    let left = facts.tables.flatMap { table in table.left.map { "\(table.name).\($0.name)" } }
    #expect(arrays == Set(left))
  }
}

import Foundation
import Testing

@testable import MigrationCore

@Suite struct PlanShippedTests {
  static func nxt() throws -> Plan {
    try PlanReader.read(file: packageRoot.appending(path: "config/nxt/plan.json5").path)
  }

  @Test func readsWithoutFault() throws {
    let plan = try Self.nxt()
    #expect(plan.name == "nxt")
    #expect(
      plan.tables.map(\.command) == [
        "customers", "suppliers", "products", "inventory", "price-lists", "price-list-items",
        "upload-history",
      ])
  }
}

import Testing

@testable import MigrationPlan

@Suite struct PlanOrderTests {
  /// A table with references to others, by the only way that circles may take.
  private func table(_ name: String, phase: Int = 1, _ references: String...) -> TablePlan {
    let place = PlanPlace(file: "p", line: 1, column: 1)
    let columns = references.map { other in
      let way = Reference.Way(column: "id", value: .identity(entity: other, .source([other])))
      return ColumnRule(
        column: "\(other)_id",
        rule: .reference(Reference(table: other, ways: [way], orphan: .null)), place: place)
    }
    let feed = Feed(from: name, key: ["id"], columns: columns, place: place)
    return TablePlan(name: name, command: name, phase: phase, feeds: [feed], place: place)
  }

  @Test func fileOrderStaysWhereNothingRefers() {
    let order = PlanOrder([table("c"), table("a"), table("b")])
    #expect(order.tables.map(\.name) == ["c", "a", "b"])
    #expect(order.cycles.isEmpty)
  }

  @Test func referencedTablesComeFirst() {
    let order = PlanOrder([
      table("items", "lists"), table("lists", "suppliers", "lists"), table("free"),
      table("suppliers"),
    ])
    #expect(order.tables.map(\.name) == ["free", "suppliers", "lists", "items"])
    #expect(order.cycles.isEmpty)
  }

  @Test func phasesGoBeforeTheOrderOfTheFile() {
    let order = PlanOrder([
      table("late", phase: 3), table("early", phase: 1), table("mid", phase: 2),
    ])
    #expect(order.tables.map(\.name) == ["early", "mid", "late"])
  }

  @Test func circlesStandTogether() {
    let order = PlanOrder([
      table("last", "a"), table("a", "b"), table("first"), table("b", "c", "first"),
      table("c", "a"),
    ])
    #expect(order.tables.map(\.name) == ["first", "a", "b", "c", "last"])
    #expect(order.cycles == [["a", "b", "c"]])
  }

  @Test func twoCirclesInOrder() {
    let order = PlanOrder([
      table("d", "c"), table("c", "d", "a"), table("a", "b"), table("b", "a"),
    ])
    #expect(order.cycles == [["a", "b"], ["d", "c"]])
    #expect(order.tables.map(\.name) == ["a", "b", "d", "c"])
  }

  @Test func longChainsDoNotOverflow() {
    let count = 400
    let tables = (0..<count).map { index in
      index + 1 < count ? table("t\(index)", "t\(index + 1)") : table("t\(index)")
    }
    #expect(PlanOrder(tables).tables.first?.name == "t\(count - 1)")
  }

  @Test func overviewTellsOrderAndCircles() throws {
    let overview = PlanOverview(try PlanShippedTests.nxt())
    #expect(overview.rows.map(\.order) == [1, 2, 3, 4, 5, 6, 7])
    let suppliers = overview.rows[1]
    #expect(suppliers.feeds == ["legacy_suppliers", "legacy_vendors"])
    #expect(suppliers.columnCount == 22 && suppliers.chunk == "auto" && suppliers.phase == 2)
    #expect(overview.rows[4].references == ["price_lists", "suppliers"])
    #expect(
      overview.notes.count == 1 && overview.notes[0].hasPrefix("price_lists refers to itself"))
    #expect(overview.json["tables"].map { $0.compact.contains("\"price-list-items\"") } == true)
  }
}

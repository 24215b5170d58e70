import Testing

@testable import MigrationOperations
@testable import MigrationPlan

/// What a rollback is asked to delete is kept in the words of the command line, and read from them.
@Suite struct RollbackScopeTests {
  @Test(arguments: [
    RollbackScope.tables(["a", "b"]), .lastStep, .checkpoint("a_completed"), .session("7"),
    .session("--session of May"),
  ]) func aScopeIsReadAsItIsWritten(_ scope: RollbackScope) {
    #expect(RollbackScope(scope.description) == scope)
    if case .session = scope {
      #expect(scope.isWholeSession)
    } else {
      #expect(!scope.isWholeSession)
    }
  }

  /// A table may have any name.
  @Test func onlyASessionIsAWholeSession() {
    #expect(RollbackScope("--tables --session")?.isWholeSession == false)
    #expect(RollbackScope("--sessions 7") == nil && RollbackScope("") == nil)
  }
}

/// The parts of a rollback that need no server.
@Suite struct RollbackPartsTests {
  @Test func tablesThatReferGoFirst() {
    // 0 ← 1 ← 2, and 3 refers to 0.
    #expect(RollbackOrder(edges: [[], [0], [1], [0]]).groups == [[2], [1], [3], [0]])
    #expect(RollbackOrder(edges: []).groups.isEmpty)
    // A table that refers to itself is no circle.
    #expect(RollbackOrder(edges: [[0], [0]]).groups == [[1], [0]])
  }

  @Test func circlesStandTogether() {
    // 1 and 2 refer to each other, 3 to 1, both to 0.
    #expect(RollbackOrder(edges: [[], [0, 2], [1], [1]]).groups == [[3], [1, 2], [0]])
    #expect(RollbackOrder(edges: [[1], [2], [0]]).groups == [[0, 1, 2]])
  }

  @Test func anyOrderKeepsTheRule() {
    var random = SeededRandom(seed: 3)
    for _ in 0..<200 {
      let count = Int.random(in: 1...12, using: &random)
      let edges = (0..<count).map { _ in
        Set((0..<count).filter { _ in Int.random(in: 0..<6, using: &random) == 0 })
      }
      let groups = RollbackOrder(edges: edges).groups
      #expect(groups.flatMap { $0 }.sorted() == Array(0..<count))
      for (place, group) in groups.enumerated() {
        let later = Set(groups[(place + 1)...].flatMap { $0 })
        #expect(later.allSatisfy { edges[$0].isDisjoint(with: group) })
      }
    }
  }

  @Test(arguments: [
    ("FOREIGN KEY (a) REFERENCES other(id)", "a", "id"),
    ("FOREIGN KEY (a, b) REFERENCES s.other(x, y) ON DELETE SET NULL (a)", "a, b", "x, y"),
    (
      "FOREIGN KEY (\"odd)name\", \"say \"\"(\") REFERENCES \"s)\".\"t(\"(\"Id\") DEFERRABLE",
      "\"odd)name\", \"say \"\"(\"", "\"Id\""
    ),
  ])
  func columnsOfForeignKeysAreRead(definition: String, columns: String, referenced: String) throws {
    let name = QualifiedName(schema: "s", name: "t")
    let ends = try #require(
      ForeignKeyEnds(name: "f", child: name, parent: name, definition: definition))
    #expect(ends.childColumns == columns)
    #expect(ends.parentColumns == referenced)
  }

  @Test func aDefinitionWithoutColumnsIsNone() {
    let name = QualifiedName(schema: "s", name: "t")
    #expect(
      ForeignKeyEnds(name: "f", child: name, parent: name, definition: "CHECK (a > 1)") == nil)
  }
}

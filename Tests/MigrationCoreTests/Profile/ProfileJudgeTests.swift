import Mongo
import Testing

@testable import MigrationOperations
@testable import MigrationPlan

/// What a plan reads is held against what documents have.
@Suite struct ProfileJudgeTests {
  private func findings(
    _ documents: [BSONDocument], feed: String = "", columns: String
  ) throws -> [String] {
    let text = """
      {name: "p", source: {kind: "mongo"}, tables: {t: {from: "things", \(feed) columns: {
        id: "_id", \(columns)}}}}
      """
    let plan = try PlanReader.read(bytes: Array(text.utf8))
    let profiler = DocumentProfiler()
    for document in documents { try document.withView { try profiler.take($0) } }
    let profile = profiler.profile(name: "things", total: documents.count)
    return ProfileJudge(plan: plan).findings(profile).map { "\($0.kind) \($0.path)" }
  }

  @Test func numbersOfElementsAndKeysWithDotsAreKnown() throws {
    let documents: [BSONDocument] = [
      ["_id": 1, "tags": ["x"], "items": [["n": 1]], "odd": ["a.b": 1], "e.f": 1]
    ]
    #expect(
      try findings(
        documents,
        columns:
          #"a: "tags.0", b: {from: "items", path: "0.n"}, c: {from: "odd", path: ["a.b"]}, d: "e.f""#
      ) == [])
  }

  @Test func aDottedNameIsJudgedAsAPath() throws {
    let documents: [BSONDocument] = [["_id": 1, "addr": ["city": "x", "zip": 1]]]
    #expect(try findings(documents, columns: #"c: "addr.city""#) == ["dropped addr.zip"])
    #expect(
      try findings(documents, feed: #"ignore: ["addr.zip"],"#, columns: #"c: "addr.town""#)
        == ["dropped addr.city", "neverThere addr.town"])
  }

  @Test func whatStandsInArraysIsJudgedByItsPath() throws {
    let documents: [BSONDocument] = [
      ["_id": 1, "items": [["options": [["n": 1, "m": 2]], "name": "x"]]]
    ]
    #expect(
      try findings(
        documents, feed: #"each: "items.options","#, columns: #"n: {element: true, path: "n"}"#)
        == ["dropped items[].options[].m", "dropped items[].name"])
  }

  @Test func valuesOnTheWayToElementsAreDropped() throws {
    let documents: [BSONDocument] = [
      ["_id": 1, "items": [["options": [1]], 5]], ["_id": 2, "items": "none"],
    ]
    #expect(
      try findings(documents, feed: #"each: "items.options","#, columns: "n: {element: true}")
        == ["dropped items", "dropped items[]"])
  }

  @Test func aPathThatIsOnlyExpectedIsNotThere() throws {
    let profiler = DocumentProfiler()
    profiler.expect(["owner", "id"], among: IDSet())
    let document: BSONDocument = ["_id": 1]
    try document.withView { try profiler.take($0) }
    #expect(profiler.profile(name: "things", total: 1).fields.map(\.path) == ["_id"])
  }

  @Test func idsInArraysInArraysArePursued() throws {
    let profiler = DocumentProfiler()
    profiler.expect(["items", "owner"], among: IDSet())
    for value: BSONValue in [["owner": 1], [["owner": 1], ["owner": 2]]] {
      let document: BSONDocument = ["_id": 1, "items": value]
      try document.withView { try profiler.take($0) }
    }
    let profile = profiler.profile(name: "things", total: 2)
    #expect(profile["items.owner"]?.oddities[.danglingID]?.count == 1)
    #expect(profile["items[].owner"]?.oddities[.danglingID]?.count == 2)
  }
}

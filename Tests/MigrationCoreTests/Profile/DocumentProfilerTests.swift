import Mongo
import Testing

@testable import MigrationOperations

@Suite("A profile of documents")
struct DocumentProfilerTests {
  private func profile(_ documents: [BSONDocument], ids: [BSONDocument]? = nil) throws
    -> SourceProfile
  {
    let profiler = DocumentProfiler()
    if let ids {
      let known = IDSet()
      let walker = DocumentWalker()
      for id in ids {
        try id.withView { view in
          for field in try walker.walk(view) { known.insert(field) }
        }
      }
      profiler.expect(["owner"], among: known)
      profiler.expect(["tags", "[]"], among: known)
    }
    for document in documents { try document.withView { try profiler.take($0) } }
    return profiler.profile(name: "things", total: documents.count)
  }

  @Test("counts types, nulls and what is missing, at every level")
  func counts() throws {
    let found = try profile([
      ["_id": 1, "a": 1, "b": ["c": "x"]], ["_id": 2, "a": "one", "b": ["c": nil, "d": true]],
      ["_id": 3, "a": nil], ["_id": 4, "a": .int64(5)],
    ])
    #expect(found.examined == 4)
    let a = try #require(found["a"])
    #expect(a.present == 4)
    #expect(a.nulls == 1)
    #expect(a.missing == 0)
    #expect(Set(a.types.map(\.type)) == ["int", "string", "long"])
    #expect(found["b"]?.missing == 2)
    #expect(found["b.c"]?.holders == 2)
    #expect(found["b.c"]?.nulls == 1)
    #expect(found["b.d"]?.missing == 1)
    #expect(found.fields.map(\.path).prefix(2) == ["_id", "a"])
  }

  @Test("looks into arrays, and into documents in them")
  func arrays() throws {
    let found = try profile([
      ["_id": 1, "tags": ["a", "bcd", 3]], ["_id": 2, "tags": [["deep": 1], ["deep": 2.5]]],
      ["_id": 3, "tags": []],
    ])
    #expect(found["tags"]?.longest == 3)
    #expect(found["tags[]"]?.present == 5)
    #expect(found["tags[]"]?.longest == 3)
    #expect(found["tags[].deep"]?.holders == 2)
    #expect(found["tags[].deep"]?.oddities[.fraction]?.count == 1)
  }

  @Test("names what PostgreSQL can't hold, with the documents that have it")
  func oddities() throws {
    let found = try profile([
      ["_id": "first", "t": "a\u{0}b", "d": .date(.max), "n": 3_000_000_000.0],
      ["_id": "second", "t": " blank", "d": .date(0), "n": .double(.nan)],
      ["_id": "third", "t": "", "n": 1e300],
    ])
    #expect(found["t"]?.oddities[.nulByte] == .init(count: 1, examples: ["first"]))
    #expect(found["t"]?.oddities[.outerBlanks] == .init(count: 1, examples: ["second"]))
    #expect(found["t"]?.oddities[.emptyText] == .init(count: 1, examples: ["third"]))
    #expect(found["d"]?.oddities[.dateOutOfRange]?.examples == ["first"])
    #expect(found["n"]?.oddities[.beyondInteger]?.examples == ["first"])
    #expect(found["n"]?.oddities[.notFinite]?.examples == ["second"])
    #expect(found["n"]?.oddities[.beyondBigint]?.examples == ["third"])
    #expect(found["d"]?.smallest == "1970-01-01 00:00:00+00")
  }

  @Test("finds ids that point nowhere, alone and in arrays")
  func danglingIDs() throws {
    let ids: [BSONDocument] = [["_id": 1], ["_id": 2], ["_id": "x"]]
    let found = try profile(
      [
        ["_id": 10, "owner": .int64(2), "tags": ["x", "y"]], ["_id": 11, "owner": 3, "tags": []],
        ["_id": 12, "owner": nil], ["_id": 13, "tags": [1.0, 2.5]],
      ], ids: ids)
    #expect(found["owner"]?.oddities[.danglingID] == .init(count: 1, examples: ["11"]))
    #expect(found["tags[]"]?.oddities[.danglingID] == .init(count: 2, examples: ["10", "13"]))
  }

  @Test("stays readable and small where names are data")
  func manyNames() throws {
    let names = (0..<5000).map { ("key\($0)", BSONValue($0)) }
    let found = try profile([BSONDocument([("_id", 1), ("map", .document(BSONDocument(names)))])])
    #expect(found.fields.count == 2 + PathNode.mostChildren + 1)
    #expect(found["map.*"]?.present == 5000 - PathNode.mostChildren)
  }
}

import MigrationCore
import Testing

@Suite("Reading values from JSON5")
struct JSONAccessTests {
  static let text = """
    {
      name: "nxt", limit: 10.5, chunk: 1000, dry: true, none: null,
      tables: [
        {name: "a"},
        {name: "b", "odd key": {email: 5}, colums: 1},
      ],
    }
    """

  private func plan() throws -> JSONNode { try JSON5.parse(Self.text, file: "config/plan.json5") }

  @Test("returns what is asked for")
  func values() throws {
    let plan = try plan()
    #expect(try plan.required("name").text() == "nxt")
    #expect(try plan.required("limit").double() == 10.5)
    #expect(try plan.required("chunk").integer(in: 1...1000) == 1000)
    #expect(try plan.required("dry").bool())
    #expect(try plan.optional("none") == nil)
    #expect(try plan.optional("missing") == nil)
    #expect(try plan.required("tables").array().count == 2)
    #expect(try plan.object().map(\.key).first == "name")
  }

  @Test("tells path, place, what was expected and what was found")
  func mismatch() throws {
    let email = try #require(try plan()["tables"]?.array()[1]["odd key"]?["email"])
    let error = #expect(throws: JSONShapeError.self) { try email.text() }
    #expect(
      error?.description
        == "tables[1][\"odd key\"].email: expected text, found a number, config/plan.json5:5:36")
  }

  @Test("tells the range that a number must be in")
  func range() throws {
    let chunk = try #require(try plan()["chunk"])
    let error = #expect(throws: JSONShapeError.self) { try chunk.integer(in: 1...500) }
    #expect(
      error?.message == "expected a whole number from 1 to 500, found 1000")
    let limit = try #require(try plan()["limit"])
    #expect(throws: JSONShapeError.self) { try limit.integer() }
  }

  @Test("suggests the key that was meant")
  func unknownKeys() throws {
    let table = try #require(try plan()["tables"]?.array()[1])
    let errors = table.unknownKeys(known: ["name", "columns", "odd key"])
    #expect(
      errors.map(\.description) == [
        "tables[1]: unknown key \"colums\", did you mean columns?, config/plan.json5:5:40"
      ])
  }

  @Test("suggests the word that was meant")
  func choice() throws {
    let node = try JSON5.parse("'postgress'")
    let error = #expect(throws: JSONShapeError.self) { try node.choice(of: ["postgres", "mongo"]) }
    #expect(
      error?.message
        == "expected one of postgres, mongo, found \"postgress\", did you mean postgres?")
  }

  @Test("names a key that is missing")
  func missing() throws {
    let error = #expect(throws: JSONShapeError.self) { try plan().required("target") }
    #expect(error?.description == "the key \"target\" is missing, config/plan.json5:1:1")
  }
}

import Mongo
import Postgres
import Testing

/// Paths through documents and arrays: every value is read, or its row is rejected.
@Suite struct DocumentPathTests {
  /// The texts of all elements that a path leads to; "rejected" for those that are not loaded.
  private func elements(_ path: [String], _ document: BSONDocument) throws -> [String?] {
    let bench = try DocumentBench([("c", Types.text, .element)], each: path)
    return bench.rows(document).map { row in
      guard let row else { return "rejected" }
      return row[0].map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test func eachReadsArraysInArrays() throws {
    let path = ["items", "options"]
    #expect(
      try elements(path, ["_id": 1, "items": [["options": ["a", "b"]], ["options": ["c"]]]])
        == ["a", "b", "c"])
    #expect(try elements(path, ["_id": 1, "items": ["options": ["a", nil]]]) == ["a", nil])
    #expect(
      try elements(
        path,
        [
          "_id": 1,
          "items": [
            [["options": ["deep"]], [["options": "deeper"]]], ["options": "single"],
            ["options": []], ["options": nil], [:], 5, nil, ["options": [["x", "y"], ["z": 1]]],
          ],
        ])
        == ["deep", "deeper", "single", #"["x","y"]"#, #"{"z":1}"#])
    #expect(try elements(path, ["_id": 1, "items": []]) == [])
    #expect(try elements(path, ["_id": 1, "items": 5]) == [])
    #expect(try elements(path, ["_id": 1]) == [])
    #expect(
      try elements(
        ["a", "b", "c"], ["_id": 1, "a": [["b": [["c": [1, 2]], ["c": 3]]], ["b": ["c": 4]]]])
        == ["1", "2", "3", "4"])
  }

  @Test func eachTakesNumbersOfElements() throws {
    let document: BSONDocument = ["_id": 1, "items": [["o": ["a"]], ["o": ["b", "c"]]]]
    #expect(try elements(["items", "1", "o"], document) == ["b", "c"])
    #expect(try elements(["items", "2", "o"], document) == [])
  }

  @Test func aDottedNameIsAPath() throws {
    let bench = try DocumentBench([("c", Types.text, .source(["addr.city"]))])
    #expect(bench.outcome(["_id": 1, "addr": ["city": "Praha"]]) == .text("Praha"))
    #expect(bench.outcome(["_id": 1, "addr": ["zip": 1]]) == .value(nil))
    #expect(bench.outcome(["_id": 1]) == .value(nil))
    // A field of that very name comes first, even where it is null.
    #expect(
      bench.outcome(["_id": 1, "addr": ["city": "Praha"], "addr.city": "Brno"]) == .text("Brno"))
    #expect(
      bench.outcome(["_id": 1, "addr": ["city": "Praha"], "addr.city": nil]) == .value(nil))
    // What one document had is not left over for the next one.
    #expect(bench.outcome(["_id": 1, "addr": ["city": "Zlín"]]) == .text("Zlín"))
  }

  @Test func dottedNamesWorkWhereverNamesDo() throws {
    let first = try DocumentBench([("c", Types.text, .source(["a.b", "c.0.d", "e"]))])
    #expect(first.outcome(["_id": 1, "a": ["b": nil], "c": [["d": "x"]]]) == .text("x"))
    #expect(first.outcome(["_id": 1, "e": "y"]) == .text("y"))
    let step = try DocumentBench([
      ("c", Types.text, .step(.source(["a.b"]), .otherwise(.source(["c.d"]))))
    ])
    #expect(step.outcome(["_id": 1, "c": ["d": "x"]]) == .text("x"))
    let object = try DocumentBench([
      ("c", Types.jsonb, .object([(key: "k", rule: .source(["a.b"]))]))
    ])
    #expect(object.outcome(["_id": 1, "a": ["b": 5]]) == .json(#"{"k":5}"#))
    let condition = try DocumentBench([
      (
        "c", Types.text,
        .conditional(
          .equals(.source(["a.b"]), ["x"]), then: .constant("yes"), otherwise: .constant("no"))
      )
    ])
    #expect(condition.outcome(["_id": 1, "a": ["b": "x"]]) == .text("yes"))
    // A part of what a dotted name leads to.
    let part = try DocumentBench([("c", Types.text, .part(.source(["a.b"]), path: ["c"]))])
    #expect(part.outcome(["_id": 1, "a": ["b": ["c": "x"]]]) == .text("x"))
    #expect(part.outcome(["_id": 1, "a.b": ["c": "y"]]) == .text("y"))
    // Names that can be no paths.
    for name in [".a", "a.", "a..b", "."] {
      let odd = try DocumentBench([("c", Types.text, .source([name]))])
      #expect(
        odd.outcome(BSONDocument([("_id", BSONValue(1)), (name, BSONValue("x"))])) == .text("x"))
      #expect(odd.outcome(["_id": 1, "a": ["b": "z"]]) == .value(nil))
    }
  }

  @Test func aPathThroughAnArrayIsRejected() throws {
    func part(_ value: BSONValue, _ path: String...) throws -> Outcome {
      try transform(value, to: Types.text, .part(.source(["v"]), path: path))
    }
    #expect(try part([["n": "x"]], "n") == .rejected(.pathIntoArray))
    #expect(try part(["a": [["n": "x"]]], "a", "n") == .rejected(.pathIntoArray))
    #expect(try part(["a": [["n": "x"]]], "a", "0", "n") == .text("x"))
    #expect(try part(["a": [[["n": "x"]]]], "a", "0", "n") == .rejected(.pathIntoArray))
    // If there is no element, there is no value either.
    #expect(try part([], "n") == .value(nil))
    #expect(try part(["a": []], "a", "n") == .value(nil))
    let dotted = try DocumentBench([("c", Types.text, .source(["v.n"]))])
    #expect(dotted.outcome(["_id": 1, "v": [["n": "x"]]]) == .rejected(.pathIntoArray))
  }

  @Test func aPathThroughAValueThatIsNoDocumentIsRejected() throws {
    func part(_ value: BSONValue, _ path: String...) throws -> Outcome {
      try transform(value, to: Types.text, .part(.source(["v"]), path: path))
    }
    #expect(try part(["a": 5], "a", "b") == .rejected(.notJSON))
    #expect(try part(["a": "text"], "a", "b") == .rejected(.notJSON))
    #expect(try part(["a": nil], "a", "b") == .value(nil))
    // A text that is JSON is looked into, wherever it is.
    #expect(try part(["a": #"{"b":"x"}"#], "a", "b") == .text("x"))
    #expect(try part(#"{"a":{"b":"x"}}"#, "a", "b") == .text("x"))
    #expect(try part(#"{"a":5}"#, "a", "b") == .rejected(.notJSON))
    #expect(try part(#"{"a":null}"#, "a", "b") == .value(nil))
    #expect(try part(#"{"a":[{"b":1}]}"#, "a", "b") == .rejected(.pathIntoArray))
    #expect(try part(#"{"a":[ ]}"#, "a", "b") == .value(nil))
    #expect(try part(#"{"a":[{"b":1}]}"#, "a", "0", "b") == .text("1"))
  }

  @Test func aKeyIsReadWithoutTheRestOfTheDocument() throws {
    let bench = try DocumentBench([("c", Types.text, .element)], each: ["list"])
    let document: BSONDocument = ["_id": 7, "list": ["a", "b"]]
    var bytes = document.bytes
    // Behind the key nothing can be read: reading it would show a damaged document.
    for index in 13..<bytes.count - 1 { bytes[index] = 0xFF }
    let key = bytes.withUnsafeBytes { bench.machine.key($0, element: 1) }
    #expect(key == ["_id": ["$numberInt": "7"], "element": 1])
  }

  @Test func goingToElementsInTurnVisitsEachOnce() throws {
    let bench = try DocumentBench([("c", Types.text, .element)], each: ["list"])
    let document: BSONDocument = [
      "_id": 1, "list": .array(BSONArray((0..<1000).map { .int32($0) })),
    ]
    document.withUnsafeBytes { bytes in
      var visited = 0
      for element in stride(from: 1, to: 1000, by: 3) {
        visited += bench.machine.goTo(element, of: bytes, isOpen: element > 1)
        #expect(bench.machine.run(bytes, element: element, into: bench.buffer) == .row)
        let row = bench.machine.withTargetRow { Wire.fields($0) }
        #expect(row[0] == Wire.text("\(element)"))
      }
      #expect(visited == 998)
      // Backwards is from the start.
      #expect(bench.machine.goTo(4, of: bytes, isOpen: true) == 5)
    }
  }
}

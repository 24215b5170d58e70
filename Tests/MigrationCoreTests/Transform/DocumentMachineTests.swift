import AllocationCounter
import Foundation
import Mongo
import Postgres
import Testing

@testable import MigrationCore

@Suite struct DocumentMachineTests {
  private static let id = ObjectID("65a1b2c3d4e5f60718293a4b")

  @Test func fieldsAreFoundWhateverTheirOrder() throws {
    let bench = try DocumentBench([
      ("a", Types.text, .source(["a"])), ("b", Types.int4, .source(["b"])),
      ("long_name_of_a_field", Types.text, .source(["long_name_of_a_field"])),
    ])
    let expected = [Wire.text("x"), Wire.integer(Int32(7)), Wire.text("y")]
    #expect(
      bench.rows(["_id": 1, "a": "x", "b": 7, "long_name_of_a_field": "y"]) == [expected])
    #expect(
      bench.rows(["long_name_of_a_field": "y", "b": 7, "c": 1, "a": "x", "_id": 1]) == [expected])
    #expect(bench.rows(["_id": 1]) == [[nil, nil, nil]])
    // Of a field that comes twice the last counts.
    #expect(bench.rows(["a": "first", "a": "x"])[0]?[0] == Wire.text("x"))
  }

  @Test func missingNullAndEmptyAreToldApart() throws {
    let rule = Rule.conditional(
      .isNull(.source(["v"])), then: .constant("none"), otherwise: .source(["v"]))
    let bench = try DocumentBench([("c", Types.text, rule)])
    #expect(bench.outcome(["_id": 1]) == .text("none"))
    #expect(bench.outcome(["_id": 1, "v": nil]) == .text("none"))
    #expect(bench.outcome(["_id": 1, "v": .undefined]) == .text("none"))
    #expect(bench.outcome(["_id": 1, "v": ""]) == .text(""))
    #expect(bench.outcome(["_id": 1, "v": [:]]) == .text("{}"))
    #expect(bench.outcome(["_id": 1, "v": []]) == .text("[]"))
  }

  @Test func pathsLeadIntoDocumentsAndArrays() throws {
    let value: BSONValue = ["b": ["c": 5, "list": ["x", ["y": "z"]]]]
    func part(_ path: String...) throws -> Outcome {
      try transform(value, to: Types.text, .part(.source(["v"]), path: path))
    }
    #expect(try part("b", "c") == .text("5"))
    #expect(try part("b", "list", "0") == .text("x"))
    #expect(try part("b", "list", "1", "y") == .text("z"))
    #expect(try part("b", "none") == .value(nil))
    #expect(try part("b", "list", "2") == .value(nil))
    #expect(try part("b", "c", "d") == .value(nil))
    #expect(try part("b") == .text(#"{"c":5,"list":["x",{"y":"z"}]}"#))
    #expect(
      try transform(5, to: Types.text, .part(.source(["v"]), path: ["a"])) == .rejected(.notJSON))
  }

  @Test func objectIDsBecomeUuidsThatCanBeReadBack() throws {
    let id = try #require(Self.id)
    let uuid = try Wire.uuid("65a1b2c3-d4e5-8f60-8718-293a4b000000")
    let rule = Rule.identity(entity: "customer", .source(["v"]))
    #expect(try transform(.objectID(id), to: Types.uuid, rule) == .value(uuid))
    #expect(try transform(.objectID(id), to: Types.uuid) == .value(uuid))
    #expect(try transform("65A1B2C3D4E5F60718293A4B", to: Types.uuid, rule) == .value(uuid))
    #expect(ObjectIDUUID.id(of: uuid) == id.bytes)
    #expect(ObjectIDUUID.id(of: try Wire.uuid("65a1b2c3-d4e5-4f60-8718-293a4b000000")) == nil)
    #expect(ObjectIDUUID.id(of: try Wire.uuid("65a1b2c3-d4e5-8f60-8718-293a4b000001")) == nil)
    // Other ids are made of their text, as those of tables are.
    #expect(
      try transform(5, to: Types.text, rule)
        == .text(EntityIdentity.uuid(of: "5", entity: "customer")))
  }

  @Test func uuidsOfObjectIDsSortAsTheyDo() throws {
    var random = SystemRandomNumberGenerator()
    var ids = (0..<500).map { _ in (0..<12).map { _ in UInt8.random(in: 0...255, using: &random) } }
    ids.sort { $0.lexicographicallyPrecedes($1) }
    let uuids = ids.map { id in
      [UInt8](unsafeUninitializedCapacity: 16) { space, count in
        count = 16
        id.withUnsafeBytes { source in
          if let start = source.baseAddress, let place = space.baseAddress {
            ObjectIDUUID.write(start, to: UnsafeMutableRawPointer(place))
          }
        }
      }
    }
    #expect(zip(uuids, uuids.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    #expect(uuids.map(ObjectIDUUID.id) == ids)
  }

  @Test func everyElementIsARow() throws {
    let bench = try DocumentBench(
      [
        ("parent", Types.text, .source(["_id"])), ("child", Types.text, .element),
        ("tag", Types.text, .part(.source(["more"]), path: ["tag"])),
      ], each: ["more", "list"], notNull: ["child"])
    func rows(_ list: BSONValue) -> [[[UInt8]?]?] {
      bench.rows(["_id": 1, "more": ["tag": "t", "list": list]])
    }
    let one = Wire.text("1")
    #expect(
      rows(["a", "b"]) == [
        [one, Wire.text("a"), Wire.text("t")], [one, Wire.text("b"), Wire.text("t")],
      ])
    #expect(rows([]) == [])
    #expect(rows(nil) == [])
    #expect(bench.rows(["_id": 1]) == [])
    // A single value counts as an array of one, as `$unwind` has it.
    #expect(rows("a") == [[one, Wire.text("a"), Wire.text("t")]])
    #expect(rows(["a", nil, "c"]).map { $0 == nil } == [false, true, false])
  }

  @Test func damagedDocumentsAreRejected() throws {
    let bench = try DocumentBench([("c", Types.text, .source(["v"]))])
    let good: BSONDocument = ["_id": 1, "v": ["deep": ["a": 1]], "w": "text"]
    for cut in 0..<good.bytes.count {
      let bytes = Array(good.bytes.prefix(cut))
      bytes.withUnsafeBytes {
        #expect(bench.machine.run($0, into: bench.buffer) == .rejected)
      }
    }
    #expect(bench.machine.reject.reason == .corruptRow)
  }

  /// Random changes of bytes never read beyond the document, and never trap.
  @Test func changedBytesAreReadSafely() throws {
    let bench = try DocumentBench(
      [
        ("a", Types.jsonb, .source(["v"])), ("b", Types.textArray, .source(["list"])),
        ("c", Types.text, .part(.source(["v"]), path: ["deep", "a"])),
      ])
    let good: BSONDocument = [
      "_id": 1, "v": ["deep": ["a": 1.5, "r": .regex(BSONRegex(pattern: "a"))], "d": .date(5)],
      "list": ["x", "y"], "code": .javascriptWithScope("f", ["s": 1]),
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      // Exactly as large as it is, so that a sanitizer would see a read beyond.
      let space = UnsafeMutableRawBufferPointer.allocate(
        byteCount: good.bytes.count, alignment: 1)
      defer { space.deallocate() }
      space.copyBytes(from: good.bytes)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        space[Int.random(in: 0..<space.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      bench.buffer.removeAll()
      _ = bench.machine.run(UnsafeRawBufferPointer(space), into: bench.buffer)
    }
  }

  @Test func noDocumentAllocatesAfterTheFirst() throws {
    let bench = try DocumentBench(
      [
        ("id", Types.uuid, .identity(entity: "t", .source(["_id"]))),
        ("name", Types.varchar(50), .step(.source(["name"]), .trim)),
        ("at", Types.timestamp(3), .source(["at"])), ("n", Types.int4, .source(["n"])),
        ("amount", Types.numeric(12, 2), .source(["amount"])),
        ("score", Types.float8, .source(["score"])), ("tags", Types.textArray, .source(["tags"])),
        ("address", Types.jsonb, .source(["address"])),
        ("city", Types.text, .part(.source(["address"]), path: ["city"])),
      ])
    let documents = try (0..<50).map { number -> BSONDocument in
      [
        "_id": .objectID(try #require(Self.id)), "name": " Somebody ",
        "at": .date(1_700_000_000_123),
        "n": .int64(Int64(number)), "amount": .decimal128(try #require(Decimal128("12.50"))),
        "score": .double(0.5), "tags": ["a", "b"],
        "address": ["city": "Praha", "ids": [.objectID(try #require(Self.id))], "zip": 11_000],
      ]
    }
    let space = UnsafeMutableRawBufferPointer.allocate(
      byteCount: documents.reduce(0) { $0 + $1.bytes.count }, alignment: 1)
    defer { space.deallocate() }
    space.copyBytes(from: documents.flatMap(\.bytes))
    let lengths = UnsafeMutableBufferPointer<Int>.allocate(capacity: documents.count)
    defer { lengths.deallocate() }
    for (index, document) in documents.enumerated() { lengths[index] = document.bytes.count }
    func run(times: Int) -> Int {
      var loaded = 0
      for _ in 0..<times {
        var offset = 0
        for index in 0..<lengths.count {
          let row = UnsafeRawBufferPointer(rebasing: space[offset..<offset + lengths[index]])
          if bench.machine.run(row, into: bench.buffer) == .row { loaded += 1 }
          offset += lengths[index]
        }
        bench.buffer.removeAll()
      }
      return loaded
    }
    #expect(run(times: 2) == 100)
    let before = allocation_count()
    let loaded = run(times: 200)
    let after = allocation_count()
    #expect(loaded == 10_000)
    #expect(after - before == 0)
  }

  @Test func elementsAllocateNothingEither() throws {
    let bench = try DocumentBench(
      [("p", Types.uuid, .source(["_id"])), ("c", Types.uuid, .element)], each: ["list"])
    let id = BSONValue.objectID(try #require(Self.id))
    let document: BSONDocument = [
      "_id": id, "list": .array(BSONArray((0..<1000).map { _ in id })),
    ]
    func run() -> Int {
      var count = 0
      document.withUnsafeBytes { bytes in
        guard bench.machine.open(bytes) else { return }
        while bench.machine.next() {
          if bench.machine.run(bytes, element: 0, into: bench.buffer) == .row { count += 1 }
        }
      }
      bench.buffer.removeAll()
      return count
    }
    #expect(run() == 1000)
    let before = allocation_count()
    let count = run()
    #expect(allocation_count() == before)
    #expect(count == 1000)
  }

  @Test func largeAndDeepDocumentsPass() throws {
    var builder = BSONBuilder()
    builder.append("_id", 1)
    for number in 0..<10_000 { builder.append("field\(number)", .int32(Int32(number))) }
    let wide = try DocumentBench([("c", Types.int4, .source(["field9999"]))])
    #expect(wide.outcome(builder.document) == .value(Wire.integer(Int32(9999))))

    var deep: BSONValue = "bottom"
    for _ in 0..<100 { deep = ["d": deep] }
    let text =
      String(repeating: #"{"d":"#, count: 100) + #""bottom""# + String(repeating: "}", count: 100)
    #expect(try transform(deep, to: Types.jsonb) == .json(text))

    let large = String(repeating: "x", count: 15 << 20)
    let outcome = try transform(["text": BSONValue(large)], to: Types.jsonb)
    #expect(outcome == .json(#"{"text":""# + large + #""}"#))
  }

  @Test func quarantinedDocumentsAreKeptWhole() throws {
    let bench = try DocumentBench([("c", Types.int4, .source(["v"]))])
    let document: BSONDocument = [
      "_id": .objectID(try #require(Self.id)), "v": "no number", "n": .int64(5), "d": .double(1),
    ]
    document.withUnsafeBytes { bytes in
      #expect(bench.machine.run(bytes, into: bench.buffer) == .rejected)
      #expect(
        bench.machine.sourceRow(bytes)
          == [
            "_id": ["$oid": "65a1b2c3d4e5f60718293a4b"], "v": "no number",
            "n": ["$numberLong": "5"], "d": ["$numberDouble": "1.0"],
          ])
      #expect(bench.machine.key(bytes) == ["_id": ["$oid": "65a1b2c3d4e5f60718293a4b"]])
    }
    #expect(bench.machine.reject.value == "no number")
  }

  @Test func textThatIsNotUTF8IsKeptByItsBytes() throws {
    let bench = try DocumentBench([("c", Types.text, .source(["v"]))])
    let document: BSONDocument = ["_id": 1, "v": .string(BSONText(bytes: [0x61, 0xFF]))]
    #expect(bench.outcome(document) == .rejected(.badUTF8))
    document.withUnsafeBytes { bytes in
      let row = bench.machine.sourceRow(bytes)
      #expect(row["document"]?["v"] == "a\u{FFFD}")
      #expect(row["bytes"]?["$binary"]?["base64"] != nil)
    }
  }
}

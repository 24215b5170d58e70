import Foundation
import Mongo
import Postgres
import Testing

@testable import MigrationPlan
@testable import MigrationRows

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

  @Test func columnsOfRareTypesGetText() throws {
    let bench = try DocumentBench([
      ("id", Types.int4, .source(["_id"])), ("c", Types.interval, .source(["v"])),
    ])
    #expect(bench.program.copyForm == .text)
    let document: BSONDocument = ["_id": 1, "v": "1 day"]
    let verdict = document.withUnsafeBytes { bench.machine.run($0, into: bench.buffer) }
    #expect(verdict == .row)
    #expect(bench.buffer.withBytes { String(decoding: $0, as: UTF8.self) } == "1\t1 day\n")
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
    #expect(try part("b", "c", "d") == .rejected(.notJSON))
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

import AllocationCounter
import Foundation
import Mongo
import Postgres
import Testing

/// Documents of every size go through without a call for memory for each.
@Suite struct DocumentMemoryTests {
  private static let id = ObjectID("65a1b2c3d4e5f60718293a4b")

  @Test(.enabled(if: allocations_are_counted())) func noDocumentAllocatesAfterTheFirst() throws {
    let bench = try DocumentBench(
      [
        ("id", Types.uuid, .identity(entity: "t", .source(["_id"]))),
        ("name", Types.varchar(50), .step(.source(["name"]), .trim)),
        ("at", Types.timestamp(3), .source(["at"])), ("n", Types.int4, .source(["n"])),
        ("amount", Types.numeric(12, 2), .source(["amount"])),
        ("score", Types.float8, .source(["score"])), ("tags", Types.textArray, .source(["tags"])),
        ("address", Types.jsonb, .source(["address"])),
        ("city", Types.text, .part(.source(["address"]), path: ["city"])),
        ("zip", Types.int4, .source(["address.zip", "zip.code"])),
        ("more", Types.jsonb, .object([(key: "zip", rule: .source(["address.zip"]))])),
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

  @Test(.enabled(if: allocations_are_counted())) func elementsAllocateNothingEither() throws {
    let bench = try DocumentBench(
      [("p", Types.uuid, .source(["_id"])), ("c", Types.uuid, .element)], each: ["list", "ids"])
    let id = BSONValue.objectID(try #require(Self.id))
    let ids = BSONArray((0..<10).map { _ in id })
    let document: BSONDocument = [
      "_id": id, "list": .array(BSONArray((0..<100).map { _ in ["ids": .array(ids)] })),
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

  @Test func deeperThanAnyServerStoresIsRefused() throws {
    var deep: BSONValue = "bottom"
    for _ in 0..<2000 { deep = ["d": deep] }
    #expect(try transform(deep, to: Types.jsonb) == .rejected(.corruptRow))
    #expect(
      try transform(deep, to: Types.jsonb, .part(.source(["v"]), path: ["d"]))
        == .rejected(.corruptRow))
  }
}

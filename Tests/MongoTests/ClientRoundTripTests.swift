import Foundation
import Mongo
import TestSupport
import Testing

@Suite struct ClientRoundTripTests {
  @Test func everyTypeComesBackToTheByte() throws {
    let scratch = try ScratchDatabase()
    let namespace = scratch.namespace("types")
    let samples = Self.values.enumerated().map { index, value in
      BSONDocument([("_id", BSONValue(index)), ("value", value)])
    }
    #expect(Set(Self.values.map(\.type)) == Set(BSONType.allCases))
    try scratch.client.insert(samples, into: namespace)
    let read = try scratch.documents(of: namespace)
    #expect(read.map(\.bytes) == samples.map(\.bytes))
  }

  @Test func oddFieldNamesAndOrderComeBackToTheByte() throws {
    let scratch = try ScratchDatabase()
    let namespace = scratch.namespace("names")
    let inner: BSONDocument = ["b": 1, "a": 2, "b": 3, "": 4, "a.b": 5, "é": 6]
    let sample: BSONDocument = ["_id": "x", "": 0, "dotted.name": .document(inner)]
    try scratch.client.insert([sample], into: namespace)
    #expect(try scratch.documents(of: namespace).map(\.bytes) == [sample.bytes])
  }

  @Test func documentsOfSixteenMebibytes() throws {
    let scratch = try ScratchDatabase()
    let namespace = scratch.namespace("large")
    let samples = (0..<3).map { Self.document(id: $0, byteCount: 16 * 1024 * 1024) }
    #expect(samples.allSatisfy { $0.bytes.count == 16 * 1024 * 1024 })
    try scratch.client.insert(samples, into: namespace)
    let read = try scratch.documents(of: namespace)
    #expect(read.map(\.bytes) == samples.map(\.bytes))

    let tooLarge = Self.document(id: 9, byteCount: 16 * 1024 * 1024 + 1)
    let error = #expect(throws: MongoError.self) {
      try scratch.client.insert([tooLarge], into: namespace)
    }
    #expect(error?.disposition == .permanent)
    #expect(try scratch.client.count(namespace) == 3)
  }

  @Test func insertStopsAtTheFirstRefusal() throws {
    let scratch = try ScratchDatabase()
    let namespace = scratch.namespace("duplicates")
    let documents: [BSONDocument] = [["_id": 1], ["_id": 2], ["_id": 1], ["_id": 3]]
    let error = #expect(throws: MongoError.self) {
      try scratch.client.insert(documents, into: namespace)
    }
    #expect(error?.code == .duplicateKey)
    #expect(error?.disposition == .permanent)
    #expect(try scratch.client.count(namespace) == 2)
  }

  private static func document(id: Int, byteCount: Int) -> BSONDocument {
    let frame = BSONDocument([("_id", BSONValue(id)), ("text", "")]).bytes.count
    let text = String(repeating: "x", count: byteCount - frame)
    return BSONDocument([("_id", BSONValue(id)), ("text", BSONValue(text))])
  }

  private static let id = ObjectID(seconds: 1_700_000_000, rest: 0x0102_0304_0506_0708)

  private static let values: [BSONValue] = [
    .double(0.1), .double(-0.0), .double(.nan), .double(-.infinity),
    .double(Double(bitPattern: 0x7FF8_0000_0000_0123)),
    "text", "", "ein \u{1F600} mit \u{0} darin", .string(BSONText(bytes: [0x66, 0xFF, 0xFE])),
    ["nested": ["deeper": [1, "two", nil]]], .document([:]), .array([]),
    .array(BSONArray(stored: ["7": 1, "x": 2])),
    .binary(BSONBinary(subtype: 0, bytes: [])), .binary(BSONBinary(subtype: 0, bytes: [1, 2, 3])),
    .binary(BSONBinary(subtype: 1, bytes: [4])), .binary(BSONBinary(subtype: 2, bytes: [5, 6])),
    .binary(BSONBinary(subtype: 3, bytes: Array(0..<16))),
    .binary(BSONBinary(subtype: 4, bytes: Array(0..<16))),
    .binary(BSONBinary(subtype: 5, bytes: Array(0..<16))),
    .binary(BSONBinary(subtype: 0x80, bytes: [255])),
    .undefined, .objectID(id), true, false, .date(0), .date(.min), .date(.max),
    .date(-62_135_596_800_000), nil,
    .regex(BSONRegex(pattern: "^a.*b$", options: "im")), .regex(BSONRegex(pattern: "")),
    .dbPointer(BSONPointer(namespace: "db.collection", id: id)),
    .javascript("function() { return 1 }"), .symbol("symbol"),
    .javascriptWithScope("return x", ["x": 1]),
    .int32(.min), .int32(.max), .timestamp(BSONTimestamp(seconds: 7, increment: 9)),
    .timestamp(BSONTimestamp(seconds: .max, increment: .max)), .int64(.min), .int64(.max),
    .int64(1), .decimal128(Decimal128(high: 0x3040_0000_0000_0000, low: 1)),
    .decimal128(Decimal128(high: 0x7C00_0000_0000_0000, low: 0)),
    .decimal128(Decimal128(high: 0xF800_0000_0000_0000, low: 0)), .minKey, .maxKey,
  ]
}

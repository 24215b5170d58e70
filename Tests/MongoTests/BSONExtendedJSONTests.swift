import CMongoDriver
import Foundation
import Mongo
import Testing

@Suite("Extended JSON")
struct BSONExtendedJSONTests {
  /// The samples that JSON can hold, and that survive it.
  static let kept = sampleValues.filter {
    ![
      "string that is not UTF-8", "payload NaN", "signalling NaN", "odd decimal",
      "array with odd keys",
    ]
    .contains($0.name)
  }

  @Test("canonical text reads back to the same bytes", arguments: kept.map(\.name))
  func canonical(name: String) throws {
    let value = try #require(Self.kept.first { $0.name == name }?.value)
    let document: BSONDocument = ["x": value]
    let text = try ExtendedJSON(.canonical).text(of: document)
    #expect(try ExtendedJSON.parse(text) == document, "\(text)")
  }

  @Test("the text says what libbson's says", arguments: kept.map(\.name))
  func sameAsLibrary(name: String) throws {
    let document: BSONDocument = ["x": try #require(Self.kept.first { $0.name == name }?.value)]
    for mode in [ExtendedJSON.Mode.canonical, .relaxed] {
      // libbson writes years beyond 9999 as ISO dates, which the specification forbids.
      if mode == .relaxed, name == "late date" { continue }
      let ours = try ExtendedJSON(mode).text(of: document)
      let theirs = try #require(libraryText(of: document, mode))
      #expect(try json(ours) == json(theirs), "\(ours) and \(theirs)")
    }
  }

  @Test(
    "values are written as the specification says",
    arguments: [
      (1.0, #"{"$numberDouble":"1.0"}"#, "1.0"),
      (.double(-0.0), #"{"$numberDouble":"-0.0"}"#, "-0.0"),
      (.double(.nan), #"{"$numberDouble":"NaN"}"#, #"{"$numberDouble":"NaN"}"#),
      (.double(-.infinity), #"{"$numberDouble":"-Infinity"}"#, #"{"$numberDouble":"-Infinity"}"#),
      (.date(0), #"{"$date":{"$numberLong":"0"}}"#, #"{"$date":"1970-01-01T00:00:00Z"}"#),
      (
        .date(1_709_251_199_999), #"{"$date":{"$numberLong":"1709251199999"}}"#,
        #"{"$date":"2024-02-29T23:59:59.999Z"}"#
      ),
      (
        .date(253_402_300_799_999), #"{"$date":{"$numberLong":"253402300799999"}}"#,
        #"{"$date":"9999-12-31T23:59:59.999Z"}"#
      ),
      (
        .date(253_402_300_800_000), #"{"$date":{"$numberLong":"253402300800000"}}"#,
        #"{"$date":{"$numberLong":"253402300800000"}}"#
      ),
      (.date(-1), #"{"$date":{"$numberLong":"-1"}}"#, #"{"$date":{"$numberLong":"-1"}}"#),
      (.int64(7), #"{"$numberLong":"7"}"#, "7"),
      ("a\u{1}\n\"", #""a\u0001\n\"""#, #""a\u0001\n\"""#),
      (.binary(BSONBinary(bytes: [1])), #"{"$binary":{"base64":"AQ==","subType":"00"}}"#, nil),
    ] as [(BSONValue, String, String?)])
  func wording(value: BSONValue, canonical: String, relaxed: String?) throws {
    #expect(try ExtendedJSON(.canonical).text(of: value) == canonical)
    #expect(try ExtendedJSON(.relaxed).text(of: value) == relaxed ?? canonical)
  }

  @Test("text that is not UTF-8 is refused with its place, or replaced")
  func invalidText() throws {
    let document: BSONDocument = ["x": .string(BSONText(bytes: [0x61, 0xFF, 0x62]))]
    #expect(throws: BSONError(.badUTF8, at: 12)) {
      try ExtendedJSON(.canonical).text(of: document)
    }
    #expect(
      try ExtendedJSON(.canonical, invalidText: .replace).text(of: document)
        == "{\"x\":\"a\u{FFFD}b\"}")
  }

  @Test(
    "a refusal names the byte",
    arguments: [
      ("{} x", 3), (#"{"a": 01}"#, 6), (#"{"a": 1,}"#, 8), (#"{"a": {"$oid": "12"}}"#, 6),
      (#"{"a": "\ud800"}"#, 13), ("{\"a\": \"\u{1}\"}", 8), (#"{"a": 1e999}"#, 11),
      (#"{"a" 1}"#, 5),
      (#"{"a\u0000": 1}"#, 10), (#"{"d": {"$date": "2023-02-29T00:00:00Z"}}"#, 6), ("{'a': 1}", 1),
    ])
  func refusalOffset(text: String, offset: Int) {
    let error = #expect(throws: ExtendedJSONError.self) { try ExtendedJSON.parse(text) }
    #expect(error?.offset == offset, "\(String(describing: error))")
  }

  @Test(
    "dates are read with zone and fraction",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:59.9999Z", 1_709_251_199_999),
      ("1969-12-31T23:59:59.5Z", -500), ("2020-01-01T01:00:00+01:00", 1_577_836_800_000),
      ("2019-12-31T19:00:00-0500", 1_577_836_800_000), ("0001-01-01T00:00Z", -62_135_596_800_000),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] as [(String, Int64)])
  func dates(text: String, milliseconds: Int64) throws {
    let document = try ExtendedJSON.parse("{\"d\": {\"$date\": \"\(text)\"}}")
    #expect(document["d"] == .date(milliseconds))
  }

  @Test("older and rarer spellings are read")
  func otherSpellings() throws {
    let text = #"""
      {"u": {"$uuid": "00010203-0405-0607-0809-0a0b0c0d0e0f"}, "d": {"$date": 5},
       "b": {"$binary": "AQI=", "$type": "80"}, "e": "\ud83d\ude00\/\u00e9", "n": -0.0}
      """#
    let expected: BSONDocument = [
      "u": .binary(BSONBinary(subtype: 4, bytes: Array(0..<16))), "d": .date(5),
      "b": .binary(BSONBinary(subtype: 0x80, bytes: [1, 2])), "e": "😀/é", "n": .double(-0.0),
    ]
    #expect(try ExtendedJSON.parse(text) == expected)
  }

  @Test("a decimal of more digits than there can be is zero, and 34 digits are kept")
  func decimals() throws {
    let most = try #require(Decimal128("9999999999999999999999999999999999"))
    #expect(most.description == "9999999999999999999999999999999999")
    #expect(Decimal128(high: most.high, low: most.low + 1).description == "0")
    #expect(Decimal128("1.50")?.description == "1.50")
    #expect(Decimal128("x") == nil)
  }

  @Test("a failed document leaves the buffer as it was")
  func failedAppend() throws {
    let bad: BSONDocument = ["good": 1, "x": .string(BSONText(bytes: [0xFF]))]
    var buffer = Array("before".utf8)
    _ = bad.withView { view in
      #expect(throws: BSONError.self) { try ExtendedJSON(.relaxed).append(view, to: &buffer) }
    }
    #expect(buffer == Array("before".utf8))
  }

  @Test(
    "queries that people write are read",
    arguments: [
      (#"{"a": 1, "b": [true, null, "x"]}"#, ["a": 1, "b": [true, nil, "x"]]),
      (#" {"n": {"$gt": 5}} "#, ["n": ["$gt": 5]]),
      (#"{"a": {"$type": "string"}}"#, ["a": ["$type": "string"]]),
      (#"{"a": {"$type": 2}}"#, ["a": ["$type": 2]]),
      (#"{"a": {"$exists": true, "$in": [1]}}"#, ["a": ["$exists": true, "$in": [1]]]),
      (
        #"{"a": {"$not": {"$regex": "^x", "$options": "i"}}}"#,
        ["a": ["$not": ["$regex": "^x", "$options": "i"]]]
      ),
      (#"{"d": {"$date": "2020-01-01T00:00:00Z"}}"#, ["d": .date(1_577_836_800_000)]),
      (#"{"$and": [{"a": 1}]}"#, ["$and": [["a": 1]]]), ("{}", [:]),
      (#"{"a": {"$ref": "c", "$id": 1}}"#, ["a": ["$ref": "c", "$id": 1]]),
      (#"{"big": 5000000000}"#, ["big": 5_000_000_000]),
    ] as [(String, BSONDocument)])
  func queries(text: String, expected: BSONDocument) throws {
    #expect(try ExtendedJSON.parse(text) == expected)
  }

  @Test(
    "what is not one whole document is refused",
    arguments: [
      "", " ", "[]", "1", "{", "{}{}", "{} x", #"{"a": }"#, #"{"a": {"$oid": "12"}}"#, #"{"a""#,
      #"{"a": {"$numberInt": "x"}}"#, #"{"a": "\#u{0}"#,
      "{\"a\": " + String(repeating: "[", count: 500),
    ])
  func refused(text: String) {
    #expect(throws: ExtendedJSONError.self) { try ExtendedJSON.parse(text) }
  }

  private func json(_ text: String) throws -> NSDictionary {
    try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8), options: []) as? NSDictionary)
  }

  private func libraryText(of document: BSONDocument, _ mode: ExtendedJSON.Mode) -> String? {
    guard let library = bson_new_from_data(document.bytes, document.bytes.count) else { return nil }
    defer { bson_destroy(library) }
    var length = 0
    let text =
      mode == .canonical
      ? bson_as_canonical_extended_json(library, &length)
      : bson_as_relaxed_extended_json(library, &length)
    guard let text else { return nil }
    defer { bson_free(text) }
    return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
  }
}

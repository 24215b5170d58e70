import Mongo

/// One value of every type and of each type's corner cases.
let sampleValues: [(name: String, value: BSONValue)] = [
  ("double", 1.5), ("negative zero", .double(-0.0)), ("infinity", .double(.infinity)),
  ("payload NaN", .double(Double(bitPattern: 0x7FF8_0000_0000_1234))),
  ("signalling NaN", .double(Double(bitPattern: 0x7FF0_0000_0000_0001))),
  ("string", "grüße"), ("empty string", ""), ("string with NUL", .string(BSONText("a\u{0}b"))),
  ("string that is not UTF-8", .string(BSONText(bytes: [0x61, 0xFF, 0xC0, 0x80]))),
  ("decomposed", "e\u{301}"),
  ("document", ["a": 1, "b": ["c": nil]]), ("empty document", .document(BSONDocument())),
  ("array", [1, "two", [3]]),
  ("array with odd keys", .array(BSONArray(stored: ["7": 1, "": 2, "7": 3]))),
  ("binary", .binary(BSONBinary(bytes: [0, 1, 2]))),
  ("old binary", .binary(BSONBinary(subtype: 2, bytes: [9, 8, 7]))),
  ("uuid", .binary(BSONBinary(subtype: 4, bytes: Array(0..<16)))),
  ("user binary", .binary(BSONBinary(subtype: 0x80, bytes: []))),
  ("undefined", .undefined),
  ("object id", .objectID(ObjectID("65a1b2c3d4e5f60718293a4b") ?? sampleID)),
  ("true", true), ("false", false),
  ("date", .date(1_700_000_000_123)), ("early date", .date(.min)), ("late date", .date(.max)),
  ("null", nil),
  ("regex", .regex(BSONRegex(pattern: "^a/\"b", options: "im"))),
  ("empty regex", .regex(BSONRegex(pattern: ""))),
  ("pointer", .dbPointer(BSONPointer(namespace: "db.c", id: sampleID))),
  ("javascript", .javascript("function() {}")), ("symbol", .symbol("sym")),
  ("scoped", .javascriptWithScope("f()", ["x": 1])),
  ("int32", .int32(.min)), ("int64", .int64(.max)), ("small int64", .int64(1)),
  ("timestamp", .timestamp(BSONTimestamp(seconds: .max, increment: 7))),
  ("decimal", .decimal128(Decimal128("-1.50E+300") ?? Decimal128(high: 0, low: 0))),
  ("odd decimal", .decimal128(Decimal128(high: .max, low: .max))),
  ("min key", .minKey), ("max key", .maxKey),
]

private let sampleID = ObjectID(seconds: 0x0102_0304, rest: 0x0506_0708_090A_0B0C)

/// A document that holds every sample.
let sampleDocument = BSONDocument(sampleValues.map { ($0.name, $0.value) })

import Mongo

@testable import MigrationPlan

/// The result for a value in a column: its text, or the reason why it is refused.
struct TypeCase {
  let column: String
  let value: BSONValue
  let expected: String

  init(_ column: String, _ value: BSONValue, _ expected: String) {
    (self.column, self.value, self.expected) = (column, value, expected)
  }
}

/// The rows and columns of the table in `docs/types.md`, and cases for each of its entries.
enum DocumentTypeCases {
  /// The types of each column of the table.
  static let columns: [(name: String, types: [String: PostgresType])] = [
    ("boolean", ["boolean": Types.bool]),
    (
      "int2, int4, int8, oid",
      ["int2": Types.int2, "int4": Types.int4, "int8": Types.int8, "oid": Types.oid]
    ),
    ("float4, float8", ["float4": Types.float4, "float8": Types.float8]),
    ("numeric", ["numeric": Types.numeric, "numeric(6,2)": Types.numeric(6, 2)]),
    (
      "text, varchar, char, name, citext, enum",
      [
        "text": Types.text, "varchar(8)": Types.varchar(8), "char(8)": Types.char(8),
        "name": Types.name, "enum": Types.mood,
      ]
    ),
    ("uuid", ["uuid": Types.uuid]), ("bytea", ["bytea": Types.bytea]),
    ("date", ["date": Types.date]),
    ("time", ["time": Types.time]),
    (
      "timestamp, timestamptz",
      [
        "timestamp": Types.timestamp, "timestamp(3)": Types.timestamp(3),
        "timestamptz": Types.timestamptz,
      ]
    ),
    ("json, jsonb", ["json": Types.json, "jsonb": Types.jsonb]),
    ("array", ["text[]": Types.textArray, "int4[]": Types.intArray]),
  ]

  static let uuidBytes = Array(UInt8(0)..<16)
  static let id = ObjectID(seconds: 0x65a1_b2c3, rest: 0xd4e5_f607_1829_3a4b)
  static func decimal(_ text: String) -> BSONValue {
    Decimal128(text).map(BSONValue.decimal128) ?? .null
  }

  /// The cases of each row of the table, named as there.
  static let rows: [(name: String, cases: [TypeCase])] = numbers + texts + structures + odd

  private static let numbers: [(name: String, cases: [TypeCase])] = [
    (
      "double",
      [
        .init("int4", .double(5), "5"), .init("int4", .double(5.5), "!scale"),
        .init("int4", .double(3e9), "!outOfRange"), .init("int8", .double(3e9), "3000000000"),
        .init("int8", .double(.nan), "!outOfRange"), .init("float8", .double(0.1), "0.1"),
        .init("float8", .double(.infinity), "Infinity"), .init("float4", .double(0.5), "0.5"),
        .init("float4", .double(1e300), "!outOfRange"), .init("numeric", .double(0.1), "0.1"),
        .init("numeric", .double(.nan), "NaN"), .init("numeric(6,2)", .double(1.005), "!scale"),
        .init("text", .double(2.5), "2.5"), .init("jsonb", .double(2.5), "2.5"),
        .init("jsonb", .double(.nan), "\"NaN\""),
      ]
    ),
    (
      "int",
      [
        .init("boolean", 1, "true"), .init("boolean", 2, "!notBoolean"), .init("int2", 7, "7"),
        .init("int2", 70_000, "!outOfRange"), .init("oid", .int32(-1), "!outOfRange"),
        .init("float4", 16_777_217, "!precisionLost"), .init("float8", 7, "7"),
        .init("numeric", 7, "7"), .init("numeric(6,2)", 12_345, "!outOfRange"),
        .init("text", .int32(-7), "-7"), .init("jsonb", 7, "7"),
      ]
    ),
    (
      "long",
      [
        .init("boolean", .int64(0), "false"), .init("int4", .int64(1 << 40), "!outOfRange"),
        .init("int8", .int64(.min), "-9223372036854775808"),
        .init("float8", .int64(9_007_199_254_740_993), "!precisionLost"),
        .init("float8", .int64(9_007_199_254_740_992), "9007199254740992"),
        .init("numeric", .int64(.max), "9223372036854775807"), .init("text", .int64(5), "5"),
        .init("jsonb", .int64(9_007_199_254_740_993), "9007199254740993"),
      ]
    ),
    (
      "decimal",
      [
        .init("int4", decimal("5.0"), "5"), .init("int4", decimal("5.1"), "!scale"),
        .init("float8", decimal("0.1"), "0.1"),
        .init("float8", decimal("0.1000000000000000001"), "!precisionLost"),
        .init("numeric", decimal("1.50"), "1.50"),
        .init(
          "numeric", decimal("1234567890123456789012345678901234"),
          "1234567890123456789012345678901234"),
        .init("numeric", decimal("1E+3"), "1000"), .init("numeric", decimal("NaN"), "NaN"),
        .init("numeric", decimal("-Infinity"), "-Infinity"),
        .init("numeric(6,2)", decimal("1.500"), "1.50"),
        .init("numeric(6,2)", decimal("NaN"), "NaN"),
        .init("numeric(6,2)", decimal("Infinity"), "!outOfRange"),
        .init("text", decimal("1.50"), "1.50"), .init("jsonb", decimal("1.50"), "1.50"),
      ]
    ),
    (
      "bool",
      [
        .init("boolean", true, "true"), .init("int4", true, "1"), .init("text", false, "false"),
        .init("jsonb", true, "true"),
      ]
    ),
  ]

  private static let structures: [(name: String, cases: [TypeCase])] = [
    (
      "object",
      [
        .init(
          "jsonb",
          [
            "b": 1, "a": .int64(2), "d": .double(5), "n": decimal("1.50"), "t": "x",
            "o": .objectID(id),
            "at": .date(0), "no": nil, "u": .undefined, "e": [:],
          ],
          #"{"b":1,"a":2,"d":5.0,"n":1.50,"t":"x","o":"65a1b2c3d4e5f60718293a4b","at":"1970-01-01T00:00:00Z","no":null,"u":null,"e":{}}"#
        ),
        .init("jsonb", ["t": "a\0b"], "!nulByte"),
        .init("jsonb", ["t": .string(BSONText(bytes: [0xFF]))], "!badUTF8"),
        .init("text", ["a": ["b": true]], #"{"a":{"b":true}}"#),
        .init("text", ["t": "a\0b"], #"{"t":"a\u0000b"}"#),
        .init("text", ["t": .string(BSONText(bytes: [0xFF]))], "!badUTF8"),
        .init("json", ["a": 1], #"{"a":1}"#),
      ]
    ),
    (
      "array",
      [
        .init("jsonb", [1, "x", nil, [2.5], ["a": 1]], #"[1,"x",null,[2.5],{"a":1}]"#),
        .init("text", [], "[]"), .init("text[]", ["a", nil, 5], #"["a",null,"5"]"#),
        .init("text[]", [], "[]"), .init("int4[]", [1, .double(2), "3"], "[1,2,3]"),
        .init("int4[]", ["x"], "!notANumber"), .init("int4[]", [[1]], "!notAnArray"),
      ]
    ),
  ]

  private static let odd: [(name: String, cases: [TypeCase])] = [
    (
      "timestamp",
      extended(
        .timestamp(BSONTimestamp(seconds: 5, increment: 6)), #"{"$timestamp":{"t":5,"i":6}}"#)
    ),
    (
      "regex",
      extended(
        .regex(BSONRegex(pattern: "^a", options: "i")),
        #"{"$regularExpression":{"pattern":"^a","options":"i"}}"#)
    ),
    (
      "dbPointer",
      extended(
        .dbPointer(BSONPointer(namespace: "db.c", id: id)),
        #"{"$dbPointer":{"$ref":"db.c","$id":{"$oid":"65a1b2c3d4e5f60718293a4b"}}}"#)
    ),
    (
      "javascriptWithScope",
      extended(.javascriptWithScope("f()", ["a": 1]), #"{"$code":"f()","$scope":{"a":1}}"#)
    ),
    ("minKey", extended(.minKey, #"{"$minKey":1}"#)),
    ("maxKey", extended(.maxKey, #"{"$maxKey":1}"#)),
  ]

  private static func extended(_ value: BSONValue, _ text: String) -> [TypeCase] {
    [.init("text", value, text), .init("jsonb", value, text), .init("json", value, text)]
  }
}

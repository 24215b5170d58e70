import Foundation
import Testing

@testable import MigrationPlan

/// The table of docs/types.md, entry by entry: every kind of source value into every kind of column.
@Suite struct TransformTypeTests {
  static let uuid = "0f2b6f0e-9d0e-4b7a-8c38-0123456789ab"
  static let noon = Int64(86_400_000_000 / 2)
  static let day: Int64 = 86_400_000_000

  typealias Entry = (source: PostgresType, value: [UInt8], outcomes: [(PostgresType, Outcome)])

  private func check(
    _ source: PostgresType, _ value: [UInt8], _ outcomes: [(PostgresType, Outcome)]
  )
    throws
  {
    for (target, expected) in outcomes {
      let outcome = try transform(value, source, to: target)
      #expect(outcome == expected, "\(source.name) to \(target.name)")
    }
    #expect(try transform(nil, source, to: source) == .value(nil))
  }

  @Test func booleans() throws {
    try check(
      Types.bool, [1],
      [
        (Types.bool, .value([1])), (Types.int2, .value([0, 1])),
        (Types.int4, .value([0, 0, 0, 1])),
        (Types.text, .text("true")), (Types.varchar(4), .text("true")),
        (Types.varchar(3), .rejected(.tooLong)), (Types.jsonb, .json("true")),
        (Types.json, .text("true")),
      ])
  }

  @Test func integers() throws {
    try check(
      Types.int8, Wire.integer(Int64(70_000)),
      [
        (Types.int8, .value(Wire.integer(Int64(70_000)))),
        (Types.int4, .value(Wire.integer(Int32(70_000)))),
        (Types.int2, .rejected(.outOfRange)), (Types.oid, .value(Wire.integer(UInt32(70_000)))),
        (Types.float8, .value(Wire.double(70_000))), (Types.float4, .value(Wire.float(70_000))),
        (Types.numeric, .value(try Wire.numeric("70000"))),
        (Types.numeric(7, 2), .value(try Wire.numeric("70000.00"))),
        (Types.numeric(6, 2), .rejected(.outOfRange)), (Types.text, .text("70000")),
        (Types.jsonb, .json("70000")), (Types.bool, .rejected(.notBoolean)),
      ])
    try check(Types.int2, Wire.integer(Int16(-3)), [(Types.int8, .value(Wire.integer(Int64(-3))))])
    try check(
      Types.int4, Wire.integer(Int32(1)),
      [(Types.bool, .value([1])), (Types.oid, .value(Wire.integer(UInt32(1))))])
    try check(Types.int4, Wire.integer(Int32(-1)), [(Types.oid, .rejected(.outOfRange))])
    try check(
      Types.oid, Wire.integer(UInt32.max),
      [(Types.int4, .rejected(.outOfRange)), (Types.int8, .value(Wire.integer(Int64(UInt32.max))))])
    try check(
      Types.int8, Wire.integer(Int64(9_007_199_254_740_993)),
      [(Types.float8, .rejected(.precisionLost))])
  }

  @Test func numerics() throws {
    try check(
      Types.numeric, try Wire.numeric("12.50"),
      [
        (Types.numeric, .value(try Wire.numeric("12.50"))),
        (Types.numeric(4, 2), .value(try Wire.numeric("12.50"))),
        (Types.numeric(4, 1), .value(try Wire.numeric("12.5"))),
        (Types.numeric(4, 0), .rejected(.scale)), (Types.numeric(3, 2), .rejected(.outOfRange)),
        (Types.int4, .rejected(.scale)), (Types.float8, .value(Wire.double(12.5))),
        (Types.text, .text("12.50")), (Types.jsonb, .json("12.50")),
      ])
    try check(
      Types.numeric, try Wire.numeric("3.000"), [(Types.int2, .value([0, 3]))])
    try check(
      Types.numeric, try Wire.numeric("0.1"),
      [(Types.float8, .value(Wire.double(0.1))), (Types.float4, .value(Wire.float(0.1)))])
    try check(
      Types.numeric, try Wire.numeric("0.12345678901234567890"),
      [(Types.float8, .rejected(.precisionLost))])
    try check(Types.numeric, try Wire.numeric("1e400"), [(Types.float8, .rejected(.outOfRange))])
    try check(
      Types.numeric, try Wire.numeric("NaN"),
      [
        (Types.numeric(4, 2), .value(try Wire.numeric("NaN"))),
        (Types.int4, .rejected(.outOfRange)),
        (Types.jsonb, .json("\"NaN\"")), (Types.float8, .value(Wire.double(.nan))),
      ])
    try check(
      Types.numeric, try Wire.numeric("Infinity"),
      [
        (Types.numeric, .value(try Wire.numeric("Infinity"))),
        (Types.numeric(4, 2), .rejected(.outOfRange)),
      ])
    try check(
      Types.numeric, try Wire.numeric("1200"),
      [(Types.numeric(2, -2), .value(try Wire.numeric("1200")))])
    try check(Types.numeric, try Wire.numeric("1210"), [(Types.numeric(2, -2), .rejected(.scale))])
  }

  @Test func floats() throws {
    try check(
      Types.float8, Wire.double(0.1),
      [
        (Types.float8, .value(Wire.double(0.1))), (Types.float4, .value(Wire.float(0.1))),
        (Types.numeric, .value(try Wire.numeric("0.1"))), (Types.text, .text("0.1")),
        (Types.jsonb, .json("0.1")), (Types.int4, .rejected(.scale)),
      ])
    try check(
      Types.float4, Wire.float(0.1),
      [
        (Types.float8, .value(Wire.double(0.1))), (Types.numeric, .value(try Wire.numeric("0.1"))),
        (Types.text, .text("0.1")),
      ])
    try check(
      Types.float8, Wire.double(0.123456789012),
      [(Types.float4, .rejected(.precisionLost))])
    try check(
      Types.float8, Wire.double(1e20),
      [
        (Types.int8, .rejected(.outOfRange)), (Types.text, .text("1e+20")),
        (Types.numeric, .value(try Wire.numeric("1e20"))),
      ])
    try check(
      Types.float8, Wire.double(3), [(Types.int4, .value([0, 0, 0, 3])), (Types.text, .text("3"))])
    try check(
      Types.float8, Wire.double(-.infinity),
      [
        (Types.float4, .value(Wire.float(-.infinity))), (Types.text, .text("-Infinity")),
        (Types.int8, .rejected(.outOfRange)),
        (Types.numeric, .value(try Wire.numeric("-Infinity"))),
      ])
  }

  @Test func texts() throws {
    for type in [Types.text, Types.varchar(50), Types.name, Types.mood] {
      try check(
        type, Wire.text("ok"),
        [
          (Types.text, .text("ok")), (Types.varchar(2), .text("ok")),
          (Types.varchar(1), .rejected(.tooLong)), (Types.char(2), .text("ok")),
          (Types.mood, .text("ok")), (Types.name, .text("ok")),
          (Types.int4, .rejected(.notANumber)),
          (Types.numeric, .rejected(.notANumber)), (Types.float8, .rejected(.notANumber)),
          (Types.bool, .rejected(.notBoolean)), (Types.uuid, .rejected(.notAUUID)),
          (Types.date, .rejected(.notADate)), (Types.time, .rejected(.notATime)),
          (Types.timestamp, .rejected(.notADate)), (Types.timestamptz, .rejected(.notADate)),
          (Types.jsonb, .rejected(.notJSON)), (Types.json, .rejected(.notJSON)),
          (Types.bytea, .rejected(.notBytes)),
        ])
    }
    try check(Types.text, Wire.text("meh"), [(Types.mood, .rejected(.notInList))])
    try check(
      Types.char(5), Wire.text("ab   "),
      [(Types.text, .text("ab")), (Types.varchar(2), .text("ab"))])
    try check(
      Types.text, Wire.text("žluťoučký"),
      [(Types.varchar(9), .text("žluťoučký")), (Types.varchar(8), .rejected(.tooLong))])
    try check(
      Types.text, [0x61, 0xC0, 0x80], [(Types.text, .rejected(.badUTF8))])
  }

  @Test func textsAsOtherThings() throws {
    let pairs: [(String, PostgresType, Outcome)] = [
      ("42", Types.int4, .value(Wire.integer(Int32(42)))),
      ("-42", Types.int2, .value(Wire.integer(Int16(-42)))),
      ("42.0", Types.int4, .value(Wire.integer(Int32(42)))),
      ("42.5", Types.int4, .rejected(.scale)), ("2147483648", Types.int4, .rejected(.outOfRange)),
      ("9223372036854775807", Types.int8, .value(Wire.integer(Int64.max))),
      ("9223372036854775808", Types.int8, .rejected(.outOfRange)),
      (" 42", Types.int4, .rejected(.notANumber)),
      ("1.50", Types.numeric(3, 2), .value(try Wire.numeric("1.50"))),
      ("1e3", Types.float8, .value(Wire.double(1000))), ("t", Types.bool, .value([1])),
      ("No", Types.bool, .value([0])), ("2", Types.bool, .rejected(.notBoolean)),
      (Self.uuid, Types.uuid, .value(try Wire.uuid(Self.uuid))),
      ("{\(Self.uuid.uppercased())}", Types.uuid, .value(try Wire.uuid(Self.uuid))),
      (Self.uuid.replacing("-", with: ""), Types.uuid, .value(try Wire.uuid(Self.uuid))),
      (String(Self.uuid.dropLast()), Types.uuid, .rejected(.notAUUID)),
      ("2000-01-02", Types.date, .value(Wire.integer(Int32(1)))),
      ("2000-01-02", Types.timestamp, .value(Wire.integer(Self.day))),
      ("2000-01-01 12:00", Types.date, .rejected(.losesTime)),
      ("12:00:00", Types.time, .value(Wire.integer(Self.noon))),
      (
        "2000-01-01T12:00:00+01:00", Types.timestamptz,
        .value(Wire.integer(Self.noon - Self.day / 24))
      ),
      ("infinity", Types.timestamp, .value(Wire.integer(Int64.max))),
      ("-infinity", Types.date, .value(Wire.integer(Int32.min))),
      (#"{"a": [1, "x"]}"#, Types.jsonb, .json(#"{"a": [1, "x"]}"#)),
      (#"{"a": 1,}"#, Types.jsonb, .rejected(.notJSON)),
      (#""\u0000""#, Types.jsonb, .rejected(.nulByte)),
      (#""\ud800""#, Types.jsonb, .rejected(.notJSON)), ("01", Types.jsonb, .rejected(.notJSON)),
      ("1e999999", Types.jsonb, .rejected(.outOfRange)), ("-0.5E+3", Types.jsonb, .json("-0.5E+3")),
      ("\\x00fF", Types.bytea, .value([0, 255])), ("\\x0", Types.bytea, .rejected(.notBytes)),
    ]
    for (text, target, expected) in pairs {
      let outcome = try transform(Wire.text(text), Types.text, to: target)
      #expect(outcome == expected, "\(text) to \(target.name)")
    }
  }

  @Test func uuidsAndBytes() throws {
    let bytes = try Wire.uuid(Self.uuid)
    try check(
      Types.uuid, bytes,
      [
        (Types.uuid, .value(bytes)), (Types.text, .text(Self.uuid)),
        (Types.varchar(35), .rejected(.tooLong)), (Types.jsonb, .json("\"\(Self.uuid)\"")),
        (Types.bytea, .value(bytes)),
      ])
    try check(
      Types.bytea, bytes, [(Types.uuid, .value(bytes)), (Types.bytea, .value(bytes))])
    try check(
      Types.bytea, [1, 0xAB],
      [
        (Types.text, .text("\\x01ab")), (Types.jsonb, .json(#""\\x01ab""#)),
        (Types.uuid, .rejected(.notAUUID)),
      ])
  }

  @Test func datesAndTimes() throws {
    try check(
      Types.date, Wire.integer(Int32(1)),
      [
        (Types.date, .value(Wire.integer(Int32(1)))),
        (Types.timestamp, .value(Wire.integer(Self.day))),
        (Types.timestamptz, .value(Wire.integer(Self.day))), (Types.text, .text("2000-01-02")),
        (Types.jsonb, .json("\"2000-01-02\"")),
      ])
    try check(
      Types.date, Wire.integer(Int32.max),
      [
        (Types.timestamp, .value(Wire.integer(Int64.max))), (Types.text, .text("infinity")),
        (Types.jsonb, .json("\"infinity\"")),
      ])
    try check(
      Types.date, Wire.integer(Int32(2_000_000_000)), [(Types.timestamp, .rejected(.outOfRange))])
    try check(
      Types.timestamp, Wire.integer(Self.noon),
      [
        (Types.timestamp, .value(Wire.integer(Self.noon))), (Types.date, .rejected(.losesTime)),
        (Types.timestamptz, .value(Wire.integer(Self.noon))),
        (Types.text, .text("2000-01-01 12:00:00")), (Types.jsonb, .json("\"2000-01-01T12:00:00\"")),
        (Types.timestamp(0), .value(Wire.integer(Self.noon))),
      ])
    try check(
      Types.timestamp, Wire.integer(Self.day),
      [(Types.date, .value(Wire.integer(Int32(1))))])
    try check(
      Types.timestamp, Wire.integer(Int64(1500)), [(Types.timestamp(3), .rejected(.scale))])
    try check(
      Types.timestamptz, Wire.integer(Self.noon),
      [
        (Types.timestamptz, .value(Wire.integer(Self.noon))),
        (Types.timestamp, .value(Wire.integer(Self.noon))),
        (Types.text, .text("2000-01-01 12:00:00+00")),
        (Types.jsonb, .json("\"2000-01-01T12:00:00Z\"")),
      ])
    try check(
      Types.time, Wire.integer(Self.noon),
      [
        (Types.time, .value(Wire.integer(Self.noon))), (Types.text, .text("12:00:00")),
        (Types.jsonb, .json("\"12:00:00\"")),
      ])
  }

  @Test func timesGoThroughThePlansZone() throws {
    let noon = Wire.integer(Self.noon)
    let zone = "Europe/Prague"
    let hour = Self.day / 24
    #expect(
      try transform(noon, Types.timestamp, to: Types.timestamptz, timeZone: zone)
        == .value(Wire.integer(Self.noon - hour)))
    #expect(
      try transform(noon, Types.timestamptz, to: Types.timestamp, timeZone: zone)
        == .value(Wire.integer(Self.noon + hour)))
    #expect(
      try transform(Wire.integer(Int32(0)), Types.date, to: Types.timestamptz, timeZone: zone)
        == .value(Wire.integer(-hour)))
    #expect(
      try transform(Wire.integer(-hour), Types.timestamptz, to: Types.date, timeZone: zone)
        == .value(Wire.integer(Int32(0))))
    #expect(
      try transform(Wire.integer(Int64.max), Types.timestamptz, to: Types.timestamp, timeZone: zone)
        == .value(Wire.integer(Int64.max)))
  }

  @Test func json() throws {
    try check(
      Types.json, Wire.text(#" {"b":1, "b":2} "#),
      [
        (Types.jsonb, .json(#" {"b":1, "b":2} "#)), (Types.json, .text(#" {"b":1, "b":2} "#)),
        (Types.text, .text(#" {"b":1, "b":2} "#)),
      ])
    try check(
      Types.jsonb, Wire.jsonb(#"["a", null]"#),
      [
        (Types.jsonb, .json(#"["a", null]"#)), (Types.json, .text(#"["a", null]"#)),
        (Types.text, .text(#"["a", null]"#)),
        (Types.textArray, .value(Wire.array(25, [Wire.text("a"), nil]).withNullFlag)),
        (Types.intArray, .rejected(.notANumber)),
      ])
    try check(Types.jsonb, Wire.jsonb("{}"), [(Types.textArray, .rejected(.notAnArray))])
    try check(Types.jsonb, Wire.jsonb("[[1]]"), [(Types.intArray, .rejected(.notAnArray))])
    try check(Types.jsonb, Wire.jsonb("[]"), [(Types.intArray, .value(Wire.array(23, [])))])
  }

  @Test func arrays() throws {
    let words = Wire.array(25, [Wire.text("a\""), Wire.text("7")])
    try check(
      Types.textArray, words,
      [
        (Types.textArray, .value(words)), (Types.jsonb, .json(#"["a\"","7"]"#)),
        (Types.text, .text(#"["a\"","7"]"#)), (Types.intArray, .rejected(.notANumber)),
      ])
    let numbers = Wire.array(23, [Wire.integer(Int32(7)), nil]).withNullFlag
    try check(
      Types.intArray, numbers,
      [
        (Types.intArray, .value(numbers)), (Types.jsonb, .json("[7,null]")),
        (Types.textArray, .value(Wire.array(25, [Wire.text("7"), nil]).withNullFlag)),
      ])
    let square: [UInt8] =
      [2, 0, 23, 2, 1, 2, 1].flatMap { Wire.integer(Int32($0)) }
      + (1...4).flatMap { Wire.field(Wire.integer(Int32($0))) }
    try check(Types.intArray, square, [(Types.jsonb, .json("[[1,2],[3,4]]"))])
    let damaged = Array(words.dropLast())
    #expect(try transform(damaged, Types.textArray, to: Types.jsonb) == .rejected(.corruptRow))
  }

  @Test func kindsThatNeverConvertAreFaultsOfThePlan() {
    let impossible: [(PostgresType, PostgresType)] = [
      (Types.date, Types.int4), (Types.uuid, Types.int8), (Types.jsonb, Types.int4),
      (Types.bytea, Types.timestamp), (Types.timestamp, Types.time), (Types.time, Types.date),
      (Types.numeric, Types.bool), (Types.bool, Types.numeric(3, 0)), (Types.textArray, Types.date),
      (Types.int4, Types.uuid), (Types.text, Types.textArray), (Types.int4, Types.interval),
    ]
    for (source, target) in impossible where source.name != "boolean" {
      #expect(throws: PlanFaults.self, "\(source.name) to \(target.name)") {
        try transform(nil, source, to: target)
      }
    }
  }

  @Test func typesThatAreNotUnderstoodArePassedOnOrReadAsText() throws {
    let other = try Bench(
      [("k", Types.int4), ("v", Types.interval)], [("c", Types.interval, .source(["v"]))])
    #expect(other.program.selectList == "\"k\", \"v\"")
    #expect(other.outcome([Wire.integer(Int32(1)), [1, 2, 3]]) == .value([1, 2, 3]))
    let shown = try Bench(
      [("k", Types.int4), ("v", Types.interval)], [("c", Types.text, .source(["v"]))])
    #expect(shown.program.selectList == "\"k\", \"v\"::text")
    let quoted = try Bench([("a \"b\"", Types.int4)], [("c", Types.int4, .source(["a \"b\""]))])
    #expect(quoted.program.selectList == "\"a \"\"b\"\"\"")
  }
}

extension [UInt8] {
  /// An array's bytes with the flag that shows nulls.
  fileprivate var withNullFlag: [UInt8] {
    var bytes = self
    bytes[7] = 1
    return bytes
  }
}

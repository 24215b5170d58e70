import Foundation
import Postgres
import Testing

@testable import MigrationPlan
@testable import MigrationRows

/// Shorthands for the types that the tests use.
enum Types {
  static let bool = PostgresType(oid: 16, name: "boolean")
  static let int2 = PostgresType(oid: 21, name: "smallint")
  static let int4 = PostgresType(oid: 23, name: "integer")
  static let int8 = PostgresType(oid: 20, name: "bigint")
  static let oid = PostgresType(oid: 26, name: "oid")
  static let float4 = PostgresType(oid: 700, name: "real")
  static let float8 = PostgresType(oid: 701, name: "double precision")
  static let numeric = PostgresType(oid: 1700, name: "numeric")
  static let text = PostgresType(oid: 25, name: "text")
  static let uuid = PostgresType(oid: 2950, name: "uuid")
  static let date = PostgresType(oid: 1082, name: "date")
  static let time = PostgresType(oid: 1083, name: "time without time zone")
  static let timestamp = PostgresType(oid: 1114, name: "timestamp without time zone")
  static let timestamptz = PostgresType(oid: 1184, name: "timestamp with time zone")
  static let json = PostgresType(oid: 114, name: "json")
  static let jsonb = PostgresType(oid: 3802, name: "jsonb")
  static let bytea = PostgresType(oid: 17, name: "bytea")
  static let name = PostgresType(oid: 19, name: "name")
  static let interval = PostgresType(oid: 1186, name: "interval")
  static let textArray = PostgresType(oid: 1009, name: "text[]", elementOID: 25)
  static let intArray = PostgresType(oid: 1007, name: "integer[]", elementOID: 23)
  static let mood = PostgresType(oid: 20_000, name: "mood", labels: ["sad", "ok", "happy"])

  static func varchar(_ limit: Int32) -> PostgresType {
    PostgresType(oid: 1043, name: "character varying(\(limit))", modifier: limit + 4)
  }
  static func char(_ limit: Int32) -> PostgresType {
    PostgresType(oid: 1042, name: "character(\(limit))", modifier: limit + 4)
  }
  static func numeric(_ precision: Int32, _ scale: Int32) -> PostgresType {
    PostgresType(
      oid: 1700, name: "numeric(\(precision),\(scale))",
      modifier: (precision << 16 | scale & 0x7FF) + 4)
  }
  static func timestamp(_ places: Int32) -> PostgresType {
    PostgresType(oid: 1114, name: "timestamp(\(places))", modifier: places)
  }
}

/// Values of source rows, in the bytes that PostgreSQL sends.
enum Wire {
  static func integer<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
  static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
  static func jsonb(_ text: String) -> [UInt8] { [1] + Array(text.utf8) }
  static func uuid(_ text: String) throws -> [UInt8] {
    let uuid = try #require(UUID(uuidString: text)).uuid
    return withUnsafeBytes(of: uuid) { Array($0) }
  }
  static func double(_ double: Double) -> [UInt8] { integer(double.bitPattern) }
  static func float(_ float: Float) -> [UInt8] { integer(float.bitPattern) }

  /// Digits to the base 10000, as the server would send them.
  static func numeric(_ digits: [Int16], weight: Int16, sign: UInt16 = 0, scale: Int16) -> [UInt8] {
    [Int16(digits.count), weight, Int16(bitPattern: sign), scale].flatMap(integer)
      + digits.flatMap(integer)
  }
  /// The numeric of a text, made by the code under test and checked elsewhere.
  static func numeric(_ text: String) throws -> [UInt8] {
    var arena = Arena()
    defer { arena.free() }
    let slot = Array(text.utf8).withUnsafeBytes {
      NumericMaker.make($0.baseAddress.unsafelyUnwrapped, $0.count, in: &arena)
    }
    try #require(slot.kind == .numeric)
    return Array(UnsafeRawBufferPointer(start: slot.start, count: slot.length))
  }
  static func array(_ element: UInt32, _ values: [[UInt8]?]) -> [UInt8] {
    let header: [Int32] =
      values.isEmpty
      ? [0, 0, Int32(element)] : [1, 0, Int32(element), Int32(values.count), 1]
    return header.flatMap(integer) + values.flatMap(field)
  }
  static func field(_ bytes: [UInt8]?) -> [UInt8] {
    guard let bytes else { return integer(Int32(-1)) }
    return integer(Int32(bytes.count)) + bytes
  }
  static func row(_ values: [[UInt8]?]) -> [UInt8] {
    integer(Int16(values.count)) + values.flatMap(field)
  }

  /// Microseconds since 2000 of a moment in UTC.
  static func moment(_ text: String) throws -> Int64 {
    let format = ISO8601DateFormatter()
    let date = try #require(format.date(from: text))
    return Int64(date.timeIntervalSince1970 - 946_684_800) * 1_000_000
  }

  /// The fields of a row, null as nil.
  static func fields(_ row: UnsafeRawBufferPointer) -> [[UInt8]?] {
    var reader = BinaryRowReader(row)
    var fields: [[UInt8]?] = []
    while let field = reader.next() { fields.append(field.isNull ? nil : Array(field.bytes)) }
    #expect(!reader.isDamaged)
    #expect(fields.count == reader.fieldCount)
    return fields
  }
}

/// The result for a value.
enum Outcome: Equatable, CustomStringConvertible {
  case value([UInt8]?)
  case rejected(Reason)

  var description: String {
    switch self {
    case .value(nil): "null"
    case .value(let bytes?): "\(bytes) = \(String(decoding: bytes, as: UTF8.self))"
    case .rejected(let reason): "rejected: \(reason)"
    }
  }

  static func text(_ text: String) -> Outcome { .value(Array(text.utf8)) }
  /// The text of a jsonb.
  var text: String {
    if case .value(let bytes?) = self {
      String(decoding: bytes.dropFirst(), as: UTF8.self)
    } else {
      ""
    }
  }

  /// A jsonb, in the spelling in which the server would show it.
  static func json(_ text: String) -> Outcome {
    var canonical = JSONCanonical()
    defer { canonical.free() }
    return .value(
      [1]
        + Array(text.utf8).withUnsafeBytes {
          Array(canonical.write($0.baseAddress.unsafelyUnwrapped, $0.count))
        })
  }
}

/// A table with source columns and rules for target columns, ready to run.
struct Bench {
  let program: RowProgram
  let machine: RowMachine
  let buffer = CopyBuffer()

  static let place = PlanPlace(file: "plan.json5", line: 1, column: 1)
  static let runTime = RunTime(microseconds: 1_714_566_600_123_456)

  init(
    _ source: [(String, PostgresType)], _ target: [(String, PostgresType, Rule)],
    checks: [RowCheck] = [], notNull: Set<String> = [], lookups: [LookupTable] = [],
    timeZone: String = "UTC", unique: [[String]] = [], table: String = "t",
    hashKey: [UInt8] = Array("key".utf8)
  ) throws {
    let feed = Feed(
      from: "old", key: source.isEmpty ? [] : [source[0].0],
      columns: target.map { ColumnRule(column: $0.0, rule: $0.2, place: Self.place) },
      place: Self.place)
    let plan = TablePlan(
      name: table, command: table, phase: 1, feeds: [feed], unique: unique, checks: checks,
      place: Self.place)
    program = try RowProgram.compile(
      plan, feed: feed, feedNumber: 0,
      source: PostgresTable(
        schema: "public", name: "old",
        columns: source.map { PostgresColumn(name: $0.0, type: $0.1) },
        primaryKey: source.isEmpty ? [] : [source[0].0]),
      target: PostgresTable(
        schema: "public", name: table,
        columns: target.map {
          PostgresColumn(name: $0.0, type: $0.1, isNotNull: notNull.contains($0.0))
        }, primaryKey: target.isEmpty ? [] : [target[0].0]),
      context: RunContext(runTime: Self.runTime, hashKey: hashKey, timeZone: timeZone))
    machine = RowMachine(program, lookups: lookups)
  }

  /// Runs a row and returns its fields, or nil when it was rejected.
  func run(_ values: [[UInt8]?]) -> [[UInt8]?]? {
    buffer.removeAll()
    let verdict = Wire.row(values).withUnsafeBytes { machine.run($0, into: buffer) }
    guard verdict == .row else {
      #expect(buffer.count == 0)
      return nil
    }
    return buffer.withBytes(Wire.fields)
  }

  /// Runs a row and returns the result of its first column.
  func outcome(_ values: [[UInt8]?]) -> Outcome {
    guard let fields = run(values) else { return .rejected(machine.reject.reason) }
    return .value(fields[0])
  }

  func warnings(_ column: String, _ reason: Reason) -> Int {
    machine.warnings[column, reason]
  }
}

/// Runs one value through a rule on the source column `v`.
func transform(
  _ value: [UInt8]?, _ from: PostgresType, to: PostgresType,
  _ rule: Rule = .source(["v"]), timeZone: String = "UTC"
) throws -> Outcome {
  try Bench([("v", from)], [("c", to, rule)], timeZone: timeZone).outcome([value])
}

/// Runs a text through steps into a text column.
func steps(_ value: String?, _ steps: RuleStep..., to: PostgresType = Types.text) throws -> Outcome
{
  let rule = steps.reduce(Rule.source(["v"])) { .step($0, $1) }
  return try transform(value.map(Wire.text), Types.text, to: to, rule)
}

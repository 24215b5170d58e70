import MigrationCore
import Postgres

/// Programs that take one source value of any type to one target column of any type.
enum RowPrograms {
  struct Kind: Sendable {
    let type: PostgresType
    /// Values as PostgreSQL sends them.
    let samples: [[UInt8]]
  }

  /// Ways to convert a value, as plans write them.
  private static let rules = [
    #""v""#,
    #"{ from: "v", path: "a.0", trim: true, lowercase: true, number: { orElse: "null" } }"#,
    #"{ from: "v", collapseBlanks: true, emptyToNull: true, date: { formats: ["dd.MM.yyyy", "yyyy-MM-dd"], orElse: "null" } }"#,
    #"{ object: { a: "v", b: { array: ["v", "v"] } } }"#,
    #"{ concat: ["v", { id: "thing", from: "v" }], separator: " ", truncate: 4 }"#,
    #"{ from: "v", nul: "replace", email: "keep", truncate: 4 }"#,
    #"{ from: "v", boolean: { orElse: "null" } }"#,
  ]

  static func machines(documents: Bool) -> [(source: Kind, machine: RowMachine)] {
    var machines: [(Kind, RowMachine)] = []
    for rule in rules {
      guard let plan = plan(rule, documents: documents), let feed = plan.feeds.first else {
        continue
      }
      for source in documents ? [kinds[0]] : kinds {
        for target in kinds {
          let program = try? RowProgram.compile(
            plan, feed: feed, feedNumber: 0,
            source: documents ? nil : table("old", [("v", source.type)]),
            target: table("t", [("c", target.type)]),
            context: RunContext(runTime: RunTime(microseconds: 1_767_225_600_000_000), hashKey: []))
          guard let program else { continue }
          machines.append((source, RowMachine(program)))
        }
      }
    }
    return machines
  }

  private static func plan(_ rule: String, documents: Bool) -> TablePlan? {
    let source =
      documents
      ? #"{ kind: "mongo", setting: "MONGODB_URL" }"#
      : #"{ kind: "postgres", setting: "SOURCE_DATABASE_URL" }"#
    let text = """
      { name: "fuzz", source: \(source), tables: { t: { from: "old", \(documents ? "" : "key: [],") columns: { c: \(rule) } } } }
      """
    let plan = try? PlanReader.read(bytes: Array(text.utf8)).tables.first
    precondition(plan != nil, "no rule of a plan: \(rule)")
    return plan
  }

  private static func table(_ name: String, _ columns: [(String, PostgresType)]) -> PostgresTable {
    PostgresTable(
      schema: "public", name: name,
      columns: columns.map { PostgresColumn(name: $0.0, type: $0.1, isNotNull: false) },
      primaryKey: [])
  }

  private static func bytes<Number: FixedWidthInteger>(_ numbers: Number...) -> [UInt8] {
    numbers.flatMap { number in withUnsafeBytes(of: number.bigEndian) { Array($0) } }
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

  /// An array of one dimension, or two.
  private static func array(of element: UInt32, _ elements: [[UInt8]?], rows: Int32 = 1) -> [UInt8]
  {
    let dimensions: [Int32] =
      rows == 1 ? [Int32(elements.count), 1] : [rows, 1, Int32(elements.count) / rows, 1]
    let head: [Int32] = [rows == 1 ? 1 : 2, 1, Int32(bitPattern: element)] + dimensions
    return head.flatMap { bytes($0) }
      + elements.flatMap { $0.map { bytes(Int32($0.count)) + $0 } ?? bytes(Int32(-1)) }
  }

  static let kinds: [Kind] = [
    Kind(
      type: PostgresType(oid: 25, name: "text"),
      samples: [
        text(""), text(" Grüße 世界 💾 "), text("31.12.2024"), text("2024-02-29T23:59:60Z"),
        text("-1.5e300"),
        text("yes"), text(#"{"a":[1.50,{"b":null}],"a":"\u0000"}"#), text("someone@example.com"),
        [0xFF, 0xC3],
        text("a\u{0}b"), text("65a1b2c3d4e5f60718293a4b"),
        text("00000000-0000-8000-8000-000000000001"),
      ]),
    Kind(
      type: PostgresType(oid: 1043, name: "character varying(5)", modifier: 9),
      samples: [text("hällo")]),
    Kind(
      type: PostgresType(oid: 1042, name: "character(5)", modifier: 9), samples: [text("hi   ")]),
    Kind(type: PostgresType(oid: 16, name: "boolean"), samples: [[0], [1], [2]]),
    Kind(
      type: PostgresType(oid: 21, name: "smallint"), samples: [bytes(Int16.min), bytes(Int16(7))]),
    Kind(
      type: PostgresType(oid: 23, name: "integer"), samples: [bytes(Int32.max), bytes(Int32(-1))]),
    Kind(
      type: PostgresType(oid: 20, name: "bigint"),
      samples: [bytes(Int64.min), bytes(Int64(20_241_231))]),
    Kind(
      type: PostgresType(oid: 700, name: "real"),
      samples: [bytes(Float(1.1).bitPattern), bytes(Float.infinity.bitPattern)]),
    Kind(
      type: PostgresType(oid: 701, name: "double precision"),
      samples: [bytes(Double.nan.bitPattern), bytes((-0.0).bitPattern), bytes(1e300.bitPattern)]),
    Kind(
      type: PostgresType(oid: 1700, name: "numeric"),
      samples: [
        bytes(Int16(0), 0, 0, 0), bytes(Int16(2), 1, 0, 2, 12, 3400),
        bytes(Int16(1), -1, 0x4000, 4, 1),
        bytes(Int16(0), 0, Int16(bitPattern: 0xC000), 0),
        bytes(Int16(0), 0, Int16(bitPattern: 0xD000), 0),
        bytes(Int16(1), 0x7FFF, 0, 0x3FFF, 9999),
      ]),
    Kind(
      type: PostgresType(oid: 1700, name: "numeric(10,2)", modifier: 10 << 16 | 2 + 4),
      samples: [bytes(Int16(2), 0, 0, 2, 12, 3400)]),
    Kind(
      type: PostgresType(oid: 2950, name: "uuid"),
      samples: [[UInt8](repeating: 7, count: 16), [UInt8](0..<16)]),
    Kind(
      type: PostgresType(oid: 1082, name: "date"), samples: [bytes(Int32(9000)), bytes(Int32.max)]),
    Kind(
      type: PostgresType(oid: 1083, name: "time without time zone"),
      samples: [bytes(Int64(86_400_000_000))]),
    Kind(
      type: PostgresType(oid: 1114, name: "timestamp without time zone"),
      samples: [
        bytes(Int64(1)), bytes(Int64.max), bytes(Int64.min), bytes(Int64(-211_813_488_000_000_000)),
      ]),
    Kind(
      type: PostgresType(oid: 1114, name: "timestamp(3)", modifier: 3),
      samples: [bytes(Int64(999_999))]),
    Kind(
      type: PostgresType(oid: 1184, name: "timestamp with time zone"),
      samples: [bytes(Int64(820_454_400_000_000))]),
    Kind(
      type: PostgresType(oid: 1186, name: "interval"),
      samples: [bytes(Int64(1)) + bytes(Int32(2), 3)]),
    Kind(
      type: PostgresType(oid: 114, name: "json"),
      samples: [text(#"{ "a" : [1, "x"] }"#), text("[")]),
    Kind(
      type: PostgresType(oid: 3802, name: "jsonb"),
      samples: [[1] + text(#"{"a": [1, {"b": "\ud83d\ude00"}]}"#), [1] + text("null"), [2]]),
    Kind(type: PostgresType(oid: 17, name: "bytea"), samples: [[], [0, 255]]),
    Kind(
      type: PostgresType(oid: 1009, name: "text[]", elementOID: 25),
      samples: [
        array(of: 25, [text("a"), nil, text("b\"\\,")]), bytes(Int32(0), 0, 25),
        array(of: 25, [text("a"), text("b"), nil, text("d")], rows: 2),
      ]),
    Kind(
      type: PostgresType(oid: 1007, name: "integer[]", elementOID: 23),
      samples: [array(of: 23, [bytes(Int32(1)), nil])]),
    Kind(
      type: PostgresType(oid: 20_000, name: "mood", labels: ["sad", "ok"]),
      samples: [text("ok"), text("bad")]),
  ]
}

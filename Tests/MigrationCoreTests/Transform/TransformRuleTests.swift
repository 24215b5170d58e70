import Foundation
import Testing

@testable import MigrationPlan
@testable import MigrationRows

@Suite struct TransformRuleTests {
  static let legacy = "0f2b6f0e-9d0e-4b7a-8c38-111111111111"

  @Test func objectsAreBuiltWithNullsNumbersAndTimes() throws {
    let rule = Rule.object([
      ("line1", .source(["a"])), ("line2", .source(["b"])),
      ("legacy", .object([("limit", .source(["n"])), ("kind", .constant("x\"y"))])),
      ("at", .source(["t"])), ("migrationDate", .runTime), ("tags", .source(["j"])),
      ("list", .array([.source(["i"]), .constant(true), .constant(nil)])),
    ])
    let bench = try Bench(
      [
        ("a", Types.text), ("b", Types.text), ("n", Types.numeric), ("t", Types.timestamp),
        ("j", Types.jsonb), ("i", Types.int4),
      ], [("c", Types.jsonb, rule)])
    let outcome = bench.outcome([
      Wire.text("a\"b\\c\n\u{1}ž"), nil, try Wire.numeric("1234.50"),
      Wire.integer(try Wire.moment("2024-05-01T12:30:00Z") + 500_000), Wire.jsonb("[\"x\", 1]"),
      Wire.integer(Int32(-5)),
    ])
    #expect(
      outcome
        == .json(
          #"{"line1":"a\"b\\c\n\u0001ž","line2":null,"legacy":{"limit":1234.50,"kind":"x\"y"},"#
            + #""at":"2024-05-01T12:30:00.5","migrationDate":"2024-05-01T12:30:00.123456Z","#
            + #""tags":["x", 1],"list":[-5,true,null]}"#))
  }

  @Test func textsInJSONOfEveryLengthAreEscaped() throws {
    let bench = try Bench(
      [("v", Types.text)], [("c", Types.jsonb, .object([("v", .source(["v"]))]))])
    for length in 0..<40 {
      for special in ["\"", "\\", "\t", "é", "\u{1F600}", "\u{1F}", " ", "!", "\u{7F}"] {
        let text = String(repeating: "x", count: length) + special + "yz"
        guard case .value(let bytes?) = bench.outcome([Wire.text(text)]) else {
          Issue.record("rejected \(text)")
          continue
        }
        let object = try JSONSerialization.jsonObject(with: Data(bytes.dropFirst()))
        #expect((object as? [String: String])?["v"] == text)
      }
    }
  }

  @Test func whatJSONCannotHoldIsRefused() throws {
    let rule = Rule.object([("v", .source(["v"]))])
    #expect(
      try transform(Wire.text("a\0"), Types.text, to: Types.jsonb, rule) == .rejected(.nulByte))
    #expect(try transform([0x61, 0xFF], Types.text, to: Types.jsonb, rule) == .rejected(.badUTF8))
    #expect(
      try transform(Wire.text(#"{"a":"\u0000"}"#), Types.json, to: Types.jsonb, rule)
        == .rejected(.nulByte))
    #expect(
      try transform(Wire.double(.infinity), Types.float8, to: Types.jsonb, rule)
        == .json(#"{"v":"Infinity"}"#))
  }

  @Test func theFirstValueCounts() throws {
    let bench = try Bench(
      [("a", Types.text), ("b", Types.text), ("d", Types.text)],
      [("c", Types.text, .source(["a", "b", "d"]))])
    #expect(bench.outcome([nil, nil, Wire.text("3")]) == .text("3"))
    #expect(bench.outcome([nil, Wire.text("2"), Wire.text("3")]) == .text("2"))
    #expect(bench.outcome([Wire.text(""), Wire.text("2"), nil]) == .text(""))
    #expect(bench.outcome([nil, nil, nil]) == .value(nil))
  }

  @Test func constantsFitTheirColumns() throws {
    let bench = try Bench(
      [],
      [
        ("a", Types.numeric(10, 2), .constant(1.5)), ("b", Types.jsonb, .constant([])),
        ("d", Types.bool, .constant(false)), ("e", Types.int4, .constant(7)),
        ("f", Types.timestamp, .runTime), ("g", Types.textArray, .constant(["x", nil])),
        ("h", Types.numeric, .constant(.numeral("123456789012345678901234567890.5"))),
      ])
    let fields = try #require(bench.run([]))
    #expect(fields[0] == (try Wire.numeric("1.50")))
    #expect(fields[1] == Wire.jsonb("[]"))
    #expect(fields[2] == [0])
    #expect(fields[3] == Wire.integer(Int32(7)))
    #expect(
      fields[4] == Wire.integer(try Wire.moment("2024-05-01T12:30:00Z") + 123_456))
    #expect(
      fields[5]
        == [1, 1, 25, 2, 1].flatMap { Wire.integer(Int32($0)) }
        + Wire.field(Wire.text("x")) + Wire.field(nil))
    #expect(fields[6] == (try Wire.numeric("123456789012345678901234567890.5")))
  }

  @Test func textsAreConcatenatedWithoutGaps() throws {
    let rule = Rule.concatenation(
      [.source(["a"]), .source(["n"]), .source(["b"])], separator: ", ")
    let bench = try Bench(
      [("a", Types.text), ("n", Types.int4), ("b", Types.text)], [("c", Types.text, rule)])
    #expect(
      bench.outcome([Wire.text("x"), Wire.integer(Int32(5)), Wire.text("y")]) == .text("x, 5, y"))
    #expect(bench.outcome([nil, Wire.integer(Int32(5)), nil]) == .text("5"))
    #expect(bench.outcome([nil, nil, nil]) == .value(nil))
  }

  @Test(arguments: [
    (["a"], #""x\ny""#, Outcome.text("x\ny")), (["a"], #""\u0159\ud83d\ude00""#, .text("ř😀")),
    (["a"], "null", .value(nil)), (["b"], "1", .value(nil)), (["a"], "true", .text("true")),
    (["a"], "-1.50e2", .text("-150")), (["a", "1"], "[1, 2, 3]", .text("2")),
    (["a", "3"], "[1, 2, 3]", .value(nil)),
    (["a", "b"], #"{"b": {"c": [1]}}"#, .text(#"{"c": [1]}"#)),
    (["a", "b"], "5", .rejected(.notJSON)), (["a", "b"], "[]", .value(nil)),
    (["a", "b"], #"[{"b": 1}]"#, .rejected(.pathIntoArray)), (["a", "b"], "null", .value(nil)),
  ])
  func partsOfJSON(_ path: [String], _ json: String, _ expected: Outcome) throws {
    let rule = Rule.part(.source(["v"]), path: path)
    let text = #" { "z": {"a": 0}, "a" : \#(json), "y": "\"a" } "#
    #expect(try transform(Wire.jsonb(text), Types.jsonb, to: Types.text, rule) == expected)
    #expect(try transform(Wire.text(text), Types.text, to: Types.text, rule) == expected)
  }

  @Test func partsOfBrokenJSONAreRefused() throws {
    let rule = Rule.part(.source(["v"]), path: ["a"])
    #expect(
      try transform(Wire.text("{a:1}"), Types.text, to: Types.text, rule) == .rejected(.notJSON))
    #expect(
      try transform(Wire.text(#"{"a":1,"a":2}"#), Types.json, to: Types.int4, rule)
        == .value(Wire.integer(Int32(2))))
  }

  @Test func identitiesKeepUuidsAndMakeOthers() throws {
    let rule = Rule.identity(entity: "customers", .source(["v"]))
    let kept = Outcome.value(try Wire.uuid(Self.legacy))
    #expect(try transform(try Wire.uuid(Self.legacy), Types.uuid, to: Types.uuid, rule) == kept)
    #expect(try transform(Wire.text(Self.legacy), Types.text, to: Types.uuid, rule) == kept)
    // From PostgreSQL: uuid_generate_v5(uuid_generate_v5(uuid_ns_url(), 'migrate:customers'), '7')
    let made = Outcome.value(try Wire.uuid(EntityIdentity.uuid(of: "7", entity: "customers")))
    #expect(try transform(Wire.integer(Int32(7)), Types.int4, to: Types.uuid, rule) == made)
    #expect(try transform(Wire.text("7"), Types.text, to: Types.uuid, rule) == made)
    let other = Rule.identity(entity: "vendors", .source(["v"]))
    #expect(try transform(Wire.text("7"), Types.text, to: Types.uuid, other) != made)
    #expect(try transform(nil, Types.text, to: Types.uuid, rule) == .value(nil))
  }

  @Test func conditionsChooseBranches() throws {
    let rule = Rule.conditional(
      .all([
        .not(.isNull(.source(["v"]))),
        .any([
          .equals(.source(["v"]), ["a", 5]), .matches(.source(["v"]), prefix: "pre"),
        ]),
      ]), then: .constant("yes"),
      otherwise: .step(.source(["v"]), .uppercase))
    #expect(try transform(Wire.text("a"), Types.text, to: Types.text, rule) == .text("yes"))
    #expect(try transform(Wire.text("5.0"), Types.text, to: Types.text, rule) == .text("yes"))
    #expect(try transform(Wire.text("prefix"), Types.text, to: Types.text, rule) == .text("yes"))
    #expect(try transform(Wire.text("pr"), Types.text, to: Types.text, rule) == .text("PR"))
    #expect(try transform(nil, Types.text, to: Types.text, rule) == .value(nil))
  }

  @Test func checksComparePairsOfColumns() throws {
    func bench(_ policy: FailurePolicy) throws -> Bench {
      try Bench(
        [("a", Types.date), ("b", Types.timestamp)],
        [("f", Types.date, .source(["a"])), ("t", Types.timestamp, .source(["b"]))],
        checks: [
          RowCheck(
            name: "order", left: "f", comparison: .less, right: .column("t"), failure: policy,
            place: Bench.place)
        ])
    }
    let early = Wire.integer(Int32(1))
    let (sameDay, nextDay) = (
      Wire.integer(Int64(86_400_000_000)), Wire.integer(Int64(2 * 86_400_000_000))
    )
    #expect(try bench(.quarantine).run([early, nextDay]) != nil)
    #expect(try bench(.quarantine).run([early, nil]) != nil)
    let strict = try bench(.quarantine)
    #expect(strict.run([early, sameDay]) == nil)
    #expect(strict.machine.reject.check == "order")
    #expect(strict.machine.reject.reason == .checkFailed)
    let keeping = try bench(.keep)
    #expect(keeping.run([early, sameDay]) != nil)
    #expect(keeping.warnings("f", .checkFailed) == 1)
    #expect(try bench(.null).run([early, sameDay])?[0] == .some(nil))
  }

  @Test func warningsOfRejectedRowsDoNotCount() throws {
    let bench = try Bench(
      [("a", Types.text), ("b", Types.text)],
      [
        ("c", Types.text, .step(.source(["a"]), .phone(.keep))),
        ("d", Types.text, .step(.source(["b"]), .required)),
      ])
    #expect(bench.run([Wire.text("x"), nil]) == nil)
    #expect(bench.warnings("c", .badPhone) == 0)
    #expect(bench.run([Wire.text("x"), Wire.text("y")]) != nil)
    #expect(bench.warnings("c", .badPhone) == 1)
  }

  @Test func notNullColumnsRefuseNull() throws {
    let bench = try Bench(
      [("a", Types.text)], [("c", Types.text, .source(["a"]))], notNull: ["c"])
    #expect(bench.outcome([nil]) == .rejected(.missing))
    #expect(bench.machine.reject.sources == ["a"])
  }

  @Test func damagedRowsAreRefused() throws {
    let bench = try Bench([("a", Types.int4)], [("c", Types.int4, .source(["a"]))])
    let good = Wire.row([Wire.integer(Int32(1))])
    let bad: [[UInt8]] = [
      [], [0], Wire.row([]), Wire.row([nil, nil]), good + [0], Array(good.dropLast()),
      Wire.row([[1, 2, 3]]), [0, 1, 0xFF, 0xFF, 0xFF, 0xFE], [0, 1, 0x7F, 0, 0, 0],
    ]
    for row in bad {
      let verdict = row.withUnsafeBytes { bench.machine.run($0, into: bench.buffer) }
      #expect(verdict == .rejected)
      #expect(bench.machine.reject.reason == .corruptRow)
      #expect(bench.machine.reject.code == .corruption)
    }
    #expect(bench.buffer.count == 0)
  }

  @Test func everyReasonHasANameAndAHint() {
    for reason in Reason.allCases {
      #expect(!reason.name.isEmpty)
      #expect(!reason.hint.isEmpty)
      #expect(reason.rawValue < 32)
    }
    #expect(Set(Reason.allCases.map(\.hint)).count == Reason.allCases.count)
  }
}

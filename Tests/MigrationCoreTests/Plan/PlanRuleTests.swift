import Testing

@testable import MigrationBasics
@testable import MigrationPlan

/// What each way to write a rule means.
@Suite struct PlanRuleTests {
  @Test(arguments: [
    (#""a""#, Rule.source(["a"])),
    (#"["a", "b"]"#, .source(["a", "b"])),
    (#"{ from: "a" }"#, .source(["a"])),
    (#"{ from: ["a", "b"] }"#, .source(["a", "b"])),
    (#"["a", { runTime: true }]"#, .step(.source(["a"]), .otherwise(.runTime))),
    (
      #"["a", { runTime: true }, "b"]"#,
      .step(.step(.source(["a"]), .otherwise(.runTime)), .otherwise(.source(["b"])))
    ),
    (#"{ value: "vendor" }"#, .constant(.text("vendor"))),
    (#"{ value: null }"#, .constant(.null)),
    (#"{ value: [] }"#, .constant(.array([]))),
    (#"{ runTime: true }"#, .runTime),
    (
      #"{ object: { b: "x", a: { value: 1 } } }"#,
      .object([("b", .source(["x"])), ("a", .constant(.int(1)))])
    ),
    (#"{ array: ["x", { value: 1 }] }"#, .array([.source(["x"]), .constant(.int(1))])),
    (
      #"{ concat: ["x", "y"], separator: " " }"#,
      .concatenation([.source(["x"]), .source(["y"])], separator: " ")
    ),
    (#"{ concat: ["x"] }"#, .concatenation([.source(["x"])], separator: "")),
    (#"{ from: "j", path: "a.b" }"#, .part(.source(["j"]), path: ["a", "b"])),
    (#"{ from: "j", path: ["a.b"] }"#, .part(.source(["j"]), path: ["a.b"])),
    (#"{ id: "vendors", from: "v" }"#, .identity(entity: "vendors", .source(["v"]))),
  ]) func origin(_ text: String, _ wanted: Rule) throws {
    #expect(shownRule(try readRule(text)) == shownRule(wanted))
  }

  @Test(arguments: [
    ("trim: true", RuleStep.trim), ("collapseBlanks: true", .collapseBlanks),
    ("emptyToNull: true", .emptyToNull), ("lowercase: true", .lowercase),
    ("uppercase: true", .uppercase), (#"nul: "strip""#, .nul(.strip)),
    ("phone: true", .phone(.quarantine)), (#"phone: "keep""#, .phone(.keep)),
    (#"email: "null""#, .email(.null)), (#"currency: "keep""#, .currencyCode(.keep)),
    ("truncate: 255", .truncate(255)), ("hash: true", .hash), ("mask: 4", .mask(keepLast: 4)),
    ("boolean: true", .boolean(truthy: [], falsy: [], .quarantine)),
    (
      #"boolean: { yes: ["J"], no: "N", orElse: "null" }"#,
      .boolean(truthy: ["J"], falsy: ["N"], .null)
    ),
    ("number: true", .number(decimal: ".", grouping: "", .quarantine)),
    (
      #"number: { decimal: ",", grouping: ".", orElse: "null" }"#,
      .number(decimal: ",", grouping: ".", .null)
    ),
    (#"date: "dd.MM.yyyy""#, .date(formats: ["dd.MM.yyyy"], timeZone: nil, .quarantine)),
    (
      #"date: { formats: ["yyyy-MM-dd HH:mm"], timeZone: "Europe/Prague", orElse: "null" }"#,
      .date(formats: ["yyyy-MM-dd HH:mm"], timeZone: "Europe/Prague", .null)
    ),
    (#"min: "2000-01-31""#, .minimum("2000-01-31", .quarantine)),
    (
      #"date: "yyyy-MM-ddTHH:mm:ss.SSSX""#,
      .date(formats: ["yyyy-MM-ddTHH:mm:ss.SSSX"], timeZone: nil, .quarantine)
    ),
    ("round: true", .round), ("required: true", .required),
    ("min: 0", .minimum("0", .quarantine)), ("max: -1.50", .maximum("-1.50", .quarantine)),
    (#"min: { value: 0x10, orElse: "null" }"#, .minimum("16", .null)),
    ("max: 12345678901234567890123.5", .maximum("12345678901234567890123.5", .quarantine)),
    (#"oneOf: ["a", "b"]"#, .oneOf(["a", "b"], .quarantine)),
    (#"oneOf: { values: ["a"], orElse: "keep" }"#, .oneOf(["a"], .keep)),
    ("default: 0", .otherwise(.constant(.int(0)))),
    (#"default: ["USD"]"#, .otherwise(.constant(.array([.text("USD")])))),
    ("default: {}", .otherwise(.constant(.object(JSONObject())))),
    (#"map: { Y: "yes" }"#, .map(["Y": .text("yes")], otherwise: .policy(.quarantine))),
    (
      #"map: { Y: "yes" }, unmapped: "keep""#,
      .map(["Y": .text("yes")], otherwise: .policy(.keep))
    ),
    (
      #"map: { Y: 1 }, unmapped: { value: null }"#,
      .map(["Y": .int(1)], otherwise: .value(.null))
    ),
  ]) func step(_ text: String, _ wanted: RuleStep) throws {
    let rule = try readRule(#"{ from: "a", \#(text) }"#)
    #expect(shownRule(rule) == shownRule(.step(.source(["a"]), wanted)))
  }

  @Test func flagsThatAreFalseAreNoSteps() throws {
    let rule = try readRule(#"{ from: "a", trim: false, required: false, number: false }"#)
    #expect(shownRule(rule) == shownRule(.source(["a"])))
  }

  @Test func stepsApplyInOneOrderHoweverTheyAreWritten() throws {
    let one = try readRule(
      #"{ required: true, default: 0, min: 0, number: true, trim: true, from: "a" }"#)
    let two = try readRule(
      #"{ from: "a", trim: true, number: true, min: 0, default: 0, required: true }"#)
    let wanted = Rule.step(
      .step(
        .step(
          .step(
            .step(.source(["a"]), .trim), .number(decimal: ".", grouping: "", .quarantine)),
          .minimum("0", .quarantine)), .otherwise(.constant(.int(0)))), .required)
    #expect(shownRule(one) == shownRule(wanted))
    #expect(shownRule(two) == shownRule(wanted))
  }

  @Test func anotherOrderIsWrittenByNesting() throws {
    let rule = try readRule(#"{ from: { from: "a", lowercase: true }, trim: true }"#)
    #expect(shownRule(rule) == shownRule(.step(.step(.source(["a"]), .lowercase), .trim)))
  }

  @Test(arguments: [
    (#"{ from: "s", is: "x" }"#, RuleCondition.equals(.source(["s"]), [.text("x")])),
    (#"{ from: "s", is: [1, true] }"#, .equals(.source(["s"]), [.int(1), .bool(true)])),
    (#"{ from: "s", isNull: true }"#, .isNull(.source(["s"]))),
    (#"{ from: "s", isNull: false }"#, .not(.isNull(.source(["s"])))),
    (#"{ from: "s", startsWith: "X-" }"#, .matches(.source(["s"]), prefix: "X-")),
    (#"{ not: { from: "s", is: "x" } }"#, .not(.equals(.source(["s"]), [.text("x")]))),
    (
      #"{ any: [{ from: "s", isNull: true }, { all: [{ from: "t", is: 1 }] }] }"#,
      .any([.isNull(.source(["s"])), .all([.equals(.source(["t"]), [.int(1)])])])
    ),
  ]) func condition(_ text: String, _ wanted: RuleCondition) throws {
    let rule = try readRule(#"{ when: \#(text), then: "a", else: { value: 0 } }"#)
    let whole = Rule.conditional(wanted, then: .source(["a"]), otherwise: .constant(.int(0)))
    #expect(shownRule(rule) == shownRule(whole))
  }

  @Test func elseIsNullWhereItIsLeftOut() throws {
    let rule = try readRule(#"{ when: { from: "s", is: 1 }, then: "a" }"#)
    guard case .conditional(_, _, .constant(.null)) = rule else {
      Issue.record("\(rule)")
      return
    }
  }

  @Test func referenceKeepsTheOrderOfItsWays() throws {
    let text = planText(
      columns: """
        c: { reference: "u", by: { id: { id: "u", from: "u_id" }, code: "u_code" }, orphan: "null" },
        d: { reference: "u", by: [{ code: "x" }, { code: "y" }], result: "number", required: true },
        """, more: #"u: { from: "v", key: "id", columns: { id: { id: "u", from: "id" } } }"#)
    let read = try readPlan(text)
    let columns = try #require(read.tables.last?.feeds.first?.columns)
    let first = try #require(columns[0].rule.references.first)
    #expect(first.table == "u" && first.result == "id" && first.orphan == .null)
    #expect(first.ways.map(\.column) == ["id", "code"])
    #expect(first.ways[0].value.entity == "u")
    guard case .step(.reference(let second), .required) = columns[1].rule else {
      Issue.record("\(columns[1].rule)")
      return
    }
    #expect(second.ways.map(\.column) == ["code", "code"])
    #expect(second.result == "number" && second.orphan == .quarantine)
  }
}

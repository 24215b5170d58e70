import Foundation
import Testing

@testable import MigrationPlan

/// A faulty piece of a plan, and what must be said about it.
struct FaultCase: Sendable, CustomTestStringConvertible {
  let text: String
  let what: String
  let remedy: String

  init(_ text: String, _ what: String, _ remedy: String) {
    (self.text, self.what, self.remedy) = (text, what, remedy)
  }

  var testDescription: String { text }

  func expect(_ found: [PlanFault], line: Int? = nil) {
    #expect(found.count == 1, "\(found.map(\.description))")
    guard let fault = found.first else { return }
    #expect(fault.what.contains(what), "\(fault)")
    #expect(remedy.isEmpty ? !fault.remedy.isEmpty : fault.remedy.contains(remedy), "\(fault)")
    #expect(fault.severity == .error && fault.place.column > 0)
    if let line { #expect(fault.place.line == line) }
  }
}

@Suite struct PlanFaultTests {
  @Test(arguments: [
    FaultCase("true", "expected a rule, found true", "{ value: true }"),
    FaultCase("null", "expected a rule, found null", "{ value: null }"),
    FaultCase(#""""#, "found empty text", "name of a source column"),
    FaultCase("[]", "the list is empty", "name the columns"),
    FaultCase("{}", "names no origin for its value", "from, value, runTime"),
    FaultCase(#"{ from: "a", value: 1 }"#, "this rule has \"from\" and \"value\"", "keep one"),
    FaultCase(#"{ form: "a", value: 1 }"#, "unknown key \"form\"", "\"from\"?"),
    FaultCase(#"{ from: "a", requird: true }"#, "unknown key \"requird\"", "\"required\"?"),
    FaultCase(#"{ from: "a", separator: "," }"#, "belongs to \"concat\"", "add \"concat\""),
    FaultCase(#"{ from: "a", unmapped: "keep" }"#, "belongs to \"map\"", "add map"),
    FaultCase(#"{ runTime: false }"#, "can only be true", "runTime: true"),
    FaultCase(#"{ from: "a", trim: "yes" }"#, "expected true or false, found text", "true"),
    FaultCase(#"{ from: "a", phone: "kep" }"#, "unknown word \"kep\"", "\"keep\"?"),
    FaultCase(#"{ from: "a", default: null }"#, "null cannot be a default", "remove"),
    FaultCase(#"{ from: "a", min: "0" }"#, "expected a number, or a date", "number"),
    FaultCase(#"{ from: "a", min: Infinity }"#, "not a plain decimal number", "0.5"),
    FaultCase(#"{ from: "a", max: { orElse: "null" } }"#, "\"value\" is missing", "value: 0"),
    FaultCase(#"{ from: "a", truncate: 0 }"#, "from 1 to", "whole number"),
    FaultCase(#"{ from: "a", mask: 1.5 }"#, "whole number from 0 to 64, found 1.5", ""),
    FaultCase(#"{ from: "a", path: "a..b" }"#, "empty part", "terms.days"),
    FaultCase(#"{ from: "a", path: [] }"#, "expected a path", ""),
    FaultCase(#"{ from: "a", map: {} }"#, "the map is empty", "list"),
    FaultCase(#"{ from: "a", oneOf: [] }"#, "the list of values is empty", "list"),
    FaultCase(
      #"{ from: "a", date: "YYYY-MM-DD" }"#, "YYYY is not a date field", "did you mean yyyy?"),
    FaultCase(#"{ from: "a", date: "yyyy-mm-dd" }"#, "neither a day nor a time", "month"),
    FaultCase(#"{ from: "a", date: "dd.MM.yyyy hh:mm" }"#, "(h) and am/pm", "HH"),
    FaultCase(#"{ from: "a", date: "yyyy-MM-dd'T" }"#, "a quote is open", "close"),
    FaultCase(#"{ from: "a", date: [] }"#, "list of formats is empty", "dd.MM.yyyy"),
    FaultCase(
      #"{ from: "a", date: { formats: "yyyy-MM-dd", timeZone: "../x y" } }"#,
      "not the name of a time zone", "Europe/Prague"),
    FaultCase(
      #"{ from: "a", number: { decimal: "," , grouping: "," } }"#, "same character", "both"),
    FaultCase(
      #"{ from: "a", number: { decimal: "1" } }"#, "cannot separate digits", "one character"),
    FaultCase(#"{ from: "a", boolean: { yes: ["J"], no: ["j"] } }"#, "both yes and no", "one list"),
    FaultCase(#"{ concat: [] }"#, "concat has no parts", "concat"),
    FaultCase(#"{ concat: "a" }"#, "expected a list of rules, found text", ""),
    FaultCase(#"{ object: { a: 1 } }"#, "expected a rule, found a number", "{ value: 1 }"),
    FaultCase(#"{ when: { from: "a" }, then: "b" }"#, "has no test", "isNull"),
    FaultCase(
      #"{ when: { from: "a", is: 1, isNull: true }, then: "b" }"#, "more than one test", "all: ["),
    FaultCase(#"{ when: { from: "a", is: null }, then: "b" }"#, "nothing equals null", "isNull"),
    FaultCase(#"{ when: { is: 1 }, then: "b" }"#, "\"from\" is missing", "from: \"status\""),
    FaultCase(#"{ when: { from: "a", is: 1 } }"#, "\"then\" is missing", "then: "),
    FaultCase(
      #"{ when: { from: "a", all: [{ from: "b", is: 1 }] }, then: "b" }"#,
      "cannot be combined with \"all\"", "move"),
    FaultCase(
      #"{ reference: "t2", by: { id: "a" } }"#, "\"t2\" is not in the plan", "add the table"),
    FaultCase(#"{ reference: "t" }"#, "\"by\" is missing", "by: {"),
    FaultCase(#"{ reference: "t", by: {} }"#, "names no column", "by: {"),
    FaultCase(
      #"{ reference: "t", by: { id: "a" }, orphan: "keep" }"#, "unknown word \"keep\"",
      "\"quarantine\", \"null\""),
    FaultCase(
      #"{ reference: "t", by: { code: "a" } }"#, "cannot look up its own rows", "by the key"),
  ]) func rule(_ piece: FaultCase) {
    piece.expect(planFaults(planText(rule: piece.text)), line: 5)
  }

  @Test(arguments: [
    FaultCase("phase: 0,", "from 1 to 99, found 0", ""),
    FaultCase(#"chunk: "big","#, "expected \"auto\" or a number of rows", "chunk: 5000"),
    FaultCase("chunk: 0,", "found 0", ""),
    FaultCase(#"loading: { setAside: "alway" },"#, "unknown word \"alway\"", "\"always\"?"),
    FaultCase(#"loadng: {},"#, "unknown key \"loadng\"", "\"loading\"?"),
    FaultCase(#"command: "Price Lists","#, "cannot be typed", "price-lists"),
    FaultCase(#"unique: ["x"],"#, "unique names x", "feed the column"),
    FaultCase(#"unique: [[]],"#, "no columns", "name"),
    FaultCase(#"checks: { k: "c ~ 1" },"#, "not a condition", "column >= 0"),
    FaultCase(#"checks: { k: "1 < c" },"#, "not a condition", "column >= 0"),
    FaultCase(#"checks: { k: "c < cc" },"#, "uses cc", "feed the column"),
    FaultCase(#"checks: { k: { that: "c < 1", orElse: "null" } },"#, "unknown word \"null\"", ""),
    FaultCase(#"sameColumns: ["c"],"#, "\"c\" is fed twice", "line 4"),
    FaultCase(#"ignore: 3,"#, "expected the name of a source column or a list", ""),
  ]) func table(_ piece: FaultCase) {
    piece.expect(planFaults(planText(columns: #"c: "c""#, table: piece.text)))
  }

  @Test(arguments: [
    FaultCase(#"limits: { stopAt: "10 %" },"#, "\"10 %\" is not a share", "\"5%\""),
    FaultCase(#"limits: { stopAt: 10 },"#, "expected a share", "\"5%\""),
    FaultCase(#"limits: { stopAt: "101%" },"#, "is not a share", "from 0% to 100%"),
    FaultCase(#"limits: { warnAt: "20%" },"#, "stop before it warns", "at most"),
    FaultCase(#"limits: { time: "5 hours" },"#, "not a time", "5h30m"),
    FaultCase(#"thresholds: { quality: 95 },"#, "expected a share", "\"5%\""),
    FaultCase(#"thresholds: { roundTrip: 0 },"#, "found 0", ""),
    FaultCase(#"thresholds: { qualitty: "95%" },"#, "unknown key", "quality"),
    FaultCase(#"limits: { rejects: -1 },"#, "found -1", ""),
    FaultCase(
      #"target: { setting: "postgres://me:secret@host/db" },"#, "not the name of a setting",
      "do not belong in a plan"),
    FaultCase(#"target: { schma: "x" },"#, "unknown key \"schma\"", "\"schema\"?"),
    FaultCase(#"tabels: {},"#, "unknown key \"tabels\"", "\"tables\"?"),
    FaultCase(#"title: 1,"#, "title: expected a title, found a number", ""),
  ]) func head(_ piece: FaultCase) {
    let text = planText(rule: #""a""#).replacingOccurrences(
      of: "tables:", with: piece.text + "\ntables:")
    let found = planFaults(text)
    piece.expect(found, line: 3)
    #expect(!found.description.contains("secret"))
  }

  @Test func allFaultsAreTold() {
    let found = planFaults(
      """
      { name: "n",
        source: { kind: "oracle" },
        limits: { stopAt: "10 %" },
        tables: {
          a: { from: "x", columns: { c: true, d: { from: "y", trimm: true } } },
          b: { from: "x", key: "id", columns: { e: { reference: "aa", by: { c: "c" } } } },
        } }
      """)
    #expect(found.map(\.place.line) == [2, 3, 5, 5, 5, 6])
    #expect(found.map(\.place).map(\.description)[1] == "plan.json5:3:21")
  }

  @Test func brokenGrammarShowsTheLine() {
    let found = planFaults("{ name: \"n\",\n  tables: { a: } }")
    #expect(found.count == 1)
    #expect(found.first?.place == PlanPlace(file: "plan.json5", line: 2, column: 16))
    #expect(found.first?.excerpt?.contains("tables: { a: } }") == true)
  }

  @Test func missingFileIsTold() {
    #expect {
      try PlanReader.read(file: "/no/such/plan.json5")
    } throws: { error in
      "\(error)" == "/no/such/plan.json5: there is no such plan; check the path"
    }
  }

  @Test func otherFaultsAboutSeveralTables() {
    let found = planFaults(
      """
      { name: "n", source: { kind: "postgres" }, tables: {
        a: { from: "x", key: "id", phase: 1, command: "z", columns: {
          id: { id: "as", from: "id" }, b: { reference: "b", by: { id: { id: "bee", from: "b" } } } } },
        b: { from: "y", key: "id", phase: 2, command: "z", columns: { id: { id: "bs", from: "id" } } },
        c: { from: "y", key: "id", phase: 2, columns: { b: { reference: "b", by: { id: "b" } } } },
      } }
      """)
    let texts = found.map(\.what)
    #expect(texts.count == 4, "\(texts)")
    #expect(texts.contains("a in phase 1 looks up b in phase 2"))
    #expect(texts.contains("b and a have the same command: z"))
    #expect(texts.contains("no row of b gets its id from the entity \"bee\""))
    #expect(texts.contains("b.id is made by id: \"bs\", and is looked up by the raw value"))
  }
}

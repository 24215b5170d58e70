import Foundation
import Mongo
import MigrationCore
import TestSupport
import Testing

/// Random plans over random documents, many tables in one migration: what the documentation lets expect
/// is in the target, or a command has said that it is not.
///
/// PATH_TABLES is how many tables there are, and PATH_SEED the first of their cases.
@Suite struct PathPropertyEndToEndTests {
  private struct Commands {
    let check: (exitCode: Int32, document: JSONValue)
    let profile: (exitCode: Int32, document: JSONValue)
    let run: (exitCode: Int32, document: JSONValue)
    let validate: (exitCode: Int32, document: JSONValue)
  }

  private static func number(_ name: String, _ otherwise: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? otherwise
  }

  @Test(.timeLimit(.minutes(20)), arguments: [false, true])
  func everyValueArrivesOrIsTold(_ isDump: Bool) throws {
    let first = Self.number("PATH_SEED", 1)
    let cases = (first..<first + Self.number("PATH_TABLES", 40)).map {
      PathPlan(seed: UInt64($0), hasConditions: !isDump)
    }
    let fixture = try DocumentsFixture(
      tables: "{" + cases.map { $0.table(named: name($0)) }.joined(separator: ",") + "}",
      targetSQL: cases.map { $0.definition(named: name($0)) }.joined(separator: ";"))
    for plan in cases {
      try fixture.insert(
        name(plan), plan.documents.map { try ExtendedJSON.parse($0.extendedJSON) })
    }
    var migrate = fixture.migrate
    if isDump {
      migrate.environment["MONGODB_URL"] = "dump:" + (try fixture.dump(cases.map(name)))
    }
    let commands = Commands(
      check: try json(migrate, "plan check"), profile: try json(migrate, "plan profile"),
      run: try json(migrate, "run"), validate: try json(migrate, "validate --samples all"))
    #expect(commands.check.exitCode == 0, "\(commands.check.document.compact)")
    #expect([0, 5].contains(commands.run.exitCode), "\(commands.run.document.compact)")
    #expect(commands.validate.exitCode == 0, "\(commands.validate.document.compact.prefix(2000))")
    let (loaded, aside) = (try rows(fixture, cases), try quarantined(fixture))
    var told = 0
    for plan in cases { told += try judge(plan, loaded, aside, commands) }
    print("paths: \(cases.count) tables, \(told) with rows that are not loaded, all of them told")
  }

  /// Runs a command for as long as many tables on a busy machine may take.
  private func json(_ migrate: Migrate, _ line: String) throws -> (Int32, JSONValue) {
    let finished = try migrate(line + " --json", timeout: .seconds(600))
    #expect(!finished.output.isEmpty, "\(line): \(finished.errors)")
    return (finished.exitCode, try JSONValue.parse(finished.output))
  }

  private func name(_ plan: PathPlan) -> String { "t\(plan.seed)" }

  /// Holds a table's rows against the evaluator's; returns 1 if some are missing that a command reported.
  private func judge(
    _ plan: PathPlan, _ loaded: [String: [String]], _ aside: [String: Int], _ commands: Commands
  ) throws -> Int {
    let all = plan.rows
    let expected = all.compactMap { $0.map(Self.text) }.sorted()
    let found = (loaded[name(plan)] ?? []).sorted()
    let rejected = all.count { $0 == nil }
    let description = "seed \(plan.seed): \(plan.table(named: name(plan)))"
    #expect(found == expected, "\(description)\n\(plan.documents.map(\.plainJSON))")
    #expect(aside[name(plan)] ?? 0 == rejected, "\(description)")
    guard rejected > 0 else { return 0 }
    let refusals = items(commands.profile.document["findings"]).filter {
      $0["kind"] == "refused" && $0["source"] == .text(name(plan))
    }
    #expect(!refusals.isEmpty, "\(description): the profile did not say that rows are refused")
    #expect(commands.run.exitCode == 5)
    let findings = items(commands.validate.document["rowCountValidation"]?["warnings"])
    #expect(
      findings.contains {
        $0["table"] == .text(name(plan)) && $0["what"]?.compact.contains("quarantined") == true
      }, "\(description): the validation did not say that rows are missing")
    return 1
  }

  private static func text(_ row: [PathValue]) -> String {
    row.map(\.canonical).joined(separator: "|")
  }

  /// The rows of all tables.
  private func rows(
    _ fixture: DocumentsFixture, _ cases: [PathPlan]
  ) throws -> [String: [String]] {
    var rows: [String: [String]] = [:]
    let queries = cases.map { "select '\(name($0))', to_jsonb(t)::text from \(name($0)) t" }
    let columns = Dictionary(
      uniqueKeysWithValues: cases.map { (name($0), $0.columns.map(\.name)) })
    for line in try fixture.query(queries.joined(separator: " union all ")).split(separator: "\n") {
      let (table, text) = (String(line.prefix { $0 != "|" }), line.drop { $0 != "|" }.dropFirst())
      let row = try JSONValue.parse(String(text))
      rows[table, default: []].append(
        Self.text((columns[table] ?? []).map { PathValue(row[$0] ?? .null) }))
    }
    return rows
  }

  private func quarantined(_ fixture: DocumentsFixture) throws -> [String: Int] {
    let lines = try fixture.query(
      "select t.name, count(*) from migrate.quarantine q join migrate.table_state t on t.id = q.table_id group by 1"
    ).split(separator: "\n")
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let cells = line.split(separator: "|")
        return (String(cells[0]), Int(cells[1]) ?? 0)
      })
  }

  private func items(_ value: JSONValue?) -> [JSONValue] {
    if case .array(let items)? = value { items } else { [] }
  }
}

extension PathValue {
  init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let bool): self = .bool(bool)
    case .text(let text): self = .text(text)
    case .int(let number): self = .long(number)
    case .double(let number): self = .double(number)
    case .numeral(let text): self = Double(text).map(PathValue.double) ?? .text(text)
    case .array(let values): self = .array(values.map(PathValue.init))
    case .object(let object):
      self = .document(object.members.map { Member($0.key, PathValue($0.value)) })
    }
  }
}

import Foundation
import Mongo
import Postgres
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationPlan
@testable import MigrationRows

/// Random documents under random rules become what the documentation says, as an evaluator of the
/// tests' own reads it.
///
/// PATH_CASES is how many cases are tried, and PATH_SEED the first of them; a case that fails is reported
/// by its seed.
@Suite struct PathPropertyTests {
  private static func number(_ name: String, _ otherwise: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? otherwise
  }

  @Test func everyCaseIsAsTheDocumentationSays() throws {
    let first = Self.number("PATH_SEED", 1)
    var (rows, rejected, refused, failures) = (0, 0, 0, 0)
    for seed in first..<first + Self.number("PATH_CASES", 5000) {
      let plan = PathPlan(seed: UInt64(seed))
      guard let bench = try PathBench(plan) else {
        refused += 1
        continue
      }
      let (expected, found) = (
        plan.documents.flatMap { PathOracle.rows($0, plan) }, try bench.rows()
      )
      let texts = expected.map { $0.map { $0.map(\.canonical) } }
      rows += expected.count
      rejected += expected.count { $0 == nil }
      guard texts != found else { continue }
      failures += 1
      if failures <= 10 {
        Issue.record(
          "seed \(seed): \(plan.table(named: "t"))\n\(plan.documents.map(\.plainJSON))\nexpected \(texts)\nfound \(found)"
        )
      }
    }
    print(
      "paths: \(rows) rows, \(rejected) rejected, \(refused) plans refused, \(failures) failures")
    #expect(failures == 0)
    // The cases are worth something only if most of them make rows.
    #expect(rejected * 10 < rows * 7)
    #expect(refused == 0)
  }
}

/// A case made ready to be run in this process.
struct PathBench {
  private let plan: PathPlan
  private let machine: RowMachine
  private let buffer = CopyBuffer()

  /// Returns nil if the rules are refused, which is as good as a row that is.
  init?(_ plan: PathPlan) throws {
    self.plan = plan
    let text =
      "{\"name\":\"p\",\"source\":{\"kind\":\"mongo\"},\"tables\":{\(plan.table(named: "t"))}}"
    let table = try PlanReader.read(bytes: Array(text.utf8)).tables[0]
    let columns = plan.columns.map { column in
      PostgresColumn(name: column.name, type: Self.type(column.type), isNotNull: false)
    }
    do throws(PlanFaults) {
      machine = RowMachine(
        try RowProgram.compile(
          table, feed: table.feeds[0], feedNumber: 0, source: nil,
          target: PostgresTable(schema: "public", name: "t", columns: columns, primaryKey: []),
          context: RunContext(runTime: Bench.runTime, hashKey: [])))
    } catch {
      Issue.record("seed \(plan.seed): \(error)")
      return nil
    }
  }

  private static func type(_ type: PathType) -> PostgresType {
    switch type {
    case .text: Types.text
    case .integer: Types.int4
    case .bigint: Types.int8
    case .boolean: Types.bool
    case .double: Types.float8
    case .jsonb: Types.jsonb
    case .texts: Types.textArray
    case .integers: Types.intArray
    }
  }

  /// The rows as canonical texts; nil for a rejected one.
  func rows() throws -> [[String]?] {
    var rows: [[String]?] = []
    for document in plan.documents {
      try ExtendedJSON.parse(document.extendedJSON).withUnsafeBytes { bytes in
        machine.forEachRow(of: bytes) { element in
          buffer.removeAll()
          let verdict = machine.run(bytes, element: element, into: buffer)
          let fields = verdict == .row ? buffer.withBytes(Wire.fields) : nil
          rows.append(
            fields.map { zip(plan.columns, $0).map { PathField.canonical($0.type, $1) } })
        }
      }
    }
    return rows
  }
}

/// Reads fields of binary rows.
enum PathField {
  static func canonical(_ type: PathType, _ bytes: [UInt8]?) -> String {
    guard let bytes else { return "null" }
    switch type {
    case .text: return PathValue.text(String(decoding: bytes, as: UTF8.self)).canonical
    case .integer, .bigint: return "\(whole(bytes))"
    case .boolean: return bytes == [1] ? "true" : "false"
    case .double:
      return PathValue.double(Double(bitPattern: UInt64(bitPattern: whole(bytes)))).canonical
    case .jsonb:
      let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
      return (try? JSONValue.parse(text)).map { PathValue($0).canonical } ?? "no JSON: \(text)"
    case .texts:
      return "[" + elements(bytes).map { canonical(.text, $0) }.joined(separator: ",") + "]"
    case .integers:
      return "[" + elements(bytes).map { canonical(.integer, $0) }.joined(separator: ",") + "]"
    }
  }

  private static func whole(_ bytes: [UInt8]) -> Int64 {
    let start: Int64 = bytes.first.map { $0 >= 0x80 } ?? false ? -1 : 0
    return bytes.reduce(start) { $0 << 8 | Int64($1) }
  }

  private static func elements(_ bytes: [UInt8]) -> [[UInt8]?] {
    guard whole(Array(bytes[0..<4])) > 0 else { return [] }
    var elements: [[UInt8]?] = []
    var place = 20
    while place < bytes.count {
      let length = Int(whole(Array(bytes[place..<place + 4])))
      place += 4
      elements.append(length < 0 ? nil : Array(bytes[place..<place + length]))
      place += max(length, 0)
    }
    return elements
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

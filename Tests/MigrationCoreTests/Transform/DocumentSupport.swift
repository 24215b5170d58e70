import Mongo
import Postgres
import Testing

@testable import MigrationPlan
@testable import MigrationRows

/// Rules over the fields of documents, ready to run.
struct DocumentBench {
  let program: RowProgram
  let machine: RowMachine
  let buffer = CopyBuffer()

  init(
    _ target: [(String, PostgresType, Rule)], each: [String]? = nil, notNull: Set<String> = [],
    timeZone: String = "UTC"
  ) throws {
    let feed = Feed(
      from: "old", key: ["_id"],
      columns: target.map { ColumnRule(column: $0.0, rule: $0.2, place: Bench.place) }, each: each,
      place: Bench.place)
    let plan = TablePlan(
      name: "t", command: "t", phase: 1, feeds: [feed], place: Bench.place)
    program = try RowProgram.compile(
      plan, feed: feed, feedNumber: 0, source: nil,
      target: PostgresTable(
        schema: "public", name: "t",
        columns: target.map {
          PostgresColumn(name: $0.0, type: $0.1, isNotNull: notNull.contains($0.0))
        }, primaryKey: [target[0].0]),
      context: RunContext(runTime: Bench.runTime, hashKey: [], timeZone: timeZone))
    machine = RowMachine(program)
  }

  /// Runs a document and returns the fields of each row that it makes; nil for a rejected one.
  func rows(_ document: BSONDocument) -> [[[UInt8]?]?] {
    var rows: [[[UInt8]?]?] = []
    document.withUnsafeBytes { bytes in
      machine.forEachRow(of: bytes) { element in
        buffer.removeAll()
        let verdict = machine.run(bytes, element: element, into: buffer)
        rows.append(verdict == .row ? buffer.withBytes(Wire.fields) : nil)
      }
    }
    return rows
  }

  /// Runs a document and returns the result of its first column.
  func outcome(_ document: BSONDocument) -> Outcome {
    guard let fields = rows(document)[0] else { return .rejected(machine.reject.reason) }
    return .value(fields[0])
  }
}

/// Runs one value through a rule on the field `v`.
func transform(
  _ value: BSONValue, to type: PostgresType, _ rule: Rule = .source(["v"]),
  timeZone: String = "UTC"
) throws -> Outcome {
  try DocumentBench([("c", type, rule)], timeZone: timeZone).outcome(["_id": 1, "v": value])
}

import MigrationCore
import Postgres

/// `migrate test-performance`: times the plan's queries against their limits.
enum TestPerformanceCommand {
  static let page = CommandPage(
    words: ["test-performance"], group: .validate,
    summary: "Time the queries of the application against their limits.",
    discussion: [
      "The plan lists the queries under \"queries\", each with a limit in milliseconds and "
        + "a query for its arguments. Runs each up to twenty times and compares the median. "
        + "For a slow query, shows the execution plan and each table that is scanned "
        + "completely. Exits with 4 if a query is above its limit or could not be timed."
    ],
    examples: [("migrate test-performance", "after a run, and after db analyze")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    guard !target.plan.queries.isEmpty else {
      throw MigrationError(
        .configuration, "plan \(target.plan.name) has no queries",
        place: target.plan.file, remedy: "add them under \"queries\"; see docs/plan.md")
    }
    let results = try QueryTiming(target.plan, target: try target.connect()).run()
    let late = results.filter { !$0.isInTime }
    let console = target.console
    if console.isJSON {
      console.result([
        "inTime": .bool(late.isEmpty), "queries": .array(results.map(document)),
      ])
    } else {
      show(results, console)
    }
    return late.isEmpty ? .done : .validation
  }

  private static func show(_ results: [QueryTiming.Result], _ console: Console) {
    for result in results {
      let mark = console.output.mark(result.isInTime ? .pass : .failure)
      if let failure = result.failure {
        console.result("\(mark) \(result.query.name): could not be timed: \(failure)")
        continue
      }
      console.result(
        "\(mark) \(result.query.name): \(milliseconds(result.median)) ms "
          + "(slowest \(milliseconds(result.slowest)) of \(result.runs)), "
          + "limit \(milliseconds(result.query.limit)) ms")
      if let plan = result.plan { console.result(plan) }
      for table in result.scanned {
        console.result("  full scan of \(table): create an index or run ANALYZE")
      }
    }
  }

  private static func milliseconds(_ duration: Duration) -> String {
    let microseconds = duration.components.attoseconds / 1_000_000_000_000
    let all = duration.components.seconds * 1_000_000 + microseconds
    return "\(all / 1000).\(all % 1000 / 100)"
  }

  private static func document(_ result: QueryTiming.Result) -> JSONValue {
    [
      "query": .text(result.query.name), "inTime": .bool(result.isInTime),
      "milliseconds": .numeral(milliseconds(result.median)),
      "slowestMilliseconds": .numeral(milliseconds(result.slowest)), "runs": .int(result.runs),
      "limitMilliseconds": .numeral(milliseconds(result.query.limit)),
      "failure": .optional(result.failure), "scanned": .array(result.scanned.map(JSONValue.text)),
      "plan": .optional(result.plan),
    ]
  }
}

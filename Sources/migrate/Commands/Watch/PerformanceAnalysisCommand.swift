import MigrationCore

/// `migrate performance-analysis`: shows where a run's time was spent.
enum PerformanceAnalysisCommand {
  static let run = Option.integer(
    "run", "N", in: 1...Int.max,
    help: "The number of the run (default: the newest).")

  static let page = CommandPage(
    words: ["performance-analysis"], group: .watch,
    summary: "Show where a run's time was spent, and what to change.",
    discussion: [
      "Reads the times that the lanes recorded with each chunk; works for ended and "
        + "running runs. Seconds are wall time. Shares are of the time of all lanes while the "
        + "table was loaded.",
      "source: waiting for rows. decode, rules, encode: processing rows, from samples of "
        + "one in 128. transport: computation of the connection libraries. target: waiting "
        + "until the server takes rows. commit: waiting until the rows are on disk. between: "
        + "without a chunk.",
    ],
    options: [run.spec],
    examples: [
      ("migrate performance-analysis", "the newest run"),
      ("migrate performance-analysis --run 3 --json", "one run, as JSON"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: perform)

  private static func perform(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let runs = try opened.ledger.runs(session: opened.session.id)
    let number = invocation[run].map(RunID.init(rawValue:)) ?? runs.last?.id
    guard let run = runs.first(where: { $0.id == number }) else {
      throw MigrationError(
        .failed, "no such run", place: "session \(opened.session.name)",
        remedy: "use one of: \(runs.map { "\($0.id)" }.joined(separator: ", "))")
    }
    let analysis = try PerformanceAnalysis.read(run, opened.ledger)
    if opened.console.isJSON {
      opened.console.result(document(analysis))
    } else {
      show(analysis, opened.console)
    }
    return .done
  }

  private static func show(_ analysis: PerformanceAnalysis, _ console: Console) {
    let ending = analysis.run.ending?.rawValue ?? "running"
    console.result(
      "run \(analysis.run.id), \(ending): \(seconds(analysis.total)), of which "
        + "\(seconds(analysis.ending)) after the last table")
    guard !analysis.tables.isEmpty else { return console.result("no chunk is done yet") }
    let header = [
      "table", "rows", "before", "load", "after", "lanes", "source", "decode", "rules", "encode",
      "transport", "target", "commit", "between",
    ]
    let rows = analysis.tables.map { table -> [String] in
      let times = [
        table.phases.sourceWait, table.phases.decode, table.phases.rules, table.phases.encode,
        table.transport, table.phases.targetWait, table.phases.commit, table.between,
      ]
      return [
        table.name, GroupedNumber.text(table.rows), seconds(table.preparing),
        seconds(table.loading),
        seconds(table.finishing), "\(table.lanes)",
      ] + times.map { share($0, table.laneTime) }
    }
    console.result(TextLayout.table([header] + rows))
    for advice in analysis.advice {
      console.result("\(advice.table.map { "\($0): " } ?? "")\(advice.finding)")
      console.result("  \(advice.remedy)")
    }
  }

  private static func seconds(_ microseconds: Int) -> String {
    let hundredths = (microseconds + 5000) / 10_000
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
  }

  private static func share(_ part: Int, _ whole: Int) -> String {
    whole > 0 ? "\((part * 100 + whole / 2) / whole)%" : "-"
  }

  private static func document(_ analysis: PerformanceAnalysis) -> JSONValue {
    [
      "run": .id(analysis.run.id), "ending": .optional(analysis.run.ending?.rawValue),
      "microseconds": ["total": .int(analysis.total), "ending": .int(analysis.ending)],
      "tables": .array(analysis.tables.map(document)),
      "advice": .array(
        analysis.advice.map { advice in
          [
            "table": .optional(advice.table), "finding": .text(advice.finding),
            "remedy": .text(advice.remedy),
          ]
        }),
    ]
  }

  private static func document(_ table: PerformanceAnalysis.Table) -> JSONValue {
    [
      "table": .text(table.name), "rows": .int(table.rows), "bytes": .int(table.bytes),
      "chunks": .int(table.chunks), "lanes": .int(table.lanes),
      "bottleneck": .text(table.bottleneck.rawValue),
      "microseconds": [
        "preparing": .int(table.preparing), "loading": .int(table.loading),
        "finishing": .int(table.finishing), "sourceWait": .int(table.phases.sourceWait),
        "decode": .int(table.phases.decode), "rules": .int(table.phases.rules),
        "encode": .int(table.phases.encode), "transport": .int(table.transport),
        "targetWait": .int(table.phases.targetWait), "commit": .int(table.phases.commit),
        "between": .int(table.between),
      ],
    ]
  }
}

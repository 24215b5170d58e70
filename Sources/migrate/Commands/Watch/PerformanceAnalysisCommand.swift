import MigrationCore

/// `migrate performance-analysis`: where the time of a run went, and what to change.
enum PerformanceAnalysisCommand {
  static let run = Option.integer(
    "run", "N", in: 1...Int.max, otherwise: 0,
    help: "The run that is meant; the newest if not given.")

  static let page = CommandPage(
    words: ["performance-analysis"], group: .watch,
    summary: "Show where a run's time went, and what to change.",
    discussion: [
      "Read from what the lanes counted and wrote beside each chunk, so that it works for a run that "
        + "has ended and for one at work. Seconds are wall time; shares are of the time that all lanes "
        + "had while the table was loaded.",
      "source: waiting for rows. decode, rules, encode: the work for rows, by samples of one in 128. "
        + "transport: what the libraries of the connections compute. target: waiting until the server "
        + "takes rows. commit: until it has them on disk. between: without a chunk.",
    ],
    options: [run.spec],
    examples: [
      ("migrate performance-analysis", "the newest run"),
      ("migrate performance-analysis --run 3 --json", "for a program"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: perform)

  private static func perform(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let runs = try opened.ledger.runs(session: opened.session.id)
    let number = invocation[run]
    guard let run = number > 0 ? runs.first(where: { $0.id == number }) : runs.last else {
      throw MigrationError(
        .failed, "there is no such run", place: "session \(opened.session.name)",
        remedy: "it has: \(runs.map { "\($0.id)" }.joined(separator: ", "))")
    }
    let analysis = try PerformanceAnalysis.read(run, opened.ledger)
    if opened.console.isJSON {
      opened.console.result(document(analysis))
    } else {
      tell(analysis, opened.console)
    }
    return .done
  }

  private static func tell(_ analysis: PerformanceAnalysis, _ console: Console) {
    let ending = analysis.run.ending?.rawValue ?? "at work"
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
        table.name, "\(table.rows)", seconds(table.preparing), seconds(table.loading),
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
    whole > 0 ? "\((part * 100 + whole / 2) / whole) %" : "-"
  }

  private static func document(_ analysis: PerformanceAnalysis) -> JSONValue {
    [
      "run": .int(analysis.run.id), "ending": .optional(analysis.run.ending?.rawValue),
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

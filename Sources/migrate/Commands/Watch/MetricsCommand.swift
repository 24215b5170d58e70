import MigrationCore

/// `migrate metrics`: shows rates, latencies, retries and memory.
enum MetricsCommand {
  static let prometheus = Option.flag(
    "prometheus", help: "Print the Prometheus text format.")

  static let page = CommandPage(
    words: ["metrics"], group: .watch,
    summary: "Show rates, chunk latencies, retries and the memory of the running migration.",
    discussion: [
      "Reads the ledger in the target, from any terminal. Shows for each table: rows a "
        + "second (last minute and overall), chunk times (median, 95th percentile, longest) "
        + "and retries. Shows the shares of time spent on the source, on transformation and on "
        + "the target.",
      "For Prometheus, write the output to a file of the node exporter's text collector "
        + "periodically.",
    ],
    options: [prometheus.spec],
    examples: [
      ("migrate metrics", "as a table"),
      ("migrate metrics --prometheus > migrate.prom", "for the text collector"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let opened = try OpenLedger(invocation)
    let metrics = try Metrics.read(opened.session, opened.ledger)
    let console = opened.console
    if invocation[prometheus] {
      let text = metrics.prometheus
      console.page(text.hasSuffix("\n") ? String(text.dropLast()) : text)
    } else if console.isJSON {
      console.result(document(metrics))
    } else {
      show(metrics, console)
    }
    return .done
  }

  private static func show(_ metrics: Metrics, _ console: Console) {
    let header = [
      "table", "rows", "MiB", "rows/s now", "rows/s mean", "chunks", "median", "p95", "longest",
      "retries", "source", "transform", "target",
    ]
    let rows = metrics.tables.map { table -> [String] in
      let (counts, latency) = (table.progress.counts, table.latency)
      return [
        table.name, GroupedNumber.text(counts.read), GroupedNumber.text(counts.bytes >> 20),
        GroupedNumber.text(Int(table.rate)),
        GroupedNumber.text(Int(table.meanRate)),
        "\(table.progress.chunksDone)/\(table.progress.chunks)",
        seconds(latency.median), seconds(latency.p95), seconds(latency.longest),
        "\(table.retries)", share(counts.phases.sourceWait, counts.phases),
        share(counts.phases.transform, counts.phases),
        share(counts.phases.targetWait, counts.phases),
      ]
    }
    console.result(TextLayout.table([header] + rows))
    console.result(process(metrics))
    for table in metrics.tables {
      if let failure = table.lastFailure { console.result("\(table.name): \(failure)") }
    }
  }

  private static func process(_ metrics: Metrics) -> String {
    guard let run = metrics.run else { return "no run yet" }
    let memory =
      run.memory.map { "\($0.resident >> 20) MiB of memory, peak \($0.peak >> 20) MiB" }
      ?? "memory unknown"
    return "run \(run.id) "
      + (metrics.isRunning ? "is running, \(CountText.of(metrics.lanes, "lane"))" : "has ended")
      + ", \(memory); \(CountText.of(metrics.openRows, "row is", "rows are")) quarantined"
  }

  private static func seconds(_ value: Double) -> String {
    value < 1 ? "\(Int((value * 1000).rounded())) ms" : "\((value * 10).rounded() / 10) s"
  }

  private static func share(_ part: Int, _ phases: PhaseTimes) -> String {
    let all = phases.sourceWait + phases.transform + phases.targetWait + phases.commit
    return all > 0 ? "\(part * 100 / all)%" : "-"
  }

  private static func document(_ metrics: Metrics) -> JSONValue {
    [
      "session": .id(metrics.session.id), "running": .bool(metrics.isRunning),
      "lanes": .int(metrics.lanes), "openRows": .int(metrics.openRows),
      "residentBytes": metrics.run?.memory.map { .int($0.resident) } ?? .null,
      "peakBytes": metrics.run?.memory.map { .int($0.peak) } ?? .null,
      "tables": .array(metrics.tables.map(document)),
    ]
  }

  private static func document(_ table: Metrics.Table) -> JSONValue {
    let (counts, latency) = (table.progress.counts, table.latency)
    return [
      "table": .text(table.name), "read": .int(counts.read), "loaded": .int(counts.loaded),
      "quarantined": .int(counts.quarantined), "bytes": .int(counts.bytes),
      "chunks": .int(table.progress.chunks), "chunksDone": .int(table.progress.chunksDone),
      "rowsPerSecond": .double(table.rate), "meanRowsPerSecond": .double(table.meanRate),
      "chunkSeconds": [
        "median": .double(latency.median), "p95": .double(latency.p95),
        "longest": .double(latency.longest),
      ],
      "retries": .int(table.retries), "lastFailure": .optional(table.lastFailure),
      "microseconds": [
        "sourceWait": .int(counts.phases.sourceWait), "transform": .int(counts.phases.transform),
        "targetWait": .int(counts.phases.targetWait), "commit": .int(counts.phases.commit),
      ],
    ]
  }
}

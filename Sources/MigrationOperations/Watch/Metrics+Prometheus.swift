extension Metrics {
  /// The metrics in the text format that Prometheus reads.
  ///
  /// https://prometheus.io/docs/instrumenting/exposition_formats/
  package var prometheus: String {
    var text = PrometheusText(labels: [("plan", session.plan), ("session", "\(session.id)")])
    text.metric("migrate_up", "gauge", "Whether a migration is running.", isRunning ? 1 : 0)
    text.metric("migrate_lanes", "gauge", "Lanes that work on a chunk.", lanes)
    text.metric("migrate_quarantine_open_rows", "gauge", "Open rows in quarantine.", openRows)
    if let memory = run?.memory {
      text.metric(
        "migrate_resident_bytes", "gauge", "Memory of the newest run's process.", memory.resident)
      text.metric(
        "migrate_peak_bytes", "gauge", "Peak memory of the newest run's process.", memory.peak)
    }
    addRows(&text)
    addChunks(&text)
    return text.text
  }

  private func addRows(_ text: inout PrometheusText) {
    text.begin("migrate_rows_total", "counter", "Rows of committed chunks, by outcome.")
    for table in tables {
      let counts = table.progress.counts
      for (outcome, count) in [
        ("read", counts.read), ("loaded", counts.loaded), ("merged", counts.merged),
        ("filtered", counts.filtered), ("quarantined", counts.quarantined),
      ] {
        text.sample(
          "migrate_rows_total", [("table", table.name), ("outcome", outcome)], "\(count)")
      }
    }
    text.perTable("migrate_rows_planned", "gauge", "Estimated rows of planned chunks.", tables) {
      "\($0.progress.rowEstimate)"
    }
    text.perTable("migrate_bytes_total", "counter", "Bytes read from the source.", tables) {
      "\($0.progress.counts.bytes)"
    }
    text.perTable("migrate_warnings_total", "counter", "Warnings about rows.", tables) {
      "\($0.progress.counts.warned)"
    }
    text.perTable("migrate_rows_per_second", "gauge", "Rows per second in the last minute.", tables)
    {
      PrometheusText.number($0.rate)
    }
  }

  private func addChunks(_ text: inout PrometheusText) {
    text.perTable("migrate_chunks", "gauge", "Planned chunks of the table.", tables) {
      "\($0.progress.chunks)"
    }
    text.perTable("migrate_chunks_done_total", "counter", "Committed chunks.", tables) {
      "\($0.progress.chunksDone)"
    }
    text.perTable("migrate_chunk_retries_total", "counter", "Retried chunks.", tables) {
      "\($0.retries)"
    }
    text.begin("migrate_chunk_seconds", "gauge", "Duration of chunks, by quantile.")
    for table in tables {
      let latency = table.latency
      for (quantile, value) in [
        ("0.5", latency.median), ("0.95", latency.p95), ("1", latency.longest),
      ] {
        text.sample(
          "migrate_chunk_seconds", [("table", table.name), ("quantile", quantile)],
          PrometheusText.number(value))
      }
    }
    text.begin("migrate_phase_seconds_total", "counter", "Time of chunks, by phase.")
    for table in tables {
      let phases = table.progress.counts.phases
      for (phase, microseconds) in [
        ("source_wait", phases.sourceWait), ("transform", phases.transform),
        ("target_wait", phases.targetWait), ("commit", phases.commit),
      ] {
        text.sample(
          "migrate_phase_seconds_total", [("table", table.name), ("phase", phase)],
          PrometheusText.number(Double(microseconds) / 1_000_000))
      }
    }
  }
}

extension Metrics.Table {
  public var name: String { progress.table.name }
}

/// Lines of Prometheus' text format.
struct PrometheusText {
  /// Labels that every sample has.
  let labels: [(String, String)]
  private(set) var text = ""

  init(labels: [(String, String)]) { self.labels = labels }

  mutating func begin(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  mutating func sample(_ name: String, _ further: [(String, String)], _ value: String) {
    let all = (labels + further).map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
    text += "\(name){\(all)} \(value)\n"
  }

  mutating func metric(_ name: String, _ type: String, _ help: String, _ value: Int) {
    begin(name, type, help)
    sample(name, [], "\(value)")
  }

  mutating func perTable(
    _ name: String, _ type: String, _ help: String, _ tables: [Metrics.Table],
    _ value: (Metrics.Table) -> String
  ) {
    begin(name, type, help)
    for table in tables { sample(name, [("table", table.name)], value(table)) }
  }

  /// Six decimal places are microseconds.
  static func number(_ value: Double) -> String {
    "\((value * 1_000_000).rounded() / 1_000_000)"
  }

  /// Backslash, quote and line end are escaped; all else is literal.
  static func escaped(_ value: String) -> String {
    value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n")
  }
}

import MigrationCore

/// A validation as people read it: a paragraph for each layer, and the verdict.
struct ValidationText {
  private let report: ValidationReport
  private let console: Console

  init(_ report: ValidationReport, console: Console) {
    (self.report, self.console) = (report, console)
  }

  func tell(file: String) {
    console.result("Migration Validation Report: \(report.plan)")
    for layer in report.layers { tell(layer) }
    if let queries = report.queries { tell(queries) }
    console.result("")
    console.result("Total records: \(GroupedNumber.text(report.total))")
    if let match = report.matchPercentage {
      // Never rounded up to a hundred.
      let shown = match == 100 ? "100" : "\(Double(Int(match * 100)) / 100)"
      console.result("Match percentage: \(shown)% of fields")
    }
    if let percentage = report.score?.percentage {
      console.result("Warnings: \(report.warnings)")
      console.result(
        "Overall Score: \(percentage == 100 ? "100" : "\(percentage)")%"
          + (report.isSuccessful ? " - Migration Successful" : ""))
    }
    console.result("Validation duration: \(DurationText.short(report.duration))")
    console.result("The whole report: \(file)")
    for accepted in report.accepted { console.result("Rejects accepted: \(accepted.words)") }
    if report.isSafe {
      console.result("VALIDATION PASSED")
      console.result("Safe to proceed: all tables were compared with source and ledger")
    }
    let mark = console.output.mark(report.isGo ? .pass : .failure)
    console.result("\(mark) \(report.isGo ? "GO" : "NO-GO"): \(report.why)")
  }

  private func tell(_ layer: LayerResult) {
    let mark = console.output.mark(
      layer.status == .pass ? .pass : layer.status == .fail ? .failure : .warning)
    console.result("\n\(mark) \(layer.layer.title): \(layer.status.rawValue)")
    for line in Self.lines(layer) { console.result("   - \(line)") }
    if layer.layer == .counts, !layer.tables.isEmpty { console.result(Self.counts(layer)) }
    for finding in layer.findings {
      console.result("   - \(finding.severity.rawValue): \(finding.what)")
      if !finding.examples.isEmpty {
        console.result("     for example: \(finding.examples.joined(separator: " · "))")
      }
      console.result("     hint: \(finding.remedy)")
    }
    for mismatch in layer.mismatches.prefix(10) {
      console.result(
        "   - \(mismatch.table) \(mismatch.key), \(mismatch.column): expected "
          + "\(Self.shown(mismatch.expected)), found \(Self.shown(mismatch.found))")
    }
  }

  private func tell(_ queries: [QueryTiming.Result]) {
    let late = queries.filter { !$0.isInTime }
    let mark = console.output.mark(late.isEmpty ? .pass : .warning)
    console.result("\n\(mark) Performance Validation: \(late.isEmpty ? "PASS" : "FAIL")")
    console.result(
      "   - \(queries.count - late.count) of \(queries.count) queries within their limits")
    for query in late {
      console.result(
        "   - \(query.query.name): "
          + (query.failure.map { "could not be timed: \($0)" }
            ?? "\(DurationText.short(query.median)), limit \(DurationText.short(query.query.limit))")
      )
    }
    if !late.isEmpty { console.result("     hint: migrate test-performance") }
  }

  private static func counts(_ layer: LayerResult) -> String {
    let members = ["source", "read", "loaded", "merged", "quarantined", "before", "target"]
    let rows = layer.tables.map { line in
      var name = ""
      if case .text(let text)? = line["table"] { name = text }
      let numbers = members.map { line[$0].map { $0 == .null ? "?" : $0.compact } ?? "" }
      return ["   " + name] + numbers + [line["matches"] == true ? "ok" : "differs"]
    }
    return TextLayout.table([["   table"] + members + [""]] + rows)
  }

  private static func lines(_ layer: LayerResult) -> [String] {
    if let reason = layer.reasonNotRun { return [reason] }
    switch layer.layer {
    case .counts:
      let good = layer.tables.count { $0["matches"] == true }
      return [
        "\(good) of \(CountText.of(layer.tables.count, "table has", "tables have")) the expected number of rows"
      ]
    case .records:
      return [
        "\(CountText.of(layer.records, "record")) compared, \(CountText.of(layer.fields, "field"))"
      ]
    case .references:
      let (followed, orphans) = layer.references
      let valid = GroupedNumber.text(followed - orphans)
      return [
        "Valid relationships: \(valid)/\(GroupedNumber.text(followed)), of \(CountText.of(layer.tables.count, "kind"))",
        "Orphans: \(GroupedNumber.text(orphans))",
      ]
    case .rules: return ["\(CountText.of(layer.tables.count, "rule")) checked"]
    case .fingerprints:
      let rows = layer.tables.reduce(0) { sum, table in
        if case .int(let rows)? = table["rows"] { sum + rows } else { sum }
      }
      return [
        "\(CountText.of(rows, "row")) read back, of \(CountText.of(layer.checked, "transaction"))"
      ]
    case .types: return ["\(CountText.of(layer.checked, "column")) checked"]
    }
  }

  private static func shown(_ value: String?) -> String {
    guard let value else { return "null" }
    return "\"\(String(value.prefix(80)).printable)\""
  }
}

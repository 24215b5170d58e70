import MigrationCore

/// The validation before a migration as text: a paragraph for each part, the manual's results, and
/// the verdict.
struct ReadinessText {
  private let report: ReadinessReport
  private let console: Console

  /// The number of findings to print; the report has all.
  private static let mostFindings = 12

  init(_ report: ReadinessReport, console: Console) {
    (self.report, self.console) = (report, console)
  }

  func show(file: String) {
    console.result("Pre-migration validation: \(report.plan)")
    for part in report.parts { show(part) }
    console.result("")
    for line in results { console.result(line) }
    console.result("Report: \(file)")
    let mark = console.output.mark(report.isReady ? .pass : .failure)
    console.result("\(mark) \(report.isReady ? "READY" : "NOT READY"): \(report.why)")
  }

  private func show(_ part: ReadinessPart) {
    let mark = console.output.mark(part.isReady ? .pass : .failure)
    let score = part.score.map { ": \(Percent.text($0))" } ?? ""
    console.result(
      "\n\(mark) \(part.subject.title)\(score)\(part.isReady ? "" : " - NOT READY")")
    for fact in part.facts { console.result("   - \(fact)") }
    let findings = part.findings.sorted { rank($0) < rank($1) }
    for finding in findings.prefix(Self.mostFindings) { show(finding) }
    if findings.count > Self.mostFindings {
      console.result(
        "   - and \(CountText.of(findings.count - Self.mostFindings, "more finding")) in the report"
      )
    }
  }

  private func show(_ finding: ValidationFinding) {
    console.result("   - \(finding.severity.rawValue): \(finding.what)")
    if !finding.examples.isEmpty {
      console.result("     for example: \(finding.examples.joined(separator: " · "))")
    }
    if !finding.remedy.isEmpty { console.result("     hint: \(finding.remedy)") }
  }

  private func rank(_ finding: ValidationFinding) -> (Int, Int) {
    let severities = FindingSeverity.allCases
    return (severities.firstIndex(of: finding.severity) ?? 0, -finding.count)
  }

  /// The manual's four expected results, of the parts that were checked.
  private var results: [String] {
    let thresholds = report.thresholds
    var lines: [String] = []
    if let score = report.part(.quality)?.score {
      lines.append(
        "Data quality score: \(Percent.text(score)) (wanted: > \(Percent.text(thresholds.quality)))"
      )
    }
    lines.append(
      "Critical validation errors: \(report.criticalErrors) (allowed: \(thresholds.critical))")
    if let score = report.part(.schema)?.score {
      lines.append(
        "Schema compatibility: \(Percent.text(score)) (wanted: \(Percent.text(thresholds.schema)))")
    }
    if let backup = report.part(.backup) {
      lines.append("Backup system: \(backup.isReady ? "Ready" : "Not ready")")
    }
    return lines
  }
}

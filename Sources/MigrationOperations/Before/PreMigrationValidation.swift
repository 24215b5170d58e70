import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Checks everything that has to be right before a migration begins.
///
/// The source is only read, and the target's own tables are left alone: what has to be tried out is
/// tried in schemas of its own, which are gone afterwards. A part that could not look is a failure.
package struct PreMigrationValidation {
  package let request: ReadinessRequest

  package init(_ request: ReadinessRequest) { self.request = request }

  /// - Throws: `LedgerError` if another migration holds the target, `MigrationError` if the plan
  ///   would write into the tables that it reads.
  package func run() throws -> ReadinessReport {
    do { try Databases(request.settings).keepApart(request.plan) } catch let error as MigrationError
      where error.reason != SourceGuard.reason
    {
      // The parts report what can't be reached.
    }
    let start = ContinuousClock.now
    let started = Moment.now()
    var parts: [ReadinessPart] = []
    for subject in ReadinessPart.Subject.allCases where request.parts.contains(subject) {
      request.tell(subject.title.lowercased())
      parts.append(try look(at: subject))
    }
    return ReadinessReport(
      plan: request.plan.name, thresholds: request.plan.thresholds, started: started,
      duration: ContinuousClock.now - start, parts: parts)
  }

  private func look(at subject: ReadinessPart.Subject) throws -> ReadinessPart {
    var part = ReadinessPart(subject)
    let start = ContinuousClock.now
    do { try look(&part) } catch {
      if let error = error as? LedgerError, error.code == .heldByAnother { throw error }
      part.fail(error)
    }
    part.duration = ContinuousClock.now - start
    return part
  }

  private func look(_ part: inout ReadinessPart) throws {
    switch part.subject {
    case .resources: try ResourceReadiness(request: request).look(&part)
    case .schema: try SchemaReadiness(request: request).look(&part)
    case .backup: try BackupTrial(request: request).look(&part)
    case .rollback: try RollbackTrial(request: request).look(&part)
    case .quality: try lookAtRows(&part)
    }
  }

  /// Rows that the target has already: which of the source's rows duplicate them is not known here.
  private func rowsInTarget() throws -> [ValidationFinding] {
    let target = try request.connect()
    let tables = try CatalogReader(target).tables(
      schema: request.plan.target.schema, named: request.plan.tables.map(\.name))
    return try tables.filter { try TablePreparation.hasRows($0, target) }.map { table in
      ValidationFinding(
        .warning, .duplicate, table: table.name,
        "\(table.name) already has rows: duplicates of these rows were not checked",
        remedy: "see: migrate run --dry-run")
    }
  }

  private func lookAtRows(_ part: inout ReadinessPart) throws {
    let quality = try SourceRehearsal(request: request).run { [request] stage in
      try QualityTally(plan: request.plan, sample: request.sample, stage: stage).quality()
    }
    let thresholds = request.plan.thresholds
    (part.findings, part.members, part.score) = (quality.findings, quality.json, quality.score)
    let extent =
      quality.sample.map { "at most \(CountText.of($0, "row")) of each source" } ?? "all rows"
    part.facts.append("\(CountText.of(quality.rows, "row")) checked: \(extent)")
    for aspect in SourceQuality.Aspect.allCases {
      guard let score = quality.score(aspect) else { continue }
      part.facts.append(
        "\(aspect.rawValue): \(Percent.text(score)), \(CountText.of(quality.failed(aspect), "row")) with errors"
      )
    }
    if !quality.untriedRules.isEmpty {
      part.facts.append("not checked on a sample: \(quality.untriedRules.joined(separator: ", "))")
    }
    part.findings += try rowsInTarget()
    guard let score = quality.score else {
      part.objections.append("the source has no rows: nothing was checked")
      return
    }
    guard !thresholds.accepts(quality: score) else { return }
    part.objections.append(
      "the score is \(Percent.text(score)), required: "
        + (thresholds.quality < 1 ? "above " : "")
        + Percent.text(thresholds.quality)
    )
  }
}

import MigrationBasics
import MigrationEngine
import MigrationPlan
import Postgres

/// Whether plan, source and target fit: the plan's check, and the target held against the schema's
/// files. The score is the share of the plan's tables without an error.
struct SchemaReadiness {
  let request: ReadinessRequest

  func look(_ part: inout ReadinessPart) throws {
    let plan = request.plan
    let target = try request.connect()
    part.findings += try planFaults(target) + rights(target)
    part.findings += try SchemaComparison.run(
      folder: SchemaFolder(path: request.schemaFolder), schema: plan.target.schema, on: target
    ).map(finding)
    if plan.source.kind.hasDocuments { part.findings += try droppedFields() }
    let errors = part.findings.filter { $0.severity != .warning }
    let faulty = Set(errors.map(\.table))
    let sound = plan.tables.count { !faulty.contains($0.name) }
    let score = Double(sound) / Double(max(1, plan.tables.count))
    part.score = score
    part.facts.append("\(sound) of \(CountText.of(plan.tables.count, "table")) fit")
    // An error that belongs to no table of the plan is one all the same.
    let isElsewhere = errors.contains { error in !plan.tables.contains { $0.name == error.table } }
    if score < plan.thresholds.schema || isElsewhere {
      part.objections.append(
        "\(Percent.text(score)) of the tables fit, required: \(Percent.text(plan.thresholds.schema)); "
          + (errors.first?.what ?? ""))
    }
  }

  private func planFaults(_ target: Connection) throws -> [ValidationFinding] {
    let plan = request.plan
    let source = try Databases(request.settings).catalog(of: plan)
    return try LivePlanCheck(plan).faults(source, target: target).map {
      ValidationFinding(
        $0.severity == .error ? .high : .warning, .schema, table: table(at: $0.place),
        "\($0.place): \($0.what)", remedy: $0.remedy)
    }
  }

  /// Rights that the role lacks; what tables are missing, the plan's check shows.
  private func rights(_ target: Connection) throws -> [ValidationFinding] {
    let plan = request.plan
    let there = try CatalogReader(target).tables(
      schema: plan.target.schema, named: plan.tables.map(\.name))
    return try PermissionSurvey(
      plan, target, ledgerSchema: request.settings.value(.ledgerSchema)
    ).target(role: target.facts.user, tables: there.map(\.name))
      .filter { !$0.isGranted }.map {
        ValidationFinding(
          $0.isRequired ? .high : .warning, .schema, table: "",
          "role \(target.facts.user) lacks \($0.privilege) on \($0.object): \($0.purpose)",
          remedy: $0.grant)
      }
  }

  /// The table whose part of the file a place is in.
  private func table(at place: PlanPlace) -> String {
    let before = request.plan.tables.filter { $0.place.line <= place.line }
    return before.max { $0.place.line < $1.place.line }?.name ?? ""
  }

  private func finding(_ difference: SchemaFinding) -> ValidationFinding {
    ValidationFinding(
      difference.severity == .error ? .high : .warning, .schema, table: difference.table,
      column: difference.object, "\(difference)",
      remedy: "apply the schema files to the target: migrate db status, migrate db migrate")
  }

  /// Fields that no rule reads: what tables have, the check shows; of documents, only they do.
  private func droppedFields() throws -> [ValidationFinding] {
    var profile = ProfileRequest(plan: request.plan)
    profile.sample = request.sample
    (profile.rate, profile.statementTimeout) =
      (request.reading.rowsPerSecond, request.reading.statementTimeout)
    let report = try DocumentProfiling(
      profile, source: request.databases.source, target: nil,
      tell: { request.tell("schema: \($0)") }
    ).run()
    return report.findings.filter { $0.kind == .dropped || $0.kind == .neverThere }.map { found in
      let table = request.plan.tables.first { table in
        table.feeds.contains { $0.from == found.source }
      }
      return ValidationFinding(
        found.severity == .error ? .high : .warning, .data, table: table?.name ?? "",
        found.what, count: found.count, examples: found.examples, remedy: found.remedy)
    }
  }
}

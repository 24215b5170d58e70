import MigrationBasics
import MigrationEngine
import MigrationPlan
import Postgres

/// Tries the plan's business rules on the target.
struct RulesLayer {
  let scope: ValidationScope
  /// The schemas that rules name tables of without saying so.
  let schemas: [String]

  /// - Parameter schemas: nil is the plan's target schema alone.
  init(scope: ValidationScope, schemas: [String]? = nil) {
    self.scope = scope
    self.schemas = schemas ?? [scope.request.plan.target.schema]
  }

  func run() throws -> LayerResult {
    try scope.target.withSearchPath(SearchPath(reading: schemas)) { try look() }
  }

  private func look() throws -> LayerResult {
    var result = LayerResult(.rules)
    for rule in scope.rules {
      guard let live = scope.live[rule.table] else {
        result.findings.append(
          ValidationFinding(
            .critical, .schema, table: rule.table,
            "the rule \(rule.name) checks \(rule.table), which the target does not have",
            remedy: "see: migrate db status"))
        continue
      }
      if let failure = try scope.attempt({ try check(rule, live, &result) }) {
        let failure = CheckFailure(failure)
        result.findings.append(
          ValidationFinding(
            .critical, failure.code, table: rule.table,
            "could not check the rule \(rule.name): \(failure.what)",
            remedy: "correct the rule (\(rule.place)): migrate plan check"))
      }
    }
    if scope.request.plan.rules.isEmpty { result.reasonNotRun = "the plan has no rules" }
    return result
  }

  private func check(
    _ rule: BusinessRule, _ live: PostgresTable, _ result: inout LayerResult
  ) throws {
    if case .condition(let condition) = rule.test {
      try SQLCondition(condition).require(
        on: "\(try scope.name(of: live)) t", scope.target, place: rule.place)
    }
    let offenders = try offenders(rule, live)
    let count =
      try scope.target.query("SELECT count(*) FROM (\(offenders)\n) AS o(key)").int(0, 0)
      ?? 0
    result.checked += 1
    result.tables.append([
      "rule": .text(rule.name), "group": .text(rule.group), "table": .text(rule.table),
      "offenders": .int(count),
    ])
    guard count > 0 else { return }
    let shown = try scope.target.query("SELECT o.key::text FROM (\(offenders)\n) AS o(key) LIMIT 5")
    let repair = rule.repair.map { "fix: \($0)" } ?? "correct the rows, or the rule"
    result.findings.append(
      ValidationFinding(
        rule.severity, .data, table: rule.table,
        "\(rule.name): \(rule.message) (\(CountText.of(count, "row")) of \(rule.table))",
        count: count,
        examples: shown.rows.compactMap { $0.text(0) }, sql: offenders, remedy: repair))
  }

  /// The query for the keys of rows that break a rule.
  func offenders(_ rule: BusinessRule, _ live: PostgresTable) throws -> String {
    switch rule.test {
    case .offenders(let query): query
    case .condition(let condition):
      "SELECT \(try scope.keyText(live)) FROM \(try scope.name(of: live)) t WHERE \(SQLCondition(condition).inBrackets) IS FALSE"
    }
  }
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Reads out of a rehearsal's ledger and tables what was wrong with the source's rows.
struct QualityTally {
  /// The plan as it is, with its own limits.
  let plan: Plan
  let sample: Int?
  let stage: SourceRehearsal.Stage

  private var ledger: Ledger { stage.ledger }
  private var session: Session { stage.session }

  /// Rows that were quarantined for one reason.
  private struct Group {
    let table: String
    let source: String
    let code: ErrorCode
    let reason: String
    let column: String?
    let count: Int
    let keys: [JSONValue]
    let hint: String?
  }

  /// So many keys are kept of each group, for the statement that finds the rows.
  private static let mostKeys = 1000

  func quality() throws -> SourceQuality {
    var quality = SourceQuality()
    quality.sample = sample
    let sheets = try ledger.balance(session: session.id)
    quality.tables = sheets.map {
      SourceQuality.Table(name: $0.table, rows: $0.read, rejectedRows: $0.quarantined)
    }
    for group in try groups() {
      count(group.count, SourceQuality.Aspect(reason: group.reason), group.table, &quality)
      quality.findings.append(try finding(group))
    }
    try brokenRules(&quality)
    quality.findings += try warnings() + tooManyRejects(quality)
    return quality
  }

  /// What is wrong with references alone.
  func orphans() throws -> [ValidationFinding] {
    let refused = try groups().filter { $0.code == .foreignKey }.map(finding)
    return refused + (try warnings().filter { $0.code == .foreignKey })
  }

  private func count(
    _ rows: Int, _ aspect: SourceQuality.Aspect, _ table: String, _ quality: inout SourceQuality
  ) {
    guard let place = quality.tables.firstIndex(where: { $0.name == table }) else { return }
    quality.tables[place].failed[aspect, default: 0] += rows
  }

  private func groups() throws -> [Group] {
    let names = ledger.names
    let found = try ledger.connection.query(
      """
      SELECT \(GroupColumn.list)
      FROM (
        SELECT t.position, t.name, f.source, q.*, row_number() OVER (
          PARTITION BY q.table_id, q.feed, q.code, q.reason, q.column_name ORDER BY q.id) AS place
        FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
          JOIN \(names.feed) f ON f.table_id = q.table_id AND f.feed = q.feed
        WHERE t.session = $1) rows
      GROUP BY position, name, feed, source, code, reason, column_name
      ORDER BY position, feed, count(*) DESC, reason, column_name
      """, [session.id])
    return try found.rows(by: GroupColumn.self).map { row in
      guard case .array(let keys) = try row.json(.keys) else {
        throw LedgerError(.ledgerDamaged, "the keys of rows are not a list")
      }
      return Group(
        table: row.string(.table), source: row.string(.source),
        code: ErrorCode(rawValue: row.string(.code)) ?? .data, reason: row.string(.reason),
        column: row.text(.column), count: row.number(.count), keys: keys.map(EscapedText.decode),
        hint: row.text(.hint))
    }
  }

  private enum GroupColumn: String, ColumnList {
    case table = "name"
    case source, code, reason
    case column = "column_name"
    case count = "count(*)"
    case keys
    case hint = "min(hint)"

    var sql: String {
      self == .keys
        ? "jsonb_agg(key ORDER BY id) FILTER (WHERE place <= \(mostKeys))" : rawValue
    }
  }

  private func finding(_ group: Group) throws -> ValidationFinding {
    let place = [group.table, group.column].compactMap { $0 }.joined(separator: ".")
    let finder = SourceFinder(plan: plan, table: group.table, source: group.source)
    return ValidationFinding(
      // A row that is damaged on its way says nothing about itself alone.
      group.code == .corruption ? .critical : .high, group.code, table: group.table,
      column: group.column,
      "\(CountText.of(group.count, "row")) of \(group.source) would be quarantined: \(place) \(group.reason)",
      count: group.count, examples: group.keys.prefix(5).map(KeyText.text),
      sql: try finder.statement(group.keys), remedy: group.hint ?? "correct them in the source")
  }

  private func warnings() throws -> [ValidationFinding] {
    try ledger.warnings(session: session.id).map { table, warning in
      let place = [table, warning.column].compactMap { $0 }.joined(separator: ".")
      return ValidationFinding(
        .warning, warning.reason == Reason.orphan.name ? .foreignKey : .data, table: table,
        column: warning.column,
        "\(CountText.of(warning.count, "value")) would be changed, or loaded with a warning: \(place) \(warning.reason)",
        count: warning.count,
        examples: warning.examples.map { KeyText.text(EscapedText.decode($0)) },
        remedy: "nothing, if the plan intends this")
    }
  }

  /// What would stop the run: too many rejects in a table, by the run's own judgement, or in all.
  private func tooManyRejects(_ quality: SourceQuality) -> [ValidationFinding] {
    let tables = quality.tables.filter { table in
      // Of a source that the sample has not read to its end, the run reads on.
      let isPart = sample.map { table.rows >= $0 } ?? false
      if case .stop = plan.limits.judgement(
        rejected: table.rejectedRows, of: table.rows, isPart: isPart)
      {
        return true
      }
      return false
    }.map { table in
      ValidationFinding(
        .critical, .data, table: table.name,
        "\(GroupedNumber.text(table.rejectedRows)) of \(CountText.of(table.rows, "row")) of \(table.name) have errors: the plan's limit "
          + "(limits.stopAt) would stop the run",
        count: table.rejectedRows,
        remedy: "correct the source, or raise the limit to quarantine this many rows")
    }
    return tables + rejectsInAll(quality)
  }

  private func rejectsInAll(_ quality: SourceQuality) -> [ValidationFinding] {
    let rejects = quality.tables.reduce(0) { $0 + $1.rejectedRows }
    guard let most = plan.limits.maximumRejects, rejects > most else { return [] }
    return [
      ValidationFinding(
        .critical, .data, table: "",
        "\(CountText.of(rejects, "row has", "rows have")) errors: the plan's limit (limits.rejects, \(GroupedNumber.text(most))) would stop the run",
        count: rejects,
        remedy: "correct the source, or raise the limit to quarantine this many rows")
    ]
  }
}

/// The business rules, tried on the rows that the target would have.
extension QualityTally {
  private func brokenRules(_ quality: inout SourceQuality) throws {
    // Of a part of the rows nothing can be said that is about several of them.
    let rules = plan.rules.filter { rule in
      if case .offenders = rule.test { sample == nil } else { true }
    }
    quality.untriedRules = plan.rules.map(\.name).filter { name in
      !rules.contains { $0.name == name }
    }
    guard !rules.isEmpty else { return }
    let scope = try scope(rules)
    for table in scope.live.values {
      try ledger.connection.execute("ANALYZE \(try scope.name(of: table))")
    }
    // What a rule names besides the plan's tables is where the target's own tables are.
    let layer = RulesLayer(scope: scope, schemas: [stage.schema, plan.target.schema])
    let result = try layer.run()
    quality.findings += result.findings.map(inTarget)
    for table in plan.tables {
      guard let live = scope.live[table.name] else { continue }
      let serious = rules.filter { $0.table == table.name && $0.severity != .warning }
      let broken = try offenders(serious, layer, live)
      if broken > 0 { count(broken, .rules, table.name, &quality) }
    }
  }

  /// Counts the rows that break one of the rules, each once.
  private func offenders(
    _ rules: [BusinessRule], _ layer: RulesLayer, _ live: PostgresTable
  ) throws -> Int {
    guard !rules.isEmpty else { return 0 }
    let queries = try rules.map {
      "SELECT o.key::text AS key FROM (\(try layer.offenders($0, live))) AS o(key)"
    }
    return try ledger.connection.withSearchPath(SearchPath(reading: layer.schemas)) {
      try ledger.connection.query(
        "SELECT count(DISTINCT key) FROM (\(queries.joined(separator: " UNION ALL "))) AS all_keys"
      ).int(0, 0) ?? 0
    }
  }

  private func scope(_ rules: [BusinessRule]) throws -> ValidationScope {
    let tables = try CatalogReader(ledger.connection).tables(
      schema: stage.schema, named: plan.tables.map(\.name))
    let request = ValidationRequest(plan: plan.rehearsed(in: stage.schema).with(rules: rules))
    return ValidationScope(
      request: request, target: ledger.connection, ledger: ledger, session: session, states: [],
      sheets: [],
      live: Dictionary(tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
  }

  /// The statement of a finding as it will find the rows after the migration.
  private func inTarget(_ finding: ValidationFinding) -> ValidationFinding {
    ValidationFinding(
      finding.severity, finding.code, table: finding.table, column: finding.column, finding.what,
      count: finding.count, examples: finding.examples,
      sql: finding.sql?.replacing(stage.schema, with: plan.target.schema), remedy: finding.remedy)
  }
}

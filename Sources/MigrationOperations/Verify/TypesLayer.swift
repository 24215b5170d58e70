import MigrationBasics
import MigrationPlan
import MigrationRows
import Postgres

/// Looks for values whose form the plan can't have intended: one pass over each table, all columns
/// at once.
struct TypesLayer {
  let scope: ValidationScope

  func run() throws -> LayerResult {
    var result = LayerResult(.types)
    for table in scope.tables {
      guard let live = scope.live[table.name] else {
        result.findings.append(CountsLayer.noTable(table))
        continue
      }
      try check(table, live, &result)
    }
    return result
  }

  private func check(
    _ table: TablePlan, _ live: PostgresTable, _ result: inout LayerResult
  ) throws {
    let written = Set(table.feeds.flatMap(\.columns).map(\.column))
    let columns = live.columns.filter { written.contains($0.name) }
    let questions = try columns.flatMap { try ColumnForm(column: $0, table: table).questions() }
    let values = try columns.flatMap { try FedValue.values(of: $0, table) }
    result.checked += columns.count
    guard !questions.isEmpty || !values.isEmpty else { return }
    let counts =
      questions.map { "count(*) FILTER (WHERE \($0.condition))" } + ["count(*)"]
      + values.map { "count(\($0.sql))" }
    let name = try scope.name(of: live)
    let answer = try scope.target.query(
      "SELECT \(counts.joined(separator: ", ")) FROM \(name) t")
    let rows = answer.int(0, questions.count) ?? 0
    for (index, value) in values.enumerated() where rows > 0 {
      guard answer.int(0, questions.count + 1 + index) == 0 else { continue }
      result.findings.append(
        value.finding(table, "is null in every row (\(CountText.of(rows, "row")))"))
    }
    for (index, question) in questions.enumerated() {
      guard let count = answer.int(0, index), count > 0 else { continue }
      result.findings.append(
        ValidationFinding(
          question.severity, .data, table: table.name, column: question.column,
          "\(CountText.of(count, "value")) of \(table.name).\(question.column) \(question.fault)",
          count: count,
          examples: try scope.examples(live, where: question.condition),
          sql: "SELECT t.* FROM \(name) t WHERE \(question.condition)",
          remedy: question.remedy))
    }
  }
}

/// What can be wrong with the values of one column, each as a condition that finds them.
struct ColumnForm {
  struct Question {
    let column: String
    let condition: String
    let severity: FindingSeverity
    let fault: String
    let remedy: String
  }

  let column: PostgresColumn
  let table: TablePlan

  func questions() throws -> [Question] {
    let name = "t." + (try SQL.identifier(column.name))
    switch WireForm(column.type) {
    case .text where column.type.ownLabels.isEmpty, .padded: return text(name)
    case .date, .timestamp, .timestamptz: return [moments(name)]
    case .numeric where column.type.ownLabels.isEmpty, .float4, .float8: return [numbers(name)]
    case .jsonb, .json: return json(name)
    default: return []
    }
  }

  private func text(_ name: String) -> [Question] {
    var found = [
      question(
        "\(name)::text COLLATE \"C\" ~ E'[\\x01-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F]'", .warning,
        "with control characters",
        "they came from the source; clean them there if necessary")
    ]
    if let words = intendedWords {
      let list = words.sorted().map { SQL.literal($0) }.joined(separator: ", ")
      found.append(
        question(
          "\(name) IS NOT NULL AND \(name) NOT IN (\(list))", .medium,
          "not among the words that the plan allows",
          "correct them, or add them to the plan's list"))
    }
    return found
  }

  private func moments(_ name: String) -> Question {
    question(
      "\(name) IS NOT NULL AND (NOT isfinite(\(name)) OR \(name) < '0001-01-01' "
        + "OR \(name) >= '10000-01-01')", .medium, "outside the years 1 to 9999",
      "correct them in the source, or limit them in the plan with \"min\" and \"max\"")
  }

  private func numbers(_ name: String) -> Question {
    question(
      "\(name) IN ('NaN', 'Infinity', '-Infinity')", .medium, "not a finite number",
      "correct them in the source")
  }

  /// Objects and arrays that the plan builds have its shape, all of them.
  private func json(_ name: String) -> [Question] {
    let rules = table.feeds.map { feed in feed.columns.first { $0.column == column.name }?.rule }
    let shapes = rules.map { $0.flatMap(JSONShape.init) }
    guard !shapes.isEmpty, let first = shapes[0], shapes.allSatisfy({ $0 == first }) else {
      return []
    }
    return [
      question(
        first.violation(of: "\(name)::jsonb"), .medium,
        "without the shape that the plan builds",
        "the values or the plan changed since the load; compare: migrate trace")
    ]
  }

  private func question(
    _ condition: String, _ severity: FindingSeverity, _ fault: String, _ remedy: String
  ) -> Question {
    Question(
      column: column.name, condition: condition, severity: severity, fault: fault, remedy: remedy)
  }

  /// The words that the rules of every feed let through; nil if they let others through too.
  private var intendedWords: Set<String>? {
    var all: Set<String> = []
    for feed in table.feeds {
      guard let rule = feed.columns.first(where: { $0.column == column.name })?.rule,
        let words = WordList.words(of: rule)
      else { return nil }
      all.formUnion(words)
    }
    return all.isEmpty ? nil : all
  }
}

import MigrationPlan
import Postgres

/// Profiles the tables of a PostgreSQL source by asking its server.
struct PostgresProfiler {
  let connection: Connection
  /// The most rows that are checked in each table; nil checks all.
  let sample: Int?

  /// - Parameter filter: the condition that the rows meet which are read; nil if all are.
  func profile(
    _ table: PostgresTable, key: [String], filter: String? = nil
  ) throws -> SourceProfile {
    let whole = try SQL.identifier(schema: table.schema, table.name)
    let name = filter.map { "(SELECT * FROM \(whole) WHERE \($0)) AS read" } ?? whole
    let rows = sample.map { "(SELECT * FROM \(name) LIMIT \($0)) AS sample" } ?? name
    let questions = try table.columns.map(ColumnQuestions.init)
    let aggregates = ["pg_catalog.count(*)"] + questions.flatMap(\.aggregates)
    let hasPlanSQL = filter != nil
    let answer = try connection.execute(
      "SELECT \(aggregates.joined(separator: ", ")) FROM \(rows)", hasPlanSQL: hasPlanSQL)
    guard let counts = answer.rows.first else {
      return SourceProfile(name: table.name, total: 0, examined: 0, fields: [])
    }
    let examined = counts.int(0) ?? 0
    var place = 1
    var fields: [FieldProfile] = []
    for question in questions {
      fields.append(
        try field(question, counts, from: place, examined) {
          try examples($0, in: rows, table, key, hasPlanSQL)
        })
      place += question.aggregates.count
    }
    return SourceProfile(
      name: table.name, total: try total(name, examined, hasPlanSQL), examined: examined,
      fields: fields)
  }

  private func total(_ name: String, _ examined: Int, _ hasPlanSQL: Bool) throws -> Int {
    guard let sample, examined >= sample else { return examined }
    return try connection.execute(
      "SELECT pg_catalog.count(*) FROM \(name)", hasPlanSQL: hasPlanSQL
    ).int(0, 0) ?? examined
  }

  private func field(
    _ question: ColumnQuestions, _ counts: QueryResult.Row, from place: Int, _ examined: Int,
    _ examples: (String) throws -> [String]
  ) throws -> FieldProfile {
    let values = counts.int(place) ?? 0
    var oddities: [FieldProfile.Oddity: FieldProfile.Finding] = [:]
    for (index, condition) in question.conditions.enumerated() {
      guard let count = counts.int(place + 4 + index), count > 0 else { continue }
      oddities[condition.oddity] = .init(count: count, examples: try examples(condition.sql))
    }
    return FieldProfile(
      [.name(question.name)], holders: examined, present: examined, nulls: examined - values,
      types: values > 0 ? [.init(type: question.type.name, count: values)] : [],
      longest: counts.int(place + 1), smallest: counts.text(place + 2),
      largest: counts.text(place + 3), oddities: oddities)
  }

  private func examples(
    _ condition: String, in rows: String, _ table: PostgresTable, _ key: [String],
    _ hasPlanSQL: Bool
  ) throws -> [String] {
    guard !key.isEmpty else { return [] }
    let names = try key.map { name in
      let column = try SQL.identifier(name)
      return table[name]?.type.text(of: column) ?? column + "::text"
    }
    let found = try connection.execute(
      """
      SELECT pg_catalog.concat_ws(', ', \(names.joined(separator: ", "))) FROM \(rows)
      WHERE \(condition) LIMIT 3
      """, hasPlanSQL: hasPlanSQL)
    return found.rows.compactMap { $0.text(0) }
  }
}

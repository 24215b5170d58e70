import MigrationPlan
import Postgres

/// SQL of a plan that a server can parse without running it.
package struct CheckedStatement {
  package let sql: String
  package let what: String
  package let place: PlanPlace
}

/// Has a server parse the SQL that a plan is made of.
struct StatementCheck {
  private let connection: Connection
  /// The schema that the statements' tables are looked for in; nil takes the session's own path.
  private let schema: String?

  init(_ connection: Connection, schema: String?) {
    (self.connection, self.schema) = (connection, schema)
  }

  /// Returns a fault for each statement that the server refuses.
  ///
  /// The session is left as it was, inside a transaction of the caller's or without one.
  func faults(_ statements: [CheckedStatement]) throws -> [PlanFault] {
    guard !statements.isEmpty else { return [] }
    let isInside = try connection.transactionState() == .inTransaction
    if !isInside {
      try connection.begin(TransactionMode(isolation: .readCommitted, readOnly: true))
    }
    try connection.execute("SAVEPOINT migrate_statements")
    try setPath()
    let faults = try statements.compactMap(fault)
    try connection.execute(
      "ROLLBACK TO SAVEPOINT migrate_statements; RELEASE SAVEPOINT migrate_statements")
    if !isInside { try connection.rollback() }
    return faults
  }

  private func fault(_ statement: CheckedStatement) throws -> PlanFault? {
    do throws(PostgresError) {
      // One statement alone: what is behind a semicolon is refused, and nothing is run.
      _ = try connection.prepare(statement.sql, name: "")
      return nil
    } catch {
      guard error.kind == .server else { throw error }
      try connection.execute("ROLLBACK TO SAVEPOINT migrate_statements")
      try setPath()
      return PlanFault(
        at: statement.place, "\(statement.what) is refused by the server: \(error)",
        remedy: "correct it, or the schema: migrate db status")
    }
  }

  private func setPath() throws {
    try connection.use(
      schema.map { try SearchPath(reading: [$0]) } ?? connection.facts.ownPath)
  }
}

extension Plan {
  /// The statements of rules and queries, about tables that the target has.
  ///
  /// - Parameter tables: the tables that are asked for; nil asks for all, and for the queries.
  package func statements(_ live: Set<String>, _ tables: Set<String>?) throws -> [CheckedStatement]
  {
    let rules = rules.filter { live.contains($0.table) && tables?.contains($0.table) ?? true }
    var found = try rules.flatMap { rule in
      let name = "the rule \"\(rule.name)\""
      let test = CheckedStatement(sql: try test(rule), what: name, place: rule.place)
      guard let repair = rule.repair else { return [test] }
      return [
        test, CheckedStatement(sql: repair, what: "the repair of \(name)", place: rule.place),
      ]
    }
    // Of a query nothing says which tables it reads: a table that is not there is reported already.
    guard tables == nil, self.tables.allSatisfy({ live.contains($0.name) }) else { return found }
    for query in queries {
      let name = "the query \"\(query.name)\""
      found.append(CheckedStatement(sql: query.sql, what: name, place: query.place))
      guard let arguments = query.arguments else { continue }
      found.append(
        CheckedStatement(
          sql: "SELECT a.value::text FROM (\(arguments)\n) AS a(value)",
          what: "the arguments of \(name)", place: query.place))
    }
    return found
  }

  private func test(_ rule: BusinessRule) throws -> String {
    switch rule.test {
    case .offenders(let query): return "SELECT count(*) FROM (\(query)\n) AS o(key)"
    case .condition(let condition):
      let table = try SQL.identifier(schema: target.schema, rule.table)
      return SQLCondition(condition).trial(on: "\(table) t")
    }
  }
}

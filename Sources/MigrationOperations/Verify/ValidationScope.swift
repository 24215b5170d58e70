import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// What the layers of a validation share: the plan's tables as they are in the target in one
/// snapshot, and what the ledger has of them.
struct ValidationScope {
  let request: ValidationRequest
  let target: Connection
  let ledger: Ledger
  let session: Session
  let states: [TableState]
  let sheets: [RowCounts]
  /// The plan's tables that exist, by name.
  let live: [String: PostgresTable]

  /// The tables to check, in the plan's order.
  var tables: [TablePlan] {
    request.plan.tables.filter { request.tables?.contains($0.name) ?? true }
  }

  /// The business rules to try.
  var rules: [BusinessRule] {
    request.plan.rules.filter { rule in
      (request.group.map { $0 == rule.group } ?? true)
        && (request.rule.map { $0 == rule.name } ?? true)
        && (request.tables?.contains(rule.table) ?? true)
    }
  }

  /// What a layer checks, each part alone: rules, or tables.
  func parts(
    of layer: ValidationLayer
  ) -> [(table: String, what: String, scope: ValidationScope)] {
    func part(_ change: (inout ValidationRequest) -> Void) -> ValidationScope {
      var wanted = request
      change(&wanted)
      return ValidationScope(
        request: wanted, target: target, ledger: ledger, session: session, states: states,
        sheets: sheets, live: live)
    }
    if layer == .rules {
      return rules.map { rule in
        (rule.table, "the rule \(rule.name)", part { $0.rule = rule.name })
      }
    }
    return tables.map { table in (table.name, table.name, part { $0.tables = [table.name] }) }
  }

  func sheet(of table: TablePlan) -> RowCounts? { sheets.first { $0.table == table.name } }
  func state(of table: TablePlan) -> TableState? { states.first { $0.name == table.name } }

  /// Rows in quarantine among those of the tables to check.
  var quarantined: QuarantinedShare {
    QuarantinedShare(tables.compactMap(sheet), limit: request.plan.thresholds.quarantined)
  }

  /// Tables of those to check that are done with more rejects than their session allowed.
  var accepted: [AcceptedRejects] {
    session.accepted.filter { accepted in tables.contains { $0.name == accepted.table } }
  }

  /// What queries name the rows of a table by.
  func name(of table: PostgresTable) throws -> String { try table.ownRows() }

  /// Does something, and returns what it failed by; the transaction survives that.
  func attempt(_ body: () throws -> Void) throws -> (any Error)? {
    try target.execute("SAVEPOINT migrate_part")
    do {
      try body()
      try target.execute("RELEASE SAVEPOINT migrate_part")
      return nil
    } catch {
      guard target.isUsable, !CheckFailure.isUnreachable(error) else { throw error }
      try target.execute("ROLLBACK TO SAVEPOINT migrate_part; RELEASE SAVEPOINT migrate_part")
      return error
    }
  }

  /// The primary key of a table's row as one text, under the alias `t`.
  func keyText(_ table: PostgresTable) throws -> String { try table.keyText("t") }

  /// Shows the keys of some rows of a table that meet a condition.
  func examples(_ table: PostgresTable, where condition: String) throws -> [String] {
    let found = try target.query(
      "SELECT \(try keyText(table)) FROM \(try name(of: table)) t WHERE \(condition) LIMIT 5")
    return found.rows.compactMap { $0.text(0) }
  }
}

/// What is to be validated.
package struct ValidationRequest: Sendable {
  package var plan: Plan
  package var layers = ValidationLayer.usual
  /// The tables to check; nil checks all of the plan.
  package var tables: [String]?
  /// Only the references of one table to another; nil checks all.
  package var relation: Relation?
  /// Records that are compared in each feed; nil compares all.
  package var samples: Int? = 100
  /// Only the business rules of this group; nil tries all.
  package var group: String?
  /// Only this business rule; nil tries all.
  package var rule: String?
  /// Whether an option says that the source no longer exists.
  package var withoutSource = false
  /// Whether a session without fingerprints is reported, and not held against it: if everything is
  /// checked, and the fingerprints were not requested by name.
  package var fingerprintsMayBeMissing = false
  /// How gently the source is read.
  package var reading = ReadingLimits()
  /// Whether the plan's queries are timed, and a score is given for all that was checked.
  package var isComplete = false

  package init(plan: Plan) { self.plan = plan }
}

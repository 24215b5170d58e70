import MigrationBasics
import MigrationPlan
import Postgres

/// A condition on rows, as a plan or a command line gives it, among others that count as well.
///
/// It must be one expression: `a) OR (b` would make an end of the brackets that it is put into, and with that of
/// the conditions next to it.
package struct SQLCondition: Sendable, Hashable {
  package let sql: String

  package init(_ sql: String) { self.sql = sql }

  /// The condition in brackets, which a comment at its end does not swallow.
  package var inBrackets: String { "(\(sql)\n)" }

  /// A statement that the server takes only if the condition is one expression over a table's rows.
  ///
  /// Without brackets around it, a bracket that closes none of its own is an error of grammar; between the
  /// words of CASE, so is all that no expression can be. In brackets again, because each is one way out of the other.
  package func trial(on table: String) -> String {
    """
    SELECT 1 FROM \(table) WHERE CASE WHEN \(sql)
    THEN true END AND \(inBrackets)
    """
  }

  /// Refuses what the server does not take for one expression.
  ///
  /// Of a PREPARE that is never run the server reads the grammar alone: names are looked for where the condition is
  /// used, along the session's own path.
  package func require(on table: String, _ connection: Connection, place: PlanPlace) throws {
    let statement = "PREPARE migrate_condition AS " + trial(on: table)
    do throws(PostgresError) { _ = try connection.prepare(statement, name: "") } catch {
      guard error.kind == .server else { throw error }
      throw MigrationError(
        .configuration, "the condition \(sql) is refused by the server as one expression: \(error)",
        reason: "condition", place: "\(place)",
        remedy: "give a single SQL condition on the rows of \(table)")
    }
  }
}

import MigrationBasics
import MigrationPlan
import Postgres

/// The columns of a target table that a plan fills, with their types, to be compared later.
///
/// Rows are sent in binary form. The server takes the eight bytes of a bigint for a double precision
/// without an error, if the type was changed after the rules were compiled.
package struct FedColumns: Sendable {
  private let table: QualifiedName
  private let names: [String]
  /// Names and types, as the ledger keeps them.
  package let description: String

  package init(of plan: TablePlan, schema: String, _ target: Connection) throws {
    let asked = try Self.asking(of: plan, schema: schema)
    self.init(of: plan, schema: schema, try target.query(asked).text(0, 0))
  }

  /// - Parameter answer: what the statement `asking` answers.
  package init(of plan: TablePlan, schema: String, _ answer: String?) {
    (table, names) = Self.place(of: plan, schema)
    description = answer ?? ""
  }

  /// The statement that asks what the columns are.
  package static func asking(of plan: TablePlan, schema: String) throws(IdentifierError) -> String {
    let (table, names) = place(of: plan, schema)
    return "SELECT " + (try question(table, names))
  }

  private static func place(of plan: TablePlan, _ schema: String) -> (QualifiedName, [String]) {
    (
      QualifiedName(schema: schema, name: plan.name),
      Set(plan.feeds.flatMap { $0.columns.map(\.column) }).sorted()
    )
  }

  /// The error for columns that are not any more what they were.
  package var changed: MigrationError {
    MigrationError(
      .coded(.schema), "columns of \(table) were changed during the load",
      place: "\(table)",
      remedy:
        "revert the change, or adapt the plan (see: migrate plan check); then continue: "
        + "migrate run --resume; check rows loaded before: migrate validate --fingerprint"
    )
  }

  /// Asks what the columns are now, and fails if they are not any more what they were.
  package func requireUnchanged(_ target: Connection) throws {
    let now = try target.query("SELECT " + question).text(0, 0) ?? ""
    guard now == description else { throw changed }
  }

  /// The SQL condition that the columns are what they were.
  ///
  /// Belongs into a transaction that has written to the table: no other session can change it then until the
  /// commit.
  package var isUnchanged: String {
    get throws(IdentifierError) {
      "coalesce(\(try question), '') = \(SQL.literal(description))"
    }
  }

  /// The statement that keeps what the columns are for the table of the ledger number `$1`; it finds no row if
  /// they have changed.
  package func noting(in ledger: String) throws(IdentifierError) -> String {
    let text = SQL.literal(description)
    return "UPDATE \(ledger) SET fed_columns = \(text) "
      + "WHERE id = $1 AND \(try isUnchanged) RETURNING id"
  }

  /// The SQL expression for what the columns are.
  private static func question(
    _ table: QualifiedName, _ names: [String]
  ) throws(IdentifierError) -> String {
    """
    (SELECT string_agg(concat_ws(' ', attname, atttypid, atttypmod), ',' ORDER BY attnum)
      FROM pg_catalog.pg_attribute
      WHERE attrelid = to_regclass(\(SQL.literal(try table.quoted())))::oid AND NOT attisdropped
        AND attname = ANY (ARRAY[\(names.map(SQL.literal).joined(separator: ", "))]::text[]))
    """
  }

  /// The SQL expression for what the columns are now, to be asked in a statement of the transaction.
  package var question: String { get throws(IdentifierError) { try Self.question(table, names) } }
}

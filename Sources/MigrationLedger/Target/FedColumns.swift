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
    table = QualifiedName(schema: schema, name: plan.name)
    names = Set(plan.feeds.flatMap { $0.columns.map(\.column) }).sorted()
    description = try Self.describe(table, names, target)
  }

  /// Fails if the columns are not any more what they were.
  ///
  /// Belongs into a transaction that has written to the table: no other session can change it then until the
  /// commit.
  ///
  /// - Parameter now: what `question` answers.
  package func requireUnchanged(_ now: String?) throws {
    guard now ?? "" != description else { return }
    throw MigrationError(
      .coded(.schema), "columns of \(table) were changed during the load",
      place: "\(table)",
      remedy:
        "revert the change, or adapt the plan (see: migrate plan check); then continue: "
        + "migrate run --resume; check rows loaded before: migrate validate --fingerprint"
    )
  }

  /// Asks what the columns are now, and fails if they are not any more what they were.
  package func requireUnchanged(_ target: Connection) throws {
    try requireUnchanged(try Self.describe(table, names, target))
  }

  /// The statement that keeps what the columns are for the table of the ledger number `$1`; it finds no row if
  /// they have changed.
  package func noting(in ledger: String) throws(IdentifierError) -> String {
    let text = SQL.literal(description)
    return "UPDATE \(ledger) SET fed_columns = \(text) "
      + "WHERE id = $1 AND coalesce(\(try question), '') = \(text) RETURNING id"
  }

  private static func describe(
    _ table: QualifiedName, _ names: [String], _ target: Connection
  ) throws -> String {
    try target.query("SELECT " + question(table, names)).text(0, 0) ?? ""
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

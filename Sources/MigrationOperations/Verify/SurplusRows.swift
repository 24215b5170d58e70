import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Who wrote the rows that a table has more than the ledger says, by the transactions that wrote them.
struct SurplusRows {
  /// Rows that this migration wrote and no one has changed since, and the expected number.
  private let own: Int
  private let expected: Int
  /// Rows that others wrote or changed since the migration began.
  private let others: Int
  /// The keys of some of those.
  let examples: [String]

  init(
    _ scope: ValidationScope, _ table: PostgresTable, _ state: TableState, expected: Int
  ) throws {
    self.expected = expected
    let rows = SessionRows(
      ledger: scope.ledger, table: state.id,
      span: try scope.ledger.idSpan(session: scope.session.id))
    let name = try scope.name(of: table)
    let counts = try scope.target.query(
      """
      SELECT count(*) FILTER (WHERE \(rows.own("t"))), count(*) FILTER (WHERE \(rows.foreign("t")))
      FROM \(name) t
      """)
    (own, others) = (counts.int(0, 0) ?? 0, counts.int(0, 1) ?? 0)
    guard others > 0, !table.primaryKey.isEmpty else {
      examples = []
      return
    }
    let key = try table.primaryKey.map {
      SQL.literal("\($0) = ") + " || t.\(try SQL.identifier($0))::text"
    }
    examples = try scope.target.query(
      "SELECT " + key.joined(separator: " || ', ' || ")
        + " FROM \(name) t WHERE \(rows.foreign("t")) LIMIT 5"
    ).rows.compactMap { $0.text(0) }
  }

  /// Whether the ids of transactions tell nothing: after a rewrite of the table, or in a restored copy.
  private var isUnknown: Bool { own == 0 && expected > 0 }

  var words: String {
    if isUnknown {
      return "written by unknown: no row has a transaction of this migration"
    }
    var parts: [String] = []
    if others > 0 {
      parts.append(
        CountText.of(others, "row was", "rows were")
          + " written or changed by others since the migration began")
    }
    if own > expected {
      parts.append("\(GroupedNumber.text(own - expected)) written by this migration")
    }
    if parts.isEmpty { parts.append("none of them written by this migration") }
    return parts.joined(separator: "; ")
  }

  /// What others write is no fault of the migration; nil if it was not they.
  var remedy: String? {
    guard !isUnknown, own <= expected else { return nil }
    return
      "stop the other writers of this table until the validation says GO, or compare only the records: "
      + "migrate validate --layers records"
  }
}

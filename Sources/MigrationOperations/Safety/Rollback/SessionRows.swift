import MigrationBasics
import MigrationLedger
import Postgres

/// Tells the rows of a table that a session loaded from those of others, by the transactions that
/// wrote them.
///
/// Every row shows the lower 32 bits of the id of the transaction that wrote it last, and the ledger
/// has the ids of all transactions of a session. Freezing leaves a row's id readable; a change by
/// another session replaces it. Rows that a trigger wrote in one of the transactions are identified by their commands.
package struct SessionRows {
  package let ledger: Ledger
  /// The ledger's number of the table.
  package let table: TableID
  let span: IDSpan
  /// The snapshot after which the rows were written that are meant; nil means all.
  package var since: String?

  /// The ids between a session's first transaction and now.
  struct IDSpan: Sendable, Hashable {
    /// The session's first id, with its epoch; nil if it has written nothing.
    let first: Int?
    let now: Int

    /// Ids are distinguished by their lower halves as long as this.
    static let mostIDs = 1 << 31
  }

  /// The condition that the session loaded a row, and nothing has changed it since.
  package func own(_ alias: String) -> String { ledger.isOwn(alias, table: table, since: since) }

  /// The condition that others wrote a row since the session began, or a trigger in one of its transactions.
  package func foreign(_ alias: String) -> String { "(\(othersWrote(alias)) OR \(touched(alias)))" }

  /// The condition that a trigger wrote a row last, in a transaction of the session.
  func touched(_ alias: String) -> String { ledger.isTouched(alias, table: table) }

  /// The transactions that wrote the rows that are meant, and their commands, as a list of `xid` and `command`
  /// to select from.
  var transactions: String {
    let names = ledger.names
    let condition = since.map { " AND " + Ledger.isSince($0, "xid") } ?? ""
    return """
      (SELECT DISTINCT w.xid & 4294967295 AS xid, w.command FROM (
        SELECT xid, command FROM \(names.chunk) WHERE table_id = \(table) AND xid IS NOT NULL\(condition)
        UNION ALL SELECT xid, c.command FROM \(names.write)
          LEFT JOIN LATERAL unnest(commands) c(command) ON true WHERE table_id = \(table)\(condition)) w) x
      """
  }

  /// The condition that others wrote a row since the session began.
  private func othersWrote(_ alias: String) -> String {
    guard let first = span.first else { return "false" }
    let id = "\(alias).xmin::text::bigint"
    // Ids below 3 are of the server's own making.
    return """
      (\(id) > 2 AND ((\(id) - \(first & 0xFFFF_FFFF)) & 4294967295) <= \(span.now - first)
        AND \(ofOthers(alias)))
      """
  }

  /// The condition that no transaction of any migration wrote a row last.
  func ofOthers(_ alias: String) -> String {
    """
    \(alias).xmin::text::bigint NOT IN (
      SELECT xid & 4294967295 FROM \(ledger.names.chunk) WHERE xid IS NOT NULL
      UNION ALL SELECT xid & 4294967295 FROM \(ledger.names.write))
    """
  }
}

extension Ledger {
  /// Returns the ids of a session's transactions, from the first to now.
  func idSpan(session: SessionID) throws -> SessionRows.IDSpan {
    let found = try oneRow(
      """
      SELECT least(
          (SELECT min(c.xid) FROM \(names.chunk) c JOIN \(names.table) t ON t.id = c.table_id
            WHERE t.session = $1),
          (SELECT min(w.xid) FROM \(names.write) w JOIN \(names.table) t ON t.id = w.table_id
            WHERE t.session = $1)),
        txid_snapshot_xmax(txid_current_snapshot())
      """, [session], otherwise: LedgerError(.unknown, "could not read the server's transaction id")
    )
    return SessionRows.IDSpan(first: found.int(0), now: found.number(1))
  }

  /// Refuses if the rows of a session can't be known by their transactions any more.
  func requireTellableRows(_ span: SessionRows.IDSpan, session: SessionID) throws {
    guard let first = span.first else { return }
    if span.now - first >= SessionRows.IDSpan.mostIDs {
      throw Self.untellable(
        "the migration wrote its first row \(CountText.of(span.now - first, "transaction")) ago, above the "
          + "limit of \(GroupedNumber.text(SessionRows.IDSpan.mostIDs))")
    }
    if first > span.now {
      throw Self.untellable(
        "the ledger names transactions that this server has not run: the target was restored "
          + "from a dump, or is another server")
    }
  }
}

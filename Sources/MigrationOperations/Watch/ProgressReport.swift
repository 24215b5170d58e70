import MigrationLedger
import Postgres

/// How far each table is, how fast it goes, and how long the rest will take, from the ledger alone.
package struct ProgressReport: Sendable {
  package struct Table: Sendable, Hashable {
    package let progress: TableProgress
    /// Rows a second of the last minute; zero if nothing was committed in it.
    package let rate: Double
    /// Rows that wait in quarantine; those that a retry has loaded wait no more.
    package let quarantined: Int

    package var name: String { progress.table.name }
    package var isPlanned: Bool { progress.chunks > 0 || progress.table.status == .done }
    /// Rows of the source, by the estimate of the planning or more if there were more.
    package var total: Int { max(progress.rowEstimate, progress.counts.read) }

    /// The share that is read, 0 to 1; nil before it is planned.
    package var share: Double? {
      guard isPlanned else { return nil }
      return total > 0 ? Double(progress.counts.read) / Double(total) : 1
    }

    /// How long the rest takes at the rate of the last minute.
    package var remaining: Duration? {
      guard rate > 0, progress.chunksDone < progress.chunks else { return nil }
      return .seconds(Double(total - progress.counts.read) / rate)
    }
  }

  package let session: Session
  /// The run that works now; nil if there is none.
  package let holder: LockHolder?
  package let tables: [Table]

  /// The window over which rates are taken.
  static let window = 60

  package static func read(
    _ session: Session, _ ledger: Ledger, table: String? = nil
  ) throws -> ProgressReport {
    let rates = try ledger.rates(session: session.id, seconds: window)
    let sheets = try ledger.balance(session: session.id)
    let tables = try ledger.progress(session: session.id)
      .filter { table == nil || $0.table.name == table }
      .map { progress in
        let open = sheets.first { $0.table == progress.table.name }?.open
        return Table(
          progress: progress, rate: rates[progress.table.name] ?? 0,
          quarantined: open ?? progress.counts.quarantined)
      }
    return ProgressReport(
      session: try ledger.session(session.id) ?? session, holder: try ledger.lockHolder(),
      tables: tables)
  }
}

extension Ledger {
  /// Returns the rows a second that each table's chunks loaded in the last N seconds.
  ///
  /// A table that began within the window is measured from its beginning, and a run that continued with it from its own.
  func rates(session: SessionID, seconds: Int) throws -> [String: Double] {
    let found = try connection.query(
      """
      SELECT t.name, coalesce(sum(c.rows_read), 0)::bigint,
        ('1000' * extract(epoch from clock_timestamp()
          - greatest(min(t.started), min(r.started), clock_timestamp() - $2 * interval '1 second')))::bigint
      FROM \(names.table) t JOIN \(names.chunk) c ON c.table_id = t.id
        LEFT JOIN \(names.run) r ON r.id = c.run
      WHERE t.session = $1 AND c.status = 'done'
        AND c.finished > clock_timestamp() - $2 * interval '1 second'
      GROUP BY t.name
      """, [session, seconds])
    return Dictionary(
      uniqueKeysWithValues: found.rows.map { row in
        (row.string(0), Double(row.number(1)) * 1000 / Double(max(1, row.number(2))))
      })
  }
}

import MigrationLedger
import Postgres

/// The numbers of a migration for people and for monitoring, from the ledger alone.
package struct Metrics: Sendable {
  /// How long chunks took, in seconds.
  package struct Latency: Sendable, Hashable {
    package let median: Double
    package let p95: Double
    package let longest: Double
  }

  package struct Table: Sendable {
    package let progress: TableProgress
    /// Rows a second of the last minute.
    package let rate: Double
    /// Rows a second from the first chunk's begin to the last commit, without the time between two runs.
    package let meanRate: Double
    package let latency: Latency
    /// How often a chunk was rolled back and tried again.
    package let retries: Int
    /// The failure that was noted last; nil if there was none.
    package let lastFailure: String?
  }

  package let session: Session
  /// The newest run, whether it is at work or not.
  package let run: Run?
  package let isRunning: Bool
  package let tables: [Table]
  /// Rows that wait in the quarantine.
  package let openRows: Int
  /// Lanes that have a current chunk.
  package let lanes: Int

  package static func read(_ session: Session, _ ledger: Ledger) throws -> Metrics {
    let rates = try ledger.rates(session: session.id, seconds: ProgressReport.window)
    let times = try ledger.chunkTimes(session: session.id)
    let running = try ledger.runningRun()
    let tables = try ledger.progress(session: session.id).map { progress in
      let times = times[progress.table.name] ?? ChunkTimes()
      return Table(
        progress: progress, rate: rates[progress.table.name] ?? 0, meanRate: times.meanRate,
        latency: times.latency, retries: times.retries, lastFailure: times.lastFailure)
    }
    return Metrics(
      session: session, run: try running ?? ledger.runs(session: session.id).last,
      isRunning: running != nil, tables: tables,
      openRows: try ledger.quarantineCount(
        session: session.id, QuarantineFilter(status: .open)),
      lanes: try ledger.lanesInHand().count)
  }
}

/// What a table's done chunks took.
struct ChunkTimes {
  var latency = Metrics.Latency(median: 0, p95: 0, longest: 0)
  var meanRate = 0.0
  var retries = 0
  var lastFailure: String?
}

extension Ledger {
  /// Returns what the chunks of each table took, by the tables' names.
  func chunkTimes(session: SessionID) throws -> [String: ChunkTimes] {
    let found = try connection.query(
      """
      SELECT \(ChunkTimeColumn.list),
        (SELECT coalesce('1000' * sum(extract(epoch from w.last - w.first)), 0) FROM (
          SELECT max(c.finished) AS last, min(c.finished - \(ChunkTimeColumn.took) * interval '1 microsecond') AS first
          FROM \(names.chunk) c WHERE c.table_id = t.id AND c.status = 'done' GROUP BY c.run) w)::bigint
      FROM \(names.table) t JOIN \(names.chunk) c ON c.table_id = t.id
      WHERE t.session = $1 GROUP BY t.id, t.name
      """, [session])
    return Dictionary(
      uniqueKeysWithValues: found.rows.map { row in
        let milliseconds = row.number(ChunkTimeColumn.allCases.count)
        let row = ColumnRow<ChunkTimeColumn>(row)
        let seconds = { (column: ChunkTimeColumn) in Double(row.number(column)) / 1_000_000 }
        var times = ChunkTimes()
        times.latency = Metrics.Latency(
          median: seconds(.median), p95: seconds(.p95), longest: seconds(.longest))
        (times.retries, times.lastFailure) = (row.number(.retries), row.text(.lastFailure))
        times.meanRate =
          milliseconds > 0 ? Double(row.number(.rows)) * 1000 / Double(milliseconds) : 0
        return (row.string(.table), times)
      })
  }

  private enum ChunkTimeColumn: String, ColumnList {
    case table = "t.name"
    // Shares of the chunks that took no longer.
    case median = "0.5"
    case p95 = "0.95"
    case longest = "1"
    case retries = "coalesce(sum(c.failures), 0)::bigint"
    case lastFailure =
      """
      (array_agg(c.last_failure ORDER BY c.finished DESC NULLS FIRST)
        FILTER (WHERE c.last_failure IS NOT NULL))[1]
      """
    case rows = "coalesce(sum(c.rows_read), 0)::bigint"

    static let took = "(c.source_wait + c.transform_time + c.target_wait + c.commit_time)"

    var sql: String {
      switch self {
      case .median, .p95, .longest:
        "coalesce(percentile_disc(\(rawValue)) WITHIN GROUP (ORDER BY \(Self.took)) "
          + "FILTER (WHERE c.status = 'done'), 0)::bigint"
      default: rawValue
      }
    }
  }
}

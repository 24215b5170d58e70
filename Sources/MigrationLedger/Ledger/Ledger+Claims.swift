import MigrationBasics
import MigrationPlan
import Postgres

extension Ledger {
  /// Claims the next chunk of a table for the transaction that is open.
  ///
  /// The claim is the row lock, and ends with the transaction: a lane that dies has claimed
  /// nothing. An advisory lock of the same life shows to others which lane has which chunk.
  ///
  /// - Parameter feed: the only feed to take chunks of; nil takes them feed after feed.
  /// - Throws: `runSuperseded` if the run has ended or another one took over.
  package func claim(table: TableID, feed: Int? = nil, run: RunID) throws -> Claim {
    try claim(table: table, feed: feed, run: run, beginning: "")
  }

  /// Begins a transaction and claims the next chunk of a table for it, in one round trip.
  ///
  /// - Parameter begin: the statements that begin the transaction.
  package func claim(
    table: TableID, feed: Int? = nil, run: RunID, beginning begin: String
  ) throws -> Claim {
    let isLeft =
      "table_id = \(table) AND status = 'pending'" + (feed.map { " AND feed = \($0)" } ?? "")
    let found = try connection.executeAll(
      """
      \(begin)
      WITH claimed AS MATERIALIZED (
        SELECT \(ChunkColumn.list) FROM \(names.chunk)
        WHERE \(isLeft) AND (retry_at IS NULL OR retry_at <= clock_timestamp())
          AND EXISTS (SELECT FROM \(names.run) WHERE id = \(run) AND ended IS NULL)
        ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
      SELECT *, pg_try_advisory_xact_lock(
        (\(Chunk.mark)::bigint << 48) | ((table_id & 65535) << 32) | number) FROM claimed
      """)
    guard let row = found.last?.rows.first else {
      return try whatIsLeft(table: table, feed: feed, run: run)
    }
    return .chunk(try Self.chunk(row))
  }

  /// Returns the statement that claims a certain chunk for the transaction that is open; it fails with
  /// `divisionByZero` if the chunk is not free, or the run has ended.
  package func claiming(_ chunk: Chunk, run: RunID) -> String {
    """
    SELECT 1 / count(*), bool_or(pg_try_advisory_xact_lock(
        (\(Chunk.mark)::bigint << 48) | ((table_id & 65535) << 32) | number))
    FROM (SELECT table_id, number FROM \(names.chunk)
      WHERE table_id = \(chunk.table) AND number = \(chunk.number) AND status = 'pending'
        AND EXISTS (SELECT FROM \(names.run) WHERE id = \(run) AND ended IS NULL)
      FOR UPDATE SKIP LOCKED) claimed
    """
  }

  /// Notes that a chunk failed and was rolled back, and how long no lane should try it again.
  ///
  /// Belongs after the rollback: in the failed transaction it would vanish with it.
  package func noteFailure(_ chunk: Chunk, _ failure: String, retryIn wait: Duration) throws {
    let parts = wait.components
    let microseconds = Int(parts.seconds) * 1_000_000 + Int(parts.attoseconds / 1_000_000_000_000)
    try connection.query(
      """
      UPDATE \(names.chunk) SET failures = failures + 1, last_failure = $3,
        retry_at = clock_timestamp() + $4 * interval '1 microsecond'
      WHERE table_id = $1 AND number = $2 AND status = 'pending'
      """, [chunk.table, chunk.number, EscapedText.storable(failure, for: encoding), microseconds])
  }

  private func whatIsLeft(table: TableID, feed: Int?, run: RunID) throws -> Claim {
    let left = try connection.query(
      """
      SELECT count(*), \(Moment.sql("min(retry_at)")), \(Moment.sql("clock_timestamp()")),
        EXISTS (SELECT FROM \(names.run) WHERE id = $3 AND ended IS NULL)
      FROM \(names.chunk)
      WHERE table_id = $1 AND status = 'pending' AND ($2::bigint IS NULL OR feed = $2)
      """, [table, feed, run])
    guard left.bool(0, 3) == true else { throw LedgerError.superseded(run) }
    guard let pending = left.int(0, 0), pending > 0 else { return .finished }
    let retry = left.int(0, 1).map { Duration.microseconds(max(0, $0 - (left.int(0, 2) ?? $0))) }
    return .wait(pending: pending, retryIn: retry)
  }
}

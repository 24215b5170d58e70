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
    try claim(table: table, feed: feed, run: run, beginning: "").claim
  }

  /// Begins a transaction and claims the next chunk of a table for it, in one round trip.
  ///
  /// - Parameter begin: the statements that begin the transaction.
  /// - Returns: Also whether no other chunk of the table was left to do.
  package func claim(
    table: TableID, feed: Int? = nil, run: RunID, beginning begin: String
  ) throws -> (claim: Claim, isLast: Bool) {
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
      SELECT *, NOT EXISTS (SELECT FROM \(names.chunk) o WHERE \(isLeft) AND o.number <> claimed.number),
        pg_try_advisory_xact_lock(
          (\(Chunk.mark)::bigint << 48) | ((table_id & 65535) << 32) | number) FROM claimed
      """)
    guard let row = found.last?.rows.first else {
      return (try whatIsLeft(table: table, feed: feed, run: run), false)
    }
    return (.chunk(try Self.chunk(row)), row.flag(ChunkColumn.allCases.count))
  }

  /// Enters the row counts of a chunk, in the transaction that claimed it and holds its rows.
  ///
  /// - Parameters:
  ///   - table: the table that the rows are in, if `marking` came directly before the load.
  ///   - columns: the columns that must not have changed since the rules were compiled.
  /// - Throws: `unbalanced` if the counts do not add up, `chunkNotPending` if the chunk was done
  ///   or is unknown. Either way the transaction must be rolled back.
  package func complete(
    _ chunk: Chunk, _ counts: ChunkCounts, run: RunID, lane: Int, fingerprint: Fingerprint? = nil,
    into table: QualifiedName? = nil, columns: FedColumns? = nil
  ) throws {
    guard counts.closes else { throw Self.unbalanced(chunk, counts) }
    // txid_current is pg_current_xact_id by the name that PostgreSQL 12 has too.
    let changed = try connection.query(
      """
      UPDATE \(names.chunk) c SET status = 'done', finished = clock_timestamp(), run = $3, lane = $4,
        xid = txid_current(), fingerprint = $5, rows_read = $6, rows_loaded = $7, rows_merged = $8,
        rows_filtered = $9, rows_quarantined = $10, warnings = $11, bytes = $12, source_wait = $13,
        transform_time = $14, target_wait = $15, commit_time = $16, decode_time = $17, rules_time = $18,
        encode_time = $19, retry_at = NULL,
        fingerprint_rows = CASE WHEN $5::bytea IS NOT NULL THEN $7::bigint END,
        command = CASE WHEN \(Self.hasTriggers("$20")) THEN \(Self.command(after: "c")) END
      WHERE table_id = $1 AND number = $2 AND status = 'pending'
      RETURNING \(try columns?.question ?? "NULL")
      """,
      [
        chunk.table, chunk.number, run, lane, fingerprint?.bytes, counts.read, counts.loaded,
        counts.merged, counts.filtered, counts.quarantined, counts.warned, counts.bytes,
        counts.phases.sourceWait, counts.phases.transform, counts.phases.targetWait,
        counts.phases.commit, counts.phases.decode, counts.phases.rules, counts.phases.encode,
        try table?.quoted(),
      ])
    guard changed.affectedRows == 1 else {
      throw LedgerError(
        .chunkNotPending, "chunk \(chunk.number) is already done, or unknown",
        place: "table number \(chunk.table)")
    }
    try columns?.requireUnchanged(changed.text(0, 0))
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

  private static func unbalanced(_ chunk: Chunk, _ counts: ChunkCounts) -> LedgerError {
    LedgerError(
      .unbalanced,
      "the row counts of chunk \(chunk.number) do not add up: read \(counts.read), loaded \(counts.loaded), "
        + "merged \(counts.merged), filtered \(counts.filtered), quarantined \(counts.quarantined)",
      place: "table number \(chunk.table), feed \(chunk.feed)",
      remedy: "the chunk was not committed; this is a bug in migrate")
  }
}

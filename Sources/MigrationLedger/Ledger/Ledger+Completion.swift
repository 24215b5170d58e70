import MigrationBasics
import MigrationPlan
import Postgres

/// What a chunk's transaction enters next to its rows.
package struct ChunkOutcome {
  package let counts: ChunkCounts
  package var quarantined: [QuarantinedRow] = []
  package var warnings: [WarningCount] = []
  package var fingerprint: Fingerprint?
  /// The table that the rows are in, if `marking` came directly before the load.
  package var table: QualifiedName?
  /// The columns that must not have changed since the rules were compiled.
  package var columns: FedColumns?

  package init(_ counts: ChunkCounts) { self.counts = counts }
}

extension Ledger {
  /// Enters the outcome of a chunk in the transaction that claimed it and holds its rows, and ends the transaction,
  /// all in one round trip.
  ///
  /// - Parameters:
  ///   - name: how the quarantine's entries call the table.
  ///   - end: adds what ends the transaction; without it, the caller ends it.
  /// - Returns: The quarantined rows as they are in the ledger, if the transaction commits.
  /// - Throws: `unbalanced` if the counts do not add up, `chunkNotPending` if the chunk was done
  ///   or is unknown. Either way the transaction must be rolled back.
  @discardableResult
  package func complete(
    _ chunk: Chunk, _ outcome: ChunkOutcome, run: RunID, lane: Int, of name: String = "",
    ending end: (inout Pipeline) -> Void = { _ in }
  ) throws -> [QuarantineEntry] {
    guard outcome.counts.closes else { throw Self.unbalanced(chunk, outcome.counts) }
    var pipeline = Pipeline()
    let rejects = try quarantine(outcome.quarantined, of: chunk, in: &pipeline)
    recordWarnings(outcome.warnings, of: chunk, in: &pipeline)
    enter(outcome, of: chunk, run: run, lane: lane, try outcome.table?.quoted(), in: &pipeline)
    let isDone = pipeline.require(
      """
      EXISTS (SELECT FROM \(names.chunk)
        WHERE table_id = $1 AND number = $2 AND status = 'done' AND xid = txid_current())
      """, [chunk.table, chunk.number])
    let isUnchanged = try outcome.columns.map { pipeline.require(try $0.isUnchanged) }
    end(&pipeline)
    do throws(PostgresError) {
      return rejects.entries(try connection.run(pipeline), of: chunk, table: name)
    } catch {
      if error.isUnmet(isDone) { throw Self.notPending(chunk) }
      if let isUnchanged, let columns = outcome.columns, error.isUnmet(isUnchanged) {
        throw columns.changed
      }
      throw error
    }
  }

  private func enter(
    _ outcome: ChunkOutcome, of chunk: Chunk, run: RunID, lane: Int, _ table: String?,
    in pipeline: inout Pipeline
  ) {
    let counts = outcome.counts
    // txid_current is pg_current_xact_id by the name that PostgreSQL 12 has too.
    pipeline.query(
      """
      UPDATE \(names.chunk) c SET status = 'done', finished = clock_timestamp(), run = $3, lane = $4,
        xid = txid_current(), fingerprint = $5, rows_read = $6, rows_loaded = $7, rows_merged = $8,
        rows_filtered = $9, rows_quarantined = $10, warnings = $11, bytes = $12, source_wait = $13,
        transform_time = $14, target_wait = $15, commit_time = $16, decode_time = $17, rules_time = $18,
        encode_time = $19, retry_at = NULL,
        fingerprint_rows = CASE WHEN $5::bytea IS NOT NULL THEN $7::bigint END,
        command = CASE WHEN \(Self.hasTriggers("$20")) THEN \(Self.command(after: "c")) END
      WHERE table_id = $1 AND number = $2 AND status = 'pending'
      """,
      [
        chunk.table, chunk.number, run, lane, outcome.fingerprint?.bytes, counts.read,
        counts.loaded, counts.merged, counts.filtered, counts.quarantined, counts.warned,
        counts.bytes, counts.phases.sourceWait, counts.phases.transform, counts.phases.targetWait,
        counts.phases.commit, counts.phases.decode, counts.phases.rules, counts.phases.encode,
        table,
      ])
  }

  private static func notPending(_ chunk: Chunk) -> LedgerError {
    LedgerError(
      .chunkNotPending, "chunk \(chunk.number) is already done, or unknown",
      place: "table number \(chunk.table)")
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

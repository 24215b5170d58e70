import Postgres

/// The transaction of one chunk; in a dry run a savepoint of the transaction that is never committed.
struct ChunkTransaction: Sendable {
  let isDryRun: Bool

  /// Deferred constraints would fail only at the commit, if no row could be distinguished.
  var begin: String {
    isDryRun
      ? "SAVEPOINT migrate_chunk;"
      : "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET CONSTRAINTS ALL IMMEDIATE;"
  }

  /// Adds the statements that commit what the pipeline and the statements before it did.
  func commit(_ pipeline: inout Pipeline) {
    if isDryRun {
      pipeline.query("RELEASE SAVEPOINT migrate_chunk")
    } else {
      pipeline.commit()
    }
  }

  func rollback(_ target: Connection) throws(PostgresError) {
    if isDryRun {
      try target.execute("ROLLBACK TO SAVEPOINT migrate_chunk; RELEASE SAVEPOINT migrate_chunk")
    } else {
      try target.rollback()
    }
  }
}

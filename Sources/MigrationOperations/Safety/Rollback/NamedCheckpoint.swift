import MigrationBasics
import MigrationLedger
import Postgres

/// A moment of a session that people gave a name, to roll back to.
package struct NamedCheckpoint: Sendable, Hashable {
  package let name: String
  package let set: Moment
  package let by: String
  /// What was committed then, as the server writes a snapshot.
  let snapshot: String
}

extension Ledger {
  /// Gives what is committed now a name, also while a run is at work.
  package func setCheckpoint(_ name: String, session: SessionID) throws -> NamedCheckpoint {
    guard !name.hasSuffix(RollbackScope.completed) else {
      throw MigrationError(
        .failed, "names that end in \(RollbackScope.completed) are reserved for complete tables",
        reason: "checkpointName", remedy: "choose another name")
    }
    // A statement of its own: what it sees is what is committed.
    let set = try connection.query(
      """
      INSERT INTO \(names.checkpoint) (session, name, set_by, snapshot)
      VALUES ($1, $2, $3, txid_current_snapshot()::text) ON CONFLICT DO NOTHING RETURNING 1
      """, [session, name, OperatorName.current])
    guard set.rowCount == 1, let found = try checkpoint(name, session: session) else {
      throw MigrationError(
        .failed, "the session already has a checkpoint \(name)", reason: "checkpointName",
        remedy: "choose another name")
    }
    return found
  }

  /// Returns a checkpoint of a session by its name.
  package func checkpoint(_ name: String, session: SessionID) throws -> NamedCheckpoint? {
    try checkpoints(session: session).first { $0.name == name }
  }

  /// Returns the checkpoints of a session that were given names, the first one first.
  package func checkpoints(session: SessionID) throws -> [NamedCheckpoint] {
    try connection.query(
      """
      SELECT name, \(Moment.sql("set_at")), set_by, snapshot FROM \(names.checkpoint)
      WHERE session = $1 ORDER BY set_at
      """, [session]
    ).rows.map { row in
      NamedCheckpoint(
        name: row.string(0), set: row.moment(1) ?? Moment(microseconds: 0), by: row.string(2),
        snapshot: row.string(3))
    }
  }

  /// How much of a table was done before a checkpoint and how much since.
  struct Division: Hashable {
    let chunksBefore: Int
    let chunksSince: Int
    let writesSince: Int
    /// Whether references became null since, also in rows from before.
    let hasLateNulls: Bool
  }

  func division(of table: TableID, by checkpoint: NamedCheckpoint) throws -> Division {
    let found = try oneRow(
      """
      SELECT count(*) FILTER (WHERE NOT since), count(*) FILTER (WHERE since),
        (SELECT count(*) FROM \(names.write) w
          WHERE table_id = $1 AND \(Self.isSince(checkpoint.snapshot, "w.xid"))),
        EXISTS (SELECT FROM \(names.write) w WHERE table_id = $1 AND kind = 'late null'
          AND \(Self.isSince(checkpoint.snapshot, "w.xid")))
      FROM (SELECT \(Self.isSince(checkpoint.snapshot, "xid")) AS since FROM \(names.chunk)
        WHERE table_id = $1 AND xid IS NOT NULL) c
      """, [table], otherwise: LedgerError(.unknown, "the ledger has no table number \(table)"))
    return Division(
      chunksBefore: found.number(0), chunksSince: found.number(1), writesSince: found.number(2),
      hasLateNulls: found.bool(3) ?? false)
  }
}

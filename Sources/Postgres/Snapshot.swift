/// One view of the data that several sessions share.
///
/// It can be taken up as long as the transaction that exported it is open.
public struct Snapshot: Sendable, Hashable {
  public let identifier: String

  public init(identifier: String) { self.identifier = identifier }
}

extension Connection {
  /// Begins a read-only transaction and exports what it sees.
  ///
  /// The transaction stays open; end it with `rollback()` when every session
  /// that shall see the same has taken the snapshot up.
  ///
  /// - Parameter locks: a statement that takes locks before anything is seen, so
  ///   that nothing can happen between the two.
  public func exportSnapshot(after locks: String? = nil) throws(PostgresError) -> Snapshot {
    try begin(TransactionMode(isolation: .repeatableRead, readOnly: true))
    do throws(PostgresError) {
      if let locks { try execute(locks) }
      let result = try query("SELECT pg_catalog.pg_export_snapshot()")
      return Snapshot(identifier: result.text(0, 0) ?? "")
    } catch {
      try? rollback()
      throw error
    }
  }

  /// Begins a read-only transaction that sees what the snapshot's sees.
  ///
  /// - Throws: `PostgresError` of kind `snapshotGone` if the exporting
  ///   transaction has ended. No transaction is open then.
  public func begin(seeing snapshot: Snapshot) throws(PostgresError) {
    try begin(TransactionMode(isolation: .repeatableRead, readOnly: true))
    do throws(PostgresError) {
      try execute("SET TRANSACTION SNAPSHOT \(SQL.literal(snapshot.identifier))")
    } catch {
      try? rollback()
      throw error.readAsLostSnapshot
    }
  }
}

extension PostgresError {
  /// Tells a vanished snapshot by the code of its statement: 22023 up to
  /// PostgreSQL 16, 42704 in later versions.
  fileprivate var readAsLostSnapshot: PostgresError {
    guard sqlState == .invalidParameterValue || sqlState == .undefinedObject else { return self }
    return PostgresError(
      operation, .snapshotGone, "the transaction that exported the snapshot has ended",
      report: report)
  }
}

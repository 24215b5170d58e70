/// What a server is now, and whether it lets this session write.
public struct ServerRole: Sendable, Hashable {
  /// Whether it is a standby, or still recovers from a backup.
  public let isInRecovery: Bool
  /// What `default_transaction_read_only` says for new transactions.
  public let isReadOnlyByDefault: Bool
  /// Whether a transaction of this session could not write now.
  public let isReadOnly: Bool
}

extension Connection {
  /// Asks the server what it is now.
  public func serverRole() throws(PostgresError) -> ServerRole {
    let result = try query(
      """
      SELECT pg_catalog.pg_is_in_recovery(),
        pg_catalog.current_setting('default_transaction_read_only')::bool,
        pg_catalog.current_setting('transaction_read_only')::bool
      """)
    let inRecovery = result.bool(0, 0) ?? false
    return ServerRole(
      isInRecovery: inRecovery, isReadOnlyByDefault: result.bool(0, 1) ?? false,
      isReadOnly: inRecovery || (result.bool(0, 2) ?? false))
  }
}

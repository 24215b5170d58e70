extension LedgerUpgrades {
  /// The step that keeps a copy of the audit log.
  static let audit: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.audit) (
      log text NOT NULL,
      number bigint NOT NULL,
      line text NOT NULL,
      received timestamptz NOT NULL DEFAULT clock_timestamp(),
      database_user text NOT NULL DEFAULT session_user,
      address inet DEFAULT inet_client_addr(),
      PRIMARY KEY (log, number)
    );
    """
  }

  /// The step that keeps how long each stage of a chunk took.
  static let stages: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.chunk) ADD COLUMN decode_time bigint NOT NULL DEFAULT 0,
      ADD COLUMN rules_time bigint NOT NULL DEFAULT 0,
      ADD COLUMN encode_time bigint NOT NULL DEFAULT 0;
    """
  }
}

extension LedgerUpgrades {
  /// The step that keeps rollbacks, and what sequences were like before and after a load.
  static let rollbacks: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.rollback) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      session bigint NOT NULL REFERENCES \(names.session) ON DELETE CASCADE,
      scope text NOT NULL,
      force boolean NOT NULL,
      status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'stopped')),
      begun_by text NOT NULL,
      host text NOT NULL,
      process integer NOT NULL,
      backend integer NOT NULL,
      begun timestamptz NOT NULL DEFAULT clock_timestamp(),
      ended timestamptz,
      note text
    );
    CREATE TABLE \(names.rollbackTable) (
      rollback bigint NOT NULL REFERENCES \(names.rollback) ON DELETE CASCADE,
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      position integer NOT NULL,
      status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'emptied', 'done')),
      method text,
      rows_before bigint,
      rows_gone bigint NOT NULL DEFAULT 0,
      rows_kept bigint NOT NULL DEFAULT 0,
      rows_others bigint NOT NULL DEFAULT 0,
      rows_left bigint NOT NULL DEFAULT 0,
      xids bigint[] NOT NULL DEFAULT '{}',
      kept_keys jsonb NOT NULL DEFAULT '[]',
      sequences jsonb NOT NULL DEFAULT '[]',
      PRIMARY KEY (rollback, table_id)
    );
    CREATE TABLE \(names.sequenceBefore) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      sequence_schema text NOT NULL,
      sequence_name text NOT NULL,
      last_value bigint NOT NULL,
      is_called boolean NOT NULL,
      last_value_after bigint,
      is_called_after boolean,
      PRIMARY KEY (table_id, sequence_schema, sequence_name)
    );
    """
  }

  /// The step that keeps checkpoints by name.
  static let checkpoints: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.checkpoint) (
      session bigint NOT NULL REFERENCES \(names.session) ON DELETE CASCADE,
      name text NOT NULL,
      set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      set_by text NOT NULL,
      snapshot text NOT NULL,
      PRIMARY KEY (session, name)
    );
    ALTER TABLE \(names.rollbackTable) ADD COLUMN since text;
    """
  }

  /// The step that keeps which rows of a merged table the target had before, and which transaction retried a row.
  static let ownership: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.mergePresent) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      key jsonb NOT NULL
    );
    CREATE INDEX merge_present_table ON \(names.mergePresent) (table_id);
    ALTER TABLE \(names.mergeTotal) ADD COLUMN present bigint;
    ALTER TABLE \(names.quarantine) ADD COLUMN retry_xid bigint;
    """
  }

  /// The step that lets the quarantine have rows that are in the target.
  static let corruption: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.quarantine) DROP CONSTRAINT IF EXISTS quarantine_status_check;
    ALTER TABLE \(names.quarantine) ADD CONSTRAINT quarantine_status_check
      CHECK (status IN ('open', 'retried', 'settled', 'corrupted'));
    """
  }

  /// The step that keeps the keys of rows which rollbacks kept.
  static let keptRows: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.rollbackKept) (
      rollback bigint NOT NULL REFERENCES \(names.rollback) ON DELETE CASCADE,
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      key text[] NOT NULL
    );
    CREATE INDEX rollback_kept_table ON \(names.rollbackKept) (table_id);
    """
  }
}

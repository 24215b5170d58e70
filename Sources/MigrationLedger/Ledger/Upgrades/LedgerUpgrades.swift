/// The ledger's tables, as numbered steps from nothing to the newest form.
///
/// A step that has shipped is never changed: a change is the next step.
enum LedgerUpgrades {
  /// The steps in order; the ledger's version is how many of them it has had.
  static let steps: [@Sendable (LedgerNames) -> String] = [
    first, duplicates, mergeTotals, rowsBefore, memory, sourceStates, writes, audit, notes,
    rollbacks, fingerprints, checkpoints, corruption, stages, fedColumns, keptCopies, origin,
    leftRows, keptRows, commands, earlierRows, ownership,
  ]

  private static let first: @Sendable (LedgerNames) -> String = { names in
    [sessions(names), tables(names), setAsideRows(names), remembered(names)]
      .joined(separator: "\n")
  }

  private static let duplicates: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.duplicate) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      feed integer NOT NULL,
      raw_key bytea NOT NULL,
      winner jsonb NOT NULL,
      column_names text NOT NULL
    );
    CREATE INDEX duplicate_table ON \(names.duplicate) (table_id);
    """
  }

  private static let keptCopies: @Sendable (LedgerNames) -> String = { names in
    "ALTER TABLE \(names.duplicate) ADD COLUMN kept_in integer;"
  }

  private static let rowsBefore: @Sendable (LedgerNames) -> String = { names in
    "ALTER TABLE \(names.table) ADD COLUMN rows_before bigint;"
  }

  private static let fedColumns: @Sendable (LedgerNames) -> String = { names in
    "ALTER TABLE \(names.table) ADD COLUMN fed_columns text;"
  }

  private static let memory: @Sendable (LedgerNames) -> String = { names in
    "ALTER TABLE \(names.run) ADD COLUMN resident_bytes bigint, ADD COLUMN peak_bytes bigint;"
  }

  private static let sourceStates: @Sendable (LedgerNames) -> String = { names in
    "ALTER TABLE \(names.feed) ADD COLUMN source_state jsonb;"
  }

  private static func sessions(_ names: LedgerNames) -> String {
    """
    CREATE TABLE \(names.session) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL,
      plan text NOT NULL,
      plan_hash text NOT NULL,
      run_time bigint NOT NULL,
      settings jsonb NOT NULL DEFAULT '{}',
      status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'completed', 'abandoned')),
      started timestamptz NOT NULL DEFAULT clock_timestamp(),
      ended timestamptz
    );
    CREATE UNIQUE INDEX session_one_open ON \(names.session) (name) WHERE status = 'open';
    CREATE TABLE \(names.run) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      session bigint NOT NULL REFERENCES \(names.session) ON DELETE CASCADE,
      host text NOT NULL,
      process integer NOT NULL,
      backend integer NOT NULL,
      backend_started timestamptz,
      command text NOT NULL,
      version text NOT NULL,
      started timestamptz NOT NULL DEFAULT clock_timestamp(),
      heartbeat timestamptz NOT NULL DEFAULT clock_timestamp(),
      ended timestamptz,
      ending text CHECK (ending IN
        ('completed', 'paused', 'stopped', 'failed', 'interrupted', 'lost')),
      note text,
      CHECK ((ended IS NULL) = (ending IS NULL))
    );
    CREATE INDEX run_session ON \(names.run) (session);
    CREATE INDEX run_not_ended ON \(names.run) (id) WHERE ended IS NULL;
    CREATE TABLE \(names.control) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      run bigint NOT NULL REFERENCES \(names.run) ON DELETE CASCADE,
      kind text NOT NULL CHECK (kind IN ('pause', 'stop', 'configure')),
      settings jsonb NOT NULL DEFAULT '{}',
      requested_by text NOT NULL,
      requested timestamptz NOT NULL DEFAULT clock_timestamp(),
      taken timestamptz
    );
    CREATE INDEX control_open ON \(names.control) (run, id) WHERE taken IS NULL;
    """
  }

  private static func tables(_ names: LedgerNames) -> String {
    """
    CREATE TABLE \(names.table) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      session bigint NOT NULL REFERENCES \(names.session) ON DELETE CASCADE,
      name text NOT NULL,
      position integer NOT NULL,
      status text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'loaded', 'restoring', 'done')),
      started timestamptz,
      loaded timestamptz,
      finished timestamptz,
      UNIQUE (session, name)
    );
    CREATE TABLE \(names.feed) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      feed integer NOT NULL,
      source text NOT NULL,
      planned timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (table_id, feed)
    );
    CREATE TABLE \(names.chunk) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      number integer NOT NULL,
      feed integer NOT NULL,
      ordinal integer NOT NULL,
      range jsonb NOT NULL,
      row_estimate bigint NOT NULL,
      byte_estimate bigint NOT NULL,
      status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'done')),
      failures integer NOT NULL DEFAULT 0,
      last_failure text,
      retry_at timestamptz,
      run bigint,
      lane integer,
      xid bigint,
      fingerprint bytea CHECK (octet_length(fingerprint) = 16),
      rows_read bigint NOT NULL DEFAULT 0,
      rows_loaded bigint NOT NULL DEFAULT 0,
      rows_merged bigint NOT NULL DEFAULT 0,
      rows_filtered bigint NOT NULL DEFAULT 0,
      rows_quarantined bigint NOT NULL DEFAULT 0,
      warnings bigint NOT NULL DEFAULT 0,
      bytes bigint NOT NULL DEFAULT 0,
      source_wait bigint NOT NULL DEFAULT 0,
      transform_time bigint NOT NULL DEFAULT 0,
      target_wait bigint NOT NULL DEFAULT 0,
      commit_time bigint NOT NULL DEFAULT 0,
      finished timestamptz,
      PRIMARY KEY (table_id, number),
      CHECK ((status = 'done') = (finished IS NOT NULL)),
      CHECK (rows_read = rows_loaded + rows_merged + rows_filtered + rows_quarantined)
    );
    CREATE INDEX chunk_pending ON \(names.chunk) (table_id, number) WHERE status = 'pending';
    """
  }

  private static func setAsideRows(_ names: LedgerNames) -> String {
    """
    CREATE TABLE \(names.quarantine) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      feed integer NOT NULL,
      chunk integer NOT NULL,
      key jsonb NOT NULL,
      row jsonb NOT NULL,
      code text NOT NULL,
      reason text NOT NULL,
      column_name text,
      value text,
      hint text,
      winner jsonb,
      status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'retried', 'settled')),
      retries integer NOT NULL DEFAULT 0,
      note text,
      added timestamptz NOT NULL DEFAULT clock_timestamp(),
      closed timestamptz
    );
    CREATE INDEX quarantine_chunk ON \(names.quarantine) (table_id, chunk);
    CREATE INDEX quarantine_open ON \(names.quarantine) (table_id, id) WHERE status = 'open';
    CREATE TABLE \(names.merged) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      feed integer NOT NULL,
      chunk integer NOT NULL,
      key jsonb NOT NULL,
      winner jsonb NOT NULL
    );
    CREATE INDEX merged_chunk ON \(names.merged) (table_id, chunk);
    CREATE TABLE \(names.warning) (
      table_id bigint NOT NULL REFERENCES \(names.table) ON DELETE CASCADE,
      chunk integer NOT NULL,
      column_name text NOT NULL,
      reason text NOT NULL,
      count bigint NOT NULL,
      examples jsonb NOT NULL,
      PRIMARY KEY (table_id, chunk, column_name, reason)
    );
    """
  }

  private static func remembered(_ names: LedgerNames) -> String {
    """
    CREATE TABLE \(names.setAside) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      table_schema text NOT NULL,
      table_name text NOT NULL,
      kind text NOT NULL CHECK (kind IN ('index', 'unique', 'primary key', 'foreign key')),
      name text NOT NULL,
      index_definition text,
      constraint_definition text,
      details jsonb NOT NULL,
      status text NOT NULL DEFAULT 'recorded'
        CHECK (status IN ('recorded', 'dropped', 'built', 'restored', 'forgotten')),
      recorded timestamptz NOT NULL DEFAULT clock_timestamp(),
      dropped timestamptz,
      restored timestamptz
    );
    CREATE UNIQUE INDEX set_aside_open ON \(names.setAside)
      (table_schema, table_name, kind, name)
      WHERE status NOT IN ('restored', 'forgotten');
    CREATE TABLE \(names.sequence) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      table_name text NOT NULL,
      sequence_name text NOT NULL,
      highest text,
      next_before text NOT NULL,
      next_after text NOT NULL,
      done timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    """
  }
}

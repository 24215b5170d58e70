import MigrationBasics
import Postgres

/// Foreign keys and triggers of tables whose rows are replaced: off for the while, and on again.
struct SuspendedConstraints {
  private struct ForeignKey {
    let table: String
    let name: String
    let definition: String
  }

  private struct Trigger {
    let table: String
    let name: String
    /// `O`, `R` or `A`, as the catalogue has it.
    let mode: String
  }

  private let connection: Connection
  private let keys: [ForeignKey]
  private let triggers: [Trigger]

  /// Reads what has to come back; in the transaction that takes it off.
  init(_ connection: Connection, _ tables: [ContentsReader.Listed]) throws {
    self.connection = connection
    // Names that the server prints have their schema then.
    try connection.use(.catalog)
    let names = try tables.map { try SQL.identifier(schema: $0.schema, $0.name) }
    keys = try connection.query(Self.keysQuery, [names]).rows.map {
      ForeignKey(
        table: $0.string(0), name: try SQL.identifier($0.string(1)), definition: $0.string(2))
    }
    triggers = try connection.query(Self.triggersQuery, [names]).rows.map {
      Trigger(table: $0.string(0), name: try SQL.identifier($0.string(1)), mode: $0.string(2))
    }
  }

  func takeOff() throws {
    for key in keys {
      try connection.execute("ALTER TABLE \(key.table) DROP CONSTRAINT \(key.name)")
    }
    for trigger in triggers {
      try connection.execute("ALTER TABLE \(trigger.table) DISABLE TRIGGER \(trigger.name)")
    }
  }

  func putBack() throws {
    for trigger in triggers {
      let mode = ["R": "REPLICA ", "A": "ALWAYS "][trigger.mode] ?? ""
      try connection.execute("ALTER TABLE \(trigger.table) ENABLE \(mode)TRIGGER \(trigger.name)")
    }
    for key in keys {
      do throws(PostgresError) {
        try connection.execute(
          "ALTER TABLE \(key.table) ADD CONSTRAINT \(key.name) \(key.definition)")
      } catch {
        throw MigrationError(
          .coded(.foreignKey),
          "the rows of the backup do not match other tables: \(key.name) of \(key.table): \(error.message)",
          place: connection.facts.database,
          remedy: "nothing was changed; also restore the rows of the other table, with --tables")
      }
    }
  }

  private static let wanted = """
    WITH RECURSIVE wanted AS (
      SELECT name::regclass::oid AS oid FROM pg_catalog.unnest($1::text[]) AS name
      UNION SELECT i.inhparent FROM wanted w JOIN pg_catalog.pg_inherits i ON i.inhrelid = w.oid
    )
    """

  private static let keysQuery = """
    \(wanted)
    SELECT conrelid::regclass, conname, pg_catalog.pg_get_constraintdef(c.oid)
    FROM pg_catalog.pg_constraint c
    WHERE contype = 'f' AND conparentid = 0
      AND (conrelid IN (SELECT oid FROM wanted) OR confrelid IN (SELECT oid FROM wanted))
    ORDER BY 1, 2
    """

  private static let triggersQuery = """
    \(wanted)
    SELECT tgrelid::regclass, tgname, tgenabled FROM pg_catalog.pg_trigger t
    WHERE NOT tgisinternal AND tgenabled <> 'D'
      -- A partition's copy follows its parent; PostgreSQL 12 has no such column.
      AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0'
      AND tgrelid IN (SELECT oid FROM wanted)
    ORDER BY 1, 2
    """
}

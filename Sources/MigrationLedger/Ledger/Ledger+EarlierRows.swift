import MigrationPlan
import Postgres

/// Rows that a session has loaded into some tables, and that are still there according to the ledger.
package struct EarlierRows: Sendable, Hashable {
  package let session: Session
  package var tables: [String]
  /// Rows among them that a rollback left because they are changed, or may be.
  package var kept: Int
  /// Whether the rollback was one to a checkpoint, so that other rows of the table are loaded and stay.
  package var isOfPart = false
}

extension Ledger {
  /// Returns which sessions have loaded rows into tables that a session has still to begin, and of tables that are begun
  /// which rows a rollback to a checkpoint has kept although their chunks are to be loaded again.
  ///
  /// - Parameter session: the session that continues; nil for one that is to begin.
  package func earlierRows(
    in tables: [String], schema: String, session: SessionID?
  ) throws -> [EarlierRows] {
    let found = try connection.query(
      """
      SELECT s.id, t.name, k.kept, p.keys::text
      FROM \(names.table) t JOIN \(names.session) s ON s.id = t.session
      CROSS JOIN LATERAL (
        SELECT coalesce(sum(greatest(r.rows_kept, jsonb_array_length(r.kept_keys))), 0)::bigint AS kept
        FROM \(names.rollbackTable) r JOIN \(names.rollback) b ON b.id = r.rollback
        WHERE r.table_id = t.id AND r.status <> 'pending'
          AND (t.emptied IS NULL OR b.begun > t.emptied)) k
      CROSS JOIN LATERAL (\(keptByParts)) p
      WHERE t.name = ANY ($1) AND coalesce(s.target_schema, $2) = $2
        AND (p.keys IS NOT NULL OR NOT EXISTS (SELECT FROM \(names.table) o
          WHERE o.session = $3 AND o.name = t.name AND o.status <> 'pending')
        AND (k.kept > 0 OR t.session IS DISTINCT FROM $3 AND (\(hasBrought))))
      ORDER BY s.id, t.position
      """, [tables, schema, session])
    guard !found.rows.isEmpty else { return [] }
    let filled = try filled(tables.map { QualifiedName(schema: schema, name: $0) })
    var earlier: [EarlierRows] = []
    for row in found.rows where filled.contains(row.string(1)) {
      if !row.isNull(3) {
        let kept = try present(namesInJSON(row.text(3)), in: row.string(1), schema: schema)
        guard kept > 0, let session = try self.session(row.id(0)) else { continue }
        earlier.append(
          EarlierRows(session: session, tables: [row.string(1)], kept: kept, isOfPart: true))
      } else if earlier.last?.session.id == row.id(0) {
        earlier[earlier.count - 1].tables.append(row.string(1))
        earlier[earlier.count - 1].kept += row.number(2)
      } else if let session = try self.session(row.id(0)) {
        earlier.append(
          EarlierRows(session: session, tables: [row.string(1)], kept: row.number(2)))
      }
    }
    return earlier
  }

  /// The keys of rows that rollbacks to checkpoints have kept in a table since its last chunk was loaded, while others
  /// of its chunks wait to be loaded again.
  private var keptByParts: String {
    """
    SELECT jsonb_agg(e.key) AS keys FROM \(names.rollbackTable) r
      JOIN \(names.rollback) b ON b.id = r.rollback, jsonb_array_elements(r.kept_keys) e(key)
    WHERE t.session = $3 AND t.status = 'running' AND r.table_id = t.id AND r.status <> 'pending'
      AND EXISTS (SELECT FROM \(names.chunk) c WHERE c.table_id = t.id AND c.status = 'pending')
      AND NOT EXISTS (SELECT FROM \(names.chunk) c
        WHERE c.table_id = t.id AND c.status = 'done' AND c.finished > b.begun)
    """
  }

  /// Returns how many of some rows, by the texts of their keys, a table still has.
  private func present(_ keys: [String], in name: String, schema: String) throws -> Int {
    guard let live = try CatalogReader(connection).table(schema: schema, named: name) else {
      return 0
    }
    return try connection.query(
      "SELECT count(*) FROM \(live.ownRows()) t WHERE \(live.keyText("t")) = ANY ($1)", [keys]
    ).int(0, 0) ?? 0
  }

  /// Whether a session has loaded rows of a table, or is about to.
  private var hasBrought: String {
    """
    s.status = 'open' AND t.status <> 'pending'
    OR t.emptied IS NULL AND EXISTS (SELECT FROM \(names.chunk) c
      WHERE c.table_id = t.id AND c.status = 'done' AND c.rows_loaded > 0)
    OR EXISTS (SELECT FROM \(names.quarantine) q WHERE q.table_id = t.id
      AND q.status = 'retried' AND (t.emptied IS NULL OR q.closed > t.emptied))
    """
  }

  /// Returns the names of those of some tables of the target that hold rows.
  package func filled(_ tables: [QualifiedName]) throws -> Set<String> {
    let known = zip(tables, try CatalogReader(connection).ownRows(of: tables))
      .compactMap { table, rows in rows.map { (name: table.name, rows: $0) } }
    guard !known.isEmpty else { return [] }
    let found = try connection.query(
      "SELECT " + known.map { "EXISTS (SELECT FROM \($0.rows))" }.joined(separator: ", "))
    return Set(known.indices.filter { found.bool(0, $0) == true }.map { known[$0].name })
  }

  /// Notes that the rows of all sessions so far are emptied away from some tables.
  package func noteEmptied(_ tables: [String], schema: String) throws {
    try connection.query(
      """
      UPDATE \(names.table) t SET emptied = clock_timestamp() FROM \(names.session) s
      WHERE s.id = t.session AND t.name = ANY ($1) AND coalesce(s.target_schema, $2) = $2
      """, [tables, schema])
  }
}

extension LedgerUpgrades {
  /// The step that keeps where the rows of a session are, when they were emptied away, and what its plan
  /// says apart from comments.
  static let earlierRows: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.session) ADD COLUMN plan_meaning text, ADD COLUMN target_schema text;
    ALTER TABLE \(names.table) ADD COLUMN emptied timestamptz;
    """
  }
}

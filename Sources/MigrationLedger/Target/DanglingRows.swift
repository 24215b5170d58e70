import MigrationBasics
import Postgres

/// The rows for which a foreign key can't come back: what they refer to is not there.
///
/// What the migration loaded by its rules is looked after before. So these rows were there before, or were
/// rewritten since, as by an ALTER TABLE that changes a type, or come from columns that are copied as they are.
package struct DanglingRows {
  package let key: SuspendedObject
  package let connection: Connection

  package init(key: SuspendedObject, connection: Connection) {
    self.key = key
    self.connection = connection
  }

  /// Returns a failure that names the values; nil if they can't be found.
  package func explanation() throws -> MigrationError? {
    guard let columns = try columns(), let row = try count(columns), let count = row.int(0),
      count > 0
    else { return nil }
    let names = columns.own.joined(separator: ", ")
    return MigrationError(
      .coded(.foreignKey),
      "\(CountText.of(count, "orphan")) in \(key.table): \(names) matches no row of \(columns.table), such as "
        + row.string(1),
      reason: "danglingRows", place: "\(key.table): \(key.name)",
      remedy:
        "correct them in the target or load the referenced rows (migrate retry), and run again. If ALTER TABLE "
        + "rewrote the rows during the migration, start over: migrate run --fresh --empty-tables"
    )
  }

  private struct Columns {
    let own: [String]
    let others: [String]
    /// The table that is referred to, quoted.
    let table: String
    /// What queries name the rows of both tables by, without those of tables that inherit from them, which no
    /// foreign key looks at.
    let (ownRows, otherRows): (String, String)
  }

  private func columns() throws -> Columns? {
    let found = try connection.query(
      """
      SELECT (SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = k.conrelid AND attnum = p.own),
        (SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = k.confrelid AND attnum = p.other),
        (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = k.confrelid),
        \(Self.only("k.conrelid")), \(Self.only("k.confrelid"))
      FROM pg_catalog.pg_constraint k, unnest(k.conkey, k.confkey) WITH ORDINALITY p (own, other, place)
      WHERE k.contype = 'f' AND k.conrelid = pg_catalog.to_regclass($1)::oid AND k.conname = $2 ORDER BY p.place
      """, [try key.table.quoted(), key.name])
    guard let first = found.rows.first else { return nil }
    return Columns(
      own: found.rows.map { $0.string(0) }, others: found.rows.map { $0.string(1) },
      table: first.string(2), ownRows: first.string(3) + (try key.table.quoted()),
      otherRows: first.string(4) + first.string(2))
  }

  private static func only(_ oid: String) -> String {
    """
    (SELECT CASE WHEN relkind = 'r' AND relhassubclass THEN 'ONLY ' ELSE '' END
      FROM pg_catalog.pg_class WHERE oid = \(oid))
    """
  }

  private func count(_ columns: Columns) throws -> QueryResult.Row? {
    let own = try columns.own.map { "t." + (try SQL.identifier($0)) }
    let others = try columns.others.map { "o." + (try SQL.identifier($0)) }
    let isSet = own.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    let isSame = zip(own, others).map { "\($0) = \($1)" }.joined(separator: " AND ")
    let dangling =
      "FROM \(columns.ownRows) t WHERE \(isSet) AND NOT EXISTS (SELECT FROM \(columns.otherRows) o WHERE \(isSame))"
    return try connection.query(
      """
      SELECT count(*), (SELECT string_agg(value, '; ') FROM
        (SELECT concat_ws(', ', \(own.joined(separator: ", "))) AS value \(dangling) LIMIT 3) example) \(dangling)
      """
    ).rows.first
  }
}

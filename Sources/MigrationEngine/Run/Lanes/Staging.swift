import MigrationPlan
import MigrationRows
import Postgres

/// A temporary copy of a table's columns, in which the server tries rows one by one.
///
/// It is for chunks with many refusals. Its columns have the types below domains, so that a value
/// that a domain's CHECK refuses gets there, and is refused with its row alone. Everything happens inside the caller's savepoint, whose
/// rollback takes the staging table and the rows that were tried with it.
struct Staging {
  let target: Connection
  let table: QualifiedName
  let columns: [PostgresColumn]

  /// Returns the rows that the server refuses, when all are tried in order.
  func refusals(_ store: RowStore, rows: [Range<Int>]) throws -> [Int: ServerRefusal] {
    try create(store.form)
    let list = try SQL.identifiers(["migrate_row"] + columns.map(\.name))
    let statement = "COPY pg_temp.migrate_staging (\(list)) FROM STDIN \(store.form.option)"
    let numbers = Array(rows.joined())
    let unsendable = try PatientCopy(target: target) { range throws(PostgresError) in
      try store.sendNumbered(numbers[range], statement, target)
    }.run(numbers.count)
    try target.executeOnOwnPath("DO \(SQL.literal(try tryEachRow(store.form)))")
    let refused = Dictionary(
      uniqueKeysWithValues: unsendable.map { (numbers[$0.key], $0.value) })
    return refused.merging(try read()) { first, _ in first }
  }

  private func create(_ form: CopyForm) throws {
    // A text that a type refuses must get this far, and be refused with its row alone.
    let list = try columns.map { column in
      let name = try SQL.identifier(column.name)
      if form == .text { return "NULL::text AS \(name)" }
      return column.type.belowDomain.map { "NULL::\($0) AS \(name)" } ?? name
    }.joined(separator: ", ")
    try target.execute(
      """
      CREATE TEMP TABLE migrate_staging AS
        SELECT 0 AS migrate_row, \(list) FROM \(try table.quoted()) WHERE false;
      CREATE TEMP TABLE migrate_refused (
        row_number integer, state text, message text, constraint_name text, column_name text,
        detail text);
      """)
  }

  private func tryEachRow(_ form: CopyForm) throws -> String {
    let insert = try insert(form)
    return """
      DECLARE
        r record; s text; m text; c text; o text; d text;
      BEGIN
        FOR r IN SELECT * FROM pg_temp.migrate_staging ORDER BY migrate_row LOOP
          BEGIN
            \(insert);
          EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT,
              c = CONSTRAINT_NAME, o = COLUMN_NAME, d = PG_EXCEPTION_DETAIL;
            IF left(s, 2) NOT IN ('22', '23', '44', 'P0') THEN RAISE; END IF;
            INSERT INTO pg_temp.migrate_refused VALUES (r.migrate_row, s, m, c, o, d);
          END;
        END LOOP;
      END
      """
  }

  /// Values of unknown type are read by the column's own type, as COPY reads them; a cast would cut.
  private func insert(_ form: CopyForm) throws -> String {
    let list = try SQL.identifiers(columns.map(\.name))
    let names = try columns.map { "r." + (try SQL.identifier($0.name)) }
    let start = "INSERT INTO \(try table.quoted()) (\(list)) VALUES ("
    if form == .binary { return start + names.joined(separator: ", ") + ")" }
    let values = names.map { "quote_nullable(\($0))" }.joined(separator: " || ', ' || ")
    return "EXECUTE \(SQL.literal(start)) || \(values) || ')'"
  }

  private func read() throws -> [Int: ServerRefusal] {
    let found = try target.query(
      """
      SELECT row_number, state, message, nullif(constraint_name, ''), nullif(column_name, ''),
        nullif(detail, '')
      FROM pg_temp.migrate_refused
      """)
    var refusals: [Int: ServerRefusal] = [:]
    for row in found.rows {
      guard let number = row.int(0) else { continue }
      refusals[number] = ServerRefusal(
        state: SQLState(row.text(1) ?? ""), message: row.text(2) ?? "", constraint: row.text(3),
        column: row.text(4), detail: row.text(5))
    }
    return refusals
  }
}

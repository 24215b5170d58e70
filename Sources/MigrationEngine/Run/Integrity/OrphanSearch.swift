import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Finds the rows of a circle whose references match no row, and settles those that get null.
///
/// A row that goes into the quarantine leaves others without the row that they refer to, so the
/// search continues until it finds no more. The keys are in temporary tables meanwhile, one for each
/// table of the circle. Rows that the migration did not load stay as they are, whatever they refer
/// to. Belongs into a transaction.
struct OrphanSearch {
  let late: LateReferences
  let ledger: Ledger
  let states: [TableState]
  /// Whether the rows were written in the savepoints of a dry run, whose ids the ledger does not keep.
  let isDryRun: Bool
  /// The key of the session's fingerprints; nil if it has none.
  let fingerprintKey: [UInt8]?

  /// The temporary table with the orphans of a table of the circle: key, column, value.
  static func name(_ place: Int) -> String { "pg_temp.migrate_orphans_\(place)" }

  /// Returns how many rows of each table have to go into the quarantine.
  func run() throws -> [Int] {
    for place in late.tables.indices { try create(place) }
    var counts = late.tables.map { _ in 0 }
    var isDone = false
    while !isDone {
      isDone = true
      for reference in late.references where reference.orphan == .quarantine {
        let found = try collect(reference)
        counts[reference.from] += found
        if found > 0 { isDone = false }
      }
    }
    for reference in late.references where reference.orphan == .null { try clear(reference) }
    for table in late.tables { try fingerprints(of: table)?.settle() }
    return counts
  }

  /// Takes the orphans of a table out of the target.
  func delete(_ place: Int, _ count: Int) throws {
    let table = late.tables[place]
    try fingerprints(of: table)?.takeAway(
      "JOIN \(Self.name(place)) d ON \(try sameKey(place, "t"))")
    let deleted = try ledger.connection.executeOnOwnPath(
      "DELETE FROM \(try table.ownRows()) t USING \(Self.name(place)) d WHERE \(try sameKey(place, "t"))"
    )
    guard deleted.affectedRows == count else {
      throw MigrationError(
        .coded(.corruption),
        "\(CountText.of(count, "orphan")) of \(table.name) quarantined, but \(deleted.affectedRows) deleted",
        place: "\(table.schema).\(table.name)",
        remedy: "a trigger or rule of the table keeps rows; switch it off for the migration")
    }
  }

  /// Without a key that the rules fill, a row of the target can't be found in the source again.
  func requireKeys(_ counts: [Int]) throws {
    for (table, count) in zip(late.tables, counts) where count > 0 && table.primaryKey.isEmpty {
      throw MigrationError(
        .coded(.foreignKey),
        "\(table.name) has \(CountText.of(count, "orphan"))",
        place: "\(table.schema).\(table.name)",
        remedy:
          "add a primary key to the table, correct the source, or set orphan: \"null\" in the plan")
    }
  }

  private func create(_ place: Int) throws {
    let table = late.tables[place]
    let key = try keyList(table, of: "t")
    try ledger.connection.execute("DROP TABLE IF EXISTS \(Self.name(place))")
    try ledger.connection.execute(
      """
      CREATE TEMP TABLE migrate_orphans_\(place) ON COMMIT DROP AS
      SELECT \(key), ''::text AS migrate_column, ''::text AS migrate_value
      FROM \(try table.ownRows()) t WHERE false
      """)
  }

  private func collect(_ reference: LateReferences.Reference) throws -> Int {
    let table = late.tables[reference.from]
    return try ledger.connection.query(
      """
      INSERT INTO \(Self.name(reference.from))
      SELECT \(try keyList(table, of: "t")), \(SQL.literal(reference.column)),
        \(try table.text(of: reference.column, "t"))
      FROM \(try table.ownRows()) t WHERE \(try isOrphan(reference)) AND \(try isKept(reference.from, "t"))
        AND \(isOwn(table))
      """
    ).affectedRows
  }

  /// Writes null if a reference matches no row, or to a row that will be quarantined.
  private func clear(_ reference: LateReferences.Reference) throws {
    let table = late.tables[reference.from]
    let chosen =
      "WHERE \(try isOrphan(reference)) AND \(try isKept(reference.from, "t")) AND \(isOwn(table))"
    try requireTold(reference, chosen)
    let expected = try fingerprints(of: table)?.takeAway(chosen) ?? count(chosen, of: table)
    guard expected > 0 else { return }
    if let state = state(of: table) { try ledger.beginWrite(.lateNull, table: state.id) }
    let changed = try ledger.connection.executeOnOwnPath(
      """
      WITH changed AS (
        UPDATE \(try table.ownRows()) t SET \(try SQL.identifier(reference.column)) = NULL
        \(chosen)
        RETURNING \(try keyJSON(table, of: "t")) AS key)
      SELECT pg_catalog.count(*), coalesce((
        SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('target', f.key)) FROM
          (SELECT * FROM changed LIMIT \(ExampleKeys.most)) f), '[]')::text FROM changed
      """)
    let count = changed.int(0, 0) ?? 0
    guard try count == expected && self.count(chosen, of: table) == 0 else {
      throw MigrationError(
        .coded(.corruption),
        "\(CountText.of(expected, "row")) should get null in \(table.name).\(reference.column), and the server changed \(count)",
        place: "\(table.schema).\(table.name)",
        remedy:
          "a trigger or rule of the table prevents the change; disable it for the migration")
    }
    guard let state = state(of: table) else { return }
    // They bear this transaction's id from now on.
    try ledger.endWrite(table: state.id, into: table.qualifiedName)
    try ledger.addLateWarning(
      table: state.id, column: reference.column, reason: Reason.orphan.name, count: count,
      examples: changed.text(0, 1) ?? "[]")
  }

  /// Refuses if a trigger wrote rows that would get null, of which some may have been there before.
  private func requireTold(_ reference: LateReferences.Reference, _ chosen: String) throws {
    let table = late.tables[reference.from]
    guard !isDryRun, let state = state(of: table),
      try ledger.rowsBefore(table: state.id) ?? 1 > 0, try ledger.hasCommands(table: state.id)
    else { return }
    let found = try count(
      chosen + " AND NOT \(ledger.isOwn("t", table: state.id))", of: table)
    guard found > 0 else { return }
    throw MigrationError(
      .coded(.foreignKey),
      "\(CountText.of(found, "row")) written by a trigger are orphans by \(table.name).\(reference.column); "
        + "cannot determine whether the migration loaded them",
      place: "\(table.schema).\(table.name)",
      remedy:
        "correct the references of earlier rows, or disable the trigger for the migration"
    )
  }

  private func count(_ chosen: String, of table: PostgresTable) throws -> Int {
    try ledger.connection.query("SELECT count(*) FROM \(try table.ownRows()) t \(chosen)")
      .int(0, 0) ?? 0
  }

  private func state(of table: PostgresTable) -> TableState? {
    states.first { $0.name == table.name }
  }

  private func fingerprints(of table: PostgresTable) throws -> LateFingerprints? {
    guard !isDryRun, let state = state(of: table) else { return nil }
    return LateFingerprints(
      ledger, table: state.id, rows: try table.ownRows(), key: fingerprintKey)
  }

  private func isOwn(_ table: PostgresTable) -> String {
    guard !isDryRun else { return "true" }
    // A part leaves the rows of tables alone that it does not move.
    guard let state = state(of: table) else { return "false" }
    return ledger.bearsOwn("t", table: state.id)
  }

  private func isOrphan(_ reference: LateReferences.Reference) throws -> String {
    let column = "t." + (try SQL.identifier(reference.column))
    let result = "o." + (try SQL.identifier(reference.result))
    let other = late.tables[reference.to]
    let types = [late.tables[reference.from][reference.column], other[reference.result]]
    let signs = types.map { $0?.type.sign("=") ?? "=" }
    // Unqualified as soon as one of the two needs that.
    let equals = signs.contains("=") ? "=" : signs[0]
    let missing =
      "\(column) IS NOT NULL AND NOT EXISTS (SELECT FROM \(try SQL.identifier(schema: other.schema, other.name)) o "
      + "WHERE \(result) \(equals) \(column) AND \(try isKept(reference.to, "o")))"
    guard let rehearsed = late.rehearsed[reference.to] else { return missing }
    return missing
      + " AND NOT EXISTS (SELECT FROM \(rehearsed) o WHERE \(result) \(equals) \(column))"
  }

  /// The condition that a row is not to be quarantined.
  private func isKept(_ place: Int, _ alias: String) throws -> String {
    "NOT EXISTS (SELECT FROM \(Self.name(place)) d WHERE \(try sameKey(place, alias)))"
  }

  private func sameKey(_ place: Int, _ alias: String) throws -> String {
    let key = late.tables[place].primaryKey
    // A row without a key is found by its place, which nothing changes before the end.
    guard !key.isEmpty else { return "d.ctid_ = \(alias).ctid" }
    return try key.map { name in
      let sign = late.tables[place][name]?.type.sign("=") ?? "="
      let name = try SQL.identifier(name)
      return "d.\(name) \(sign) \(alias).\(name)"
    }.joined(separator: " AND ")
  }

  private func keyList(_ table: PostgresTable, of alias: String) throws -> String {
    guard !table.primaryKey.isEmpty else { return "\(alias).ctid AS ctid_" }
    return try table.primaryKey.map { "\(alias)." + (try SQL.identifier($0)) }.joined(
      separator: ", ")
  }

  private func keyJSON(_ table: PostgresTable, of alias: String) throws -> String {
    let pairs =
      try table.primaryKey.isEmpty
      ? "'ctid_', \(alias).ctid" : table.jsonPairs(table.primaryKey, alias)
    return "pg_catalog.jsonb_build_object(\(pairs))"
  }
}

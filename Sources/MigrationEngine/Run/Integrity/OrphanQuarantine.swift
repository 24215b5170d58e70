import MigrationBasics
import MigrationLedger
import MigrationRows
import Postgres

/// Quarantines rows that were loaded before it was known that their reference matches no row.
///
/// Their source rows are read again, chunk by chunk, so that the quarantine and the row counts of each
/// chunk are as if the row had been quarantined at once.
struct OrphanQuarantine {
  let work: TableWork
  let ledger: Ledger
  let source: any RowSource
  /// The table with the orphans' keys, columns and values.
  let orphans: String
  let count: Int

  /// Orphans by the bytes of their key in the target.
  private final class Wanted {
    var rows: [[UInt8]: (column: String, value: String)] = [:]
  }

  func run() throws {
    let wanted = Wanted()
    try read(into: wanted)
    let reader = try source.open(timeout: nil)
    let machines = work.makeMachines()
    var late = LateQuarantine()
    for record in try ledger.chunks(table: work.id, status: .done) where !wanted.rows.isEmpty {
      try find(in: record.chunk, machines[record.chunk.feed], reader, wanted, &late)
      if late.isFull || late.ids.count == wanted.rows.count { try enter(&late, wanted) }
    }
    try enter(&late, wanted)
    guard wanted.rows.isEmpty else {
      throw MigrationError(
        .coded(.foreignKey),
        "\(CountText.of(wanted.rows.count, "orphan")) of \(work.name) could not be found in the source "
          + "again",
        place: "\(work.name)",
        remedy: "correct them in the target, or start over: migrate run --fresh --empty-tables")
    }
  }

  private func enter(_ late: inout LateQuarantine, _ wanted: Wanted) throws {
    for id in try late.enter(into: ledger, table: work.id) { wanted.rows[id] = nil }
  }

  private func read(into wanted: Wanted) throws {
    let keyCount = work.target.primaryKey.count
    let rows = try ledger.connection.copyOut("COPY \(orphans) TO STDOUT (FORMAT binary)")
    while try rows.next({ row in
      var reader = BinaryRowReader(row)
      var key: [UInt8] = []
      for _ in 0..<keyCount {
        guard let field = reader.next() else { return }
        withUnsafeBytes(of: UInt32(field.bytes.count).bigEndian) { key.append(contentsOf: $0) }
        key.append(contentsOf: field.bytes)
      }
      guard let column = reader.next(), let value = reader.next() else { return }
      wanted.rows[key] = (
        String(decoding: column.bytes, as: UTF8.self), String(decoding: value.bytes, as: UTF8.self)
      )
    }) {}
  }

  private func find(
    in chunk: Chunk, _ machine: RowMachine, _ reader: any RowReader, _ wanted: Wanted,
    _ late: inout LateQuarantine
  ) throws {
    let feed = work.feeds[chunk.feed]
    guard let set = feed.program.uniqueSets.firstIndex(of: work.target.primaryKey) else { return }
    var (rawKey, keys) = ([UInt8](), RowKeyReader(feed.key))
    var number = 0
    let buffer = CopyBuffer()
    try reader.read(feed, .chunk(chunk.range)) { row in
      keys.beginRow()
      machine.forEachRow(of: row) { element in
        number += 1
        buffer.removeAll()
        keys.read(row, element: element, into: &rawKey)
        let loss = work.losers.loss(feed: feed.number, rawKey: rawKey)
        guard machine.run(row, element: element, into: buffer) == .row,
          loss == nil || loss?.keptIn == chunk.number,
          let bytes = machine.withUniqueKey(set, { [UInt8]($0) }), let orphan = wanted.rows[bytes]
        else { return }
        let name = machine.key(row, element: element)
        let key: JSONValue =
          name == .null ? ["chunk": .int(chunk.number), "row": .int(number)] : name
        late.add(
          QuarantinedRow(
            key: key, row: machine.sourceRow(row, element: element), code: .foreignKey,
            reason: Reason.orphan.name,
            column: orphan.column, value: orphan.value, hint: Reason.orphan.hint),
          id: bytes, of: chunk, for: ledger)
      }
    }
  }
}

extension Ledger {
  /// Adds warnings that only the whole table could show, to its last chunk.
  ///
  /// - Parameter examples: a JSON list of keys.
  func addLateWarning(
    table: TableID, column: String, reason: String, count: Int, examples: String
  ) throws {
    try connection.query(
      """
      WITH last AS (
        UPDATE \(names.chunk) SET warnings = warnings + $4
        WHERE table_id = $1 AND number =
          (SELECT max(number) FROM \(names.chunk) WHERE table_id = $1 AND status = 'done')
        RETURNING table_id, number)
      INSERT INTO \(names.warning) AS w (table_id, chunk, column_name, reason, count, examples)
      SELECT table_id, number, $2, $3, $4, $5::jsonb FROM last
      ON CONFLICT (table_id, chunk, column_name, reason)
        DO UPDATE SET count = w.count + excluded.count
      """, [table, column, reason, count, Parameter.text(examples, type: .jsonb)])
  }
}

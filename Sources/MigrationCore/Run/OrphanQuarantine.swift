import Postgres

/// Sets rows aside that were loaded before it was known that their reference leads nowhere.
///
/// Their source rows are read again, chunk by chunk, so that the quarantine and the books of each
/// chunk are as if the row had been set aside at once.
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
    for record in try ledger.chunks(table: work.id, status: .done) where !wanted.rows.isEmpty {
      let chunk = record.chunk
      let found = try find(in: chunk, machines[chunk.feed], reader, wanted)
      guard !found.isEmpty else { continue }
      try ledger.quarantine(found, of: chunk)
      try ledger.moveToQuarantine(found.count, of: chunk)
    }
    guard wanted.rows.isEmpty else {
      throw MigrationError(
        .coded(.foreignKey),
        "\(wanted.rows.count) rows of \(work.name) refer to rows that are not there, and are not found "
          + "in the source any more",
        place: "\(work.name)",
        remedy: "correct them in the target, or start over: migrate run --fresh --empty-tables")
    }
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
    in chunk: Chunk, _ machine: RowMachine, _ reader: any RowReader, _ wanted: Wanted
  ) throws -> [QuarantinedRow] {
    let feed = work.feeds[chunk.feed]
    guard let set = feed.program.uniqueSets.firstIndex(of: work.target.primaryKey) else {
      return []
    }
    let refused = try ledger.quarantinedKeys(of: chunk)
    var found: [QuarantinedRow] = []
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
        // A row that the server refused may have the same key as the one that it took.
        guard !refused.contains(EscapedText.storable(key, for: ledger.encoding)) else { return }
        wanted.rows[bytes] = nil
        found.append(
          QuarantinedRow(
            key: key, row: machine.sourceRow(row, element: element), code: .foreignKey,
            reason: Reason.orphan.name,
            column: orphan.column, value: orphan.value, hint: Reason.orphan.hint))
      }
    }
    return found
  }
}

extension Ledger {
  /// Returns the keys of a chunk's rows that are in quarantine.
  func quarantinedKeys(of chunk: Chunk) throws -> Set<JSONValue> {
    let found = try connection.query(
      "SELECT key::text FROM \(names.quarantine) WHERE table_id = $1 AND chunk = $2",
      [chunk.table, chunk.number])
    return Set(try found.rows.map { try $0.json(0) })
  }

  /// Changes the books of a chunk for rows that were loaded and go into the quarantine now.
  func moveToQuarantine(_ count: Int, of chunk: Chunk) throws {
    try connection.query(
      """
      UPDATE \(names.chunk) SET rows_loaded = rows_loaded - $3, rows_quarantined = rows_quarantined + $3
      WHERE table_id = $1 AND number = $2
      """, [chunk.table, chunk.number, count])
  }

  /// Adds warnings that only the whole table could show, to its last chunk.
  ///
  /// - Parameter examples: a JSON list of keys.
  func addLateWarning(
    table: Int, column: String, reason: String, count: Int, examples: String
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

import MigrationBasics
import MigrationLedger
import Postgres

extension TableMerge {
  /// Sums up, chunk by chunk, the rows that go into the target, to be entered with a pipeline.
  func recordFingerprints(in pipeline: inout Pipeline) throws {
    guard let key = work.fingerprints, let feed = work.feeds.first else { return }
    let list = try feed.program.fingerprintColumns.map { try $0.selected() }.joined(separator: ", ")
    let rows = try ledger.connection.copyOut(
      """
      COPY (SELECT migrate_first, \(list) FROM \(Self.groups) WHERE \(Self.isKept))
      TO STDOUT (FORMAT binary)
      """)
    var sums: [Int: FingerprintSum] = [:]
    while try rows.next({ row in
      guard let start = row.baseAddress, row.count >= 10 else { return }
      // Behind the number of fields, and the length and number of the chunk.
      let fields = UnsafeRawBufferPointer(rebasing: row.dropFirst(10))
      sums[Int(start.int32(6)), default: FingerprintSum()].add(key.hash(fields))
    }) {}
    let chunk = ledger.names.chunk
    pipeline.query(
      """
      UPDATE \(chunk) c SET fingerprint = coalesce(decode(s.sum, 'hex'), $2),
        fingerprint_rows = coalesce(s.rows, 0)
      FROM \(chunk) o LEFT JOIN jsonb_to_recordset($3) AS s(number integer, rows bigint, sum text)
        ON s.number = o.number
      WHERE c.table_id = $1 AND o.table_id = $1 AND o.number = c.number
      """, [work.id, Fingerprint.zero.bytes, Ledger.json(sums.map { ($0.key, $0.value) })])
  }
}

import Postgres

extension TableMerge {
  /// Sums up, chunk by chunk, the rows that go into the target.
  func recordFingerprints() throws {
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
    try ledger.connection.query(
      "UPDATE \(chunk) SET fingerprint = $2, fingerprint_rows = 0 WHERE table_id = $1",
      [work.id, Fingerprint.zero.bytes])
    for (number, sum) in sums {
      try ledger.connection.query(
        """
        UPDATE \(chunk) SET fingerprint = $3, fingerprint_rows = $4
        WHERE table_id = $1 AND number = $2
        """, [work.id, number, sum.fingerprint.bytes, sum.rows])
    }
  }
}

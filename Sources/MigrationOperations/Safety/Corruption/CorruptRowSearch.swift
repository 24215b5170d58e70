import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Reads chunks that do not add up again from the source, and collects the rows that differ.
struct CorruptRowSearch {
  let rows: CorruptedRows
  let key: FingerprintKey

  private var ledger: Ledger { rows.ledger }

  /// Collects the corrupted rows of some tables, and returns the tables by the ledger's numbers.
  func tell(_ tables: [CorruptedTable]) throws -> [TableID: CorruptedTable] {
    guard !tables.isEmpty else { return [:] }
    let source = try rows.request.sourcePlace()
      .source(connectTimeout: rows.request.connectTimeout)
    defer { source.release() }
    let reader = try source.open(timeout: nil)
    let layer = RecordsLayer(
      scope: scope(tables), source: reader, comparer: ledger.connection)
    let lookups = LookupLoading(schema: rows.request.plan.target.schema)
    for table in tables {
      rows.tell("comparing \(table.title) with its source")
      try collect(
        table,
        TableRecords(
          layer: layer, table: table.plan, state: table.state, live: table.live,
          lookups: lookups))
    }
    return Dictionary(uniqueKeysWithValues: tables.map { ($0.state.id, $0) })
  }

  private func collect(_ table: CorruptedTable, _ records: TableRecords) throws {
    try makeCollection(table)
    let chunks = try chunks(of: table)
    let hasWrites = table.judgement.differing.contains {
      $0.group.entries.contains { $0.chunk == nil }
    }
    for (number, feed) in table.plan.feeds.enumerated() {
      let own = chunks.filter { $0.feed == number }
      guard !own.isEmpty || hasWrites else { continue }
      let reads = try FeedRecords(
        records: records, feed: feed, number: number, fingerprints: key)
      defer { reads.drop() }
      for chunk in own {
        try reads.clear()
        try reads.send([.chunk(chunk.range)])
        try reads.expected.collectCorrupted(
          into: table.collection, chunk: chunk.number, and: rewritten(table))
      }
      if hasWrites { try collectRetried(table, reads, feed: number) }
    }
    try ledger.connection.query(
      """
      UPDATE \(table.collection) c SET retried = q.id, chunk = q.chunk
      FROM \(ledger.names.quarantine) q
      WHERE q.table_id = $1 AND q.status = 'retried' AND q.feed = c.feed AND q.key = c.key
      """, [table.state.id])
  }

  /// Rows that a retry loaded are known by their entries, and not by chunks.
  private func collectRetried(
    _ table: CorruptedTable, _ reads: FeedRecords, feed: Int
  ) throws {
    var filter = QuarantineFilter(table: table.title, status: .retried)
    while true {
      let page = try ledger.quarantined(session: rows.session.id, filter, limit: 500)
      guard let last = page.last else { return }
      filter.after = last.id
      let keys = page.filter { $0.feed == feed }.map(\.row.key)
      guard !keys.isEmpty else { continue }
      try reads.clear()
      try reads.send([.keys(keys)])
      try reads.expected.collectCorrupted(
        into: table.collection, chunk: nil, and: rewritten(table))
    }
  }

  /// The condition of rows that were rewritten with the same values, if it could not be verified
  /// afterwards that they are the same.
  private func rewritten(_ table: CorruptedTable) -> String {
    table.judgement.before == 0 && table.judgement.book.hasOneList
      ? "false" : "NOT (\(ledger.bearsOwn("t", table: table.state.id)))"
  }

  private func makeCollection(_ table: CorruptedTable) throws {
    try ledger.connection.execute("DROP TABLE IF EXISTS \(table.collection)")
    try ledger.connection.execute(
      """
      CREATE TEMP TABLE \(table.collection.replacing("pg_temp.", with: "")) (
        feed integer, chunk integer, key jsonb, shown text, columns text, fingerprint bytea,
        found jsonb, relation oid, place tid, retried bigint, UNIQUE (feed, key))
      """)
  }

  /// The chunks that do not add up; all of them where references became null late in rows of any.
  private func chunks(of table: CorruptedTable) throws -> [Chunk] {
    let all = try ledger.chunks(table: table.state.id, status: .done).map(\.chunk)
    let entries = table.judgement.differing.flatMap(\.group.entries)
    if entries.contains(where: { $0.kind == WriteKind.lateNull.rawValue }) { return all }
    let numbers = Set(entries.compactMap(\.chunk))
    return all.filter { numbers.contains($0.number) }
  }

  /// What the reading of records asks of a validation.
  private func scope(_ tables: [CorruptedTable]) -> ValidationScope {
    var wanted = ValidationRequest(plan: rows.request.plan)
    wanted.samples = nil
    return ValidationScope(
      request: wanted, target: ledger.connection, ledger: ledger, session: rows.session,
      states: tables.map(\.state), sheets: [],
      live: Dictionary(
        tables.map { ($0.live.name, $0.live) }, uniquingKeysWith: { first, _ in first }))
  }
}

import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Reads records again from the source, transforms them, and compares them with the target, field by
/// field.
struct RecordsLayer {
  let scope: ValidationScope
  let source: any RowReader
  /// A connection of the layer's own, for its temporary tables.
  let comparer: Connection

  /// - Parameter snapshot: the snapshot in which all layers read the target.
  func run(seeing snapshot: Snapshot) throws -> LayerResult {
    var result = LayerResult(.records)
    let lookups = LookupLoading(schema: scope.request.plan.target.schema)
    for table in scope.tables {
      guard let live = scope.live[table.name] else {
        result.findings.append(CountsLayer.noTable(table))
        continue
      }
      guard let state = scope.state(of: table) else {
        result.findings.append(CountsLayer.notMigrated(table))
        continue
      }
      let records = TableRecords(
        layer: self, table: table, state: state, live: live, lookups: lookups)
      try records.check(&result, seeing: snapshot)
    }
    result.checked = result.fields
    // Tables whose sources are empty have no records, and that is fine.
    if result.records == 0, result.findings.isEmpty { result.checked = scope.tables.count }
    return result
  }
}

/// The records of one table.
struct TableRecords {
  let layer: RecordsLayer
  let table: TablePlan
  let state: TableState
  let live: PostgresTable
  let lookups: LookupLoading

  private var scope: ValidationScope { layer.scope }

  func check(_ result: inout LayerResult, seeing snapshot: Snapshot) throws {
    let reads = try table.feeds.enumerated().map { number, feed in
      try FeedRecords(records: self, feed: feed, number: number)
    }
    defer { for read in reads { read.drop() } }
    // The temporary tables are there; from here on nothing but them can be written.
    try layer.comparer.begin(seeing: snapshot)
    let part = scope.request.samples.map(FeedPart.sample) ?? .all
    for read in reads {
      try read.send([part])
      try read.judge(&result)
    }
    if scope.request.samples == nil { try invented(reads.map(\.expected), &result) }
    try layer.comparer.rollback()
  }

  /// Compares some chunks alone: differences are reported row by row, column by column.
  func compare(
    _ chunks: [Chunk], _ result: inout LayerResult, seeing snapshot: Snapshot
  ) throws {
    let numbers = Set(chunks.map(\.feed)).sorted()
    let reads = try numbers.map { number in
      try FeedRecords(records: self, feed: table.feeds[number], number: number)
    }
    defer { for read in reads { read.drop() } }
    try layer.comparer.begin(seeing: snapshot)
    for (number, read) in zip(numbers, reads) {
      try read.send(chunks.filter { $0.feed == number }.map { .chunk($0.range) })
      try read.judge(&result)
    }
    try layer.comparer.rollback()
  }

  private func invented(_ feeds: [RecordComparison], _ result: inout LayerResult) throws {
    // Rows that were there before have no source, and nothing distinguishes them from others.
    guard try scope.ledger.rowsBefore(table: state.id) ?? 0 == 0 else { return }
    let all = try RecordComparison.invented(feeds, where: "true")
    guard all.count > 0 else { return }
    guard try scope.ledger.knowsTransactions(table: state.id) else {
      result.findings.append(
        unknown(
          all,
          "without a source row, written by unknown: " + FingerprintWords.forgotten,
          "find out who wrote them, or whether they were deleted from the source"))
      return
    }
    let own = "(\(scope.ledger.isOwn("t", table: state.id)))"
    let gone = try RecordComparison.invented(feeds, where: own)
    if gone.count > 0 {
      result.findings.append(
        unknown(
          gone, "written by this migration and deleted from the source since",
          "nothing, if this was intended; otherwise find out who deleted them"))
    }
    let strange = try RecordComparison.invented(feeds, where: "NOT \(own)")
    guard strange.count > 0 else { return }
    result.findings.append(
      unknown(
        strange, "without a source row, written or changed by others",
        "find out who wrote them; the migration did not, or wrote other values"))
  }

  private func unknown(
    _ found: (count: Int, examples: [String]), _ what: String, _ remedy: String
  ) -> ValidationFinding {
    ValidationFinding(
      .critical, .corruption, table: table.name,
      "\(CountText.of(found.count, "row")) of \(table.name) \(what)",
      count: found.count, examples: found.examples, remedy: remedy)
  }
}

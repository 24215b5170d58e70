import MigrationLedger
import Postgres

/// Cuts a feed into chunks, up front and for ever: the boundaries go into the ledger.
///
/// With a key, each boundary is the key of the row a number of rows behind the last one, found by the
/// server in its index. The first and the last range are open-ended, so that every row falls into
/// exactly one. Without a usable key, ranges of blocks are taken.
struct ChunkPlanner {
  let query: FeedQuery
  let connection: Connection
  let cutting: ChunkCutting

  func plan(while isWanted: () -> Bool) throws -> [PlannedChunk] {
    guard isWanted() else { throw SurveyAbandoned() }
    let measured = try FeedSize.measure(query, connection)
    let rows = measured.chunkRows(cutting.size)
    guard !query.key.isEmpty else { return try blocks(measured, rows: rows) }
    return try keys(rows: rows, bytesPerRow: measured.bytesPerRow, while: isWanted)
  }

  private func keys(
    rows: Int, bytesPerRow: Int, while isWanted: () -> Bool
  ) throws -> [PlannedChunk] {
    var chunks: [PlannedChunk] = []
    var last: [String]?
    var left = cutting.limit ?? .max
    while left > 0 {
      guard isWanted() else { throw SurveyAbandoned() }
      let wanted = min(rows, left)
      let end = try boundary(after: last, rows: wanted)
      // What is left is less than a chunk, and goes into the open end.
      guard let end else { break }
      chunks.append(chunk(last, end, rows: wanted, bytesPerRow))
      last = end
      left -= wanted
    }
    if left == 0 { return chunks }
    let rest =
      try connection.execute(query.count(after: last), hasPlanSQL: query.hasConditions).int(0, 0)
      ?? 0
    chunks.append(chunk(last, nil, rows: rest, bytesPerRow))
    return chunks
  }

  private func boundary(after last: [String]?, rows: Int) throws -> [String]? {
    let statement = query.boundary(after: last, rows: rows)
    // A key without a form in UTF-8 can't be named: all rows from there on go into the open end.
    guard
      let found = try connection.unlessUnreadable({
        try connection.execute(statement, hasPlanSQL: query.hasConditions)
      }),
      let row = found.rows.first
    else { return nil }
    let key = query.key.indices.map { row.text($0) ?? "" }
    // Of a key that is not UTF-8, or whose type writes several values alike, this is another value, behind which the
    // same rows may come again: all of them go into the open end.
    return key == last || key.contains { $0.unicodeScalars.contains("\u{FFFD}") } ? nil : key
  }

  private func chunk(
    _ lower: [String]?, _ upper: [String]?, rows: Int, _ bytesPerRow: Int
  ) -> PlannedChunk {
    PlannedChunk(
      .keys(
        lower: lower.map { KeyBound($0, isInclusive: false) },
        upper: upper.map { KeyBound($0, isInclusive: true) }),
      rowEstimate: rows, byteEstimate: rows * bytesPerRow)
  }

  private func blocks(_ measured: FeedSize, rows: Int) throws -> [PlannedChunk] {
    let last = try lastPlace()
    let blocks = last.map { $0.block + 1 } ?? measured.blocks
    let perBlock = max(1, measured.rows / max(1, measured.blocks))
    let step = max(1, rows / perBlock)
    let starts = Array(stride(from: 0, to: max(1, blocks), by: step))
    let perChunk = min(measured.rows, cutting.limit ?? .max) / starts.count
    return starts.enumerated().map { index, start in
      let range: ChunkRange =
        if index + 1 < starts.count {
          .blocks(from: start, to: starts[index + 1])
        } else if let last {
          .blocks(from: start, to: last.block, offset: last.offset + 1)
        } else {
          .blocks(from: start, to: nil)
        }
      return PlannedChunk(
        range, rowEstimate: perChunk, byteEstimate: perChunk * measured.bytesPerRow)
    }
  }

  /// Where the last row is that is read; nil if all are.
  private func lastPlace() throws -> (block: Int, offset: Int)? {
    guard let limit = cutting.limit, limit > 0 else { return nil }
    let found = try connection.execute(query.place(ofRow: limit), hasPlanSQL: query.hasConditions)
    return found.rows.first.map { ($0.number(0), $0.number(1)) }
  }
}

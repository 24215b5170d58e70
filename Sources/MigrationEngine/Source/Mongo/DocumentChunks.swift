import MigrationLedger
import Mongo

/// Cuts a collection into chunks, up front and for ever.
///
/// Each boundary is the `_id` a number of documents behind the last one, found by the server in its
/// index alone. The server compares, so that ids may be of any type, and of several in one
/// collection. The first and the last range are open-ended.
///
/// Documents of a time series or a view may share an `_id`. Those that do are in one chunk, however many rows that
/// makes: a boundary is always behind the one before it.
struct DocumentChunks {
  let feed: CollectionFeed
  let client: MongoClient
  let cutting: ChunkCutting

  private struct Boundary {
    let value: BSONValue
    let text: String
    var lower: KeyBound { KeyBound([text], isInclusive: true) }
    var upper: KeyBound { KeyBound([text], isInclusive: false) }
  }

  func plan(while isWanted: () -> Bool) throws -> [PlannedChunk] {
    let rows = FeedSize(
      rows: feed.documentCount, bytes: feed.documentCount * feed.documentBytes, blocks: 0
    ).chunkRows(cutting.size)
    var chunks: [PlannedChunk] = []
    var last: Boundary?
    // Without an index ids may repeat, and a first chunk that ends at the first id has no row.
    let first = feed.hasIndex ? nil : try id(from: nil, behind: nil, skip: 0)
    var left = cutting.limit ?? .max
    while left > 0 {
      guard isWanted() else { throw SurveyAbandoned() }
      let wanted = min(rows, left)
      guard let next = try boundary(after: last, first: first, rows: wanted) else { break }
      chunks.append(chunk(last, next, rows: wanted))
      last = next
      left -= wanted
    }
    if left == 0 { return chunks }
    let planned = chunks.reduce(0) { $0 + $1.rowEstimate }
    let rest = min(left, max(0, feed.documentCount - planned))
    chunks.append(chunk(last, nil, rows: rest))
    return chunks
  }

  private func chunk(_ lower: Boundary?, _ upper: Boundary?, rows: Int) -> PlannedChunk {
    PlannedChunk(
      .keys(lower: lower?.lower, upper: upper?.upper), rowEstimate: rows,
      byteEstimate: rows * feed.documentBytes)
  }

  /// Returns the `_id` of the first document behind so many from a boundary on; nil if there is none.
  ///
  /// - Parameter first: the lowest `_id`, if ids may repeat.
  private func boundary(after last: Boundary?, first: BSONValue?, rows: Int) throws -> Boundary? {
    // Behind the highest value that there is comes no other.
    if last?.value == .maxKey { return nil }
    var skip = rows
    while let value = try id(from: last?.value, behind: last?.value ?? first, skip: skip) {
      if let text = try? ExtendedJSON(.canonical).text(of: value) {
        return Boundary(value: value, text: text)
      }
      // An id that no text can hold is no boundary: the chunk takes one document more.
      skip += 1
    }
    return nil
  }

  private func id(
    from lower: BSONValue?, behind equal: BSONValue?, skip: Int
  ) throws -> BSONValue? {
    let cursor = try ids(DocumentBounds(lower: lower), behind: equal, skip: skip)
    guard try cursor.advance() else { return nil }
    return try cursor.withDocument { try $0.copy() }?["_id"]
  }

  private func ids(
    _ bounds: DocumentBounds, behind equal: BSONValue?, skip: Int
  ) throws -> MongoCursor {
    // A part of the rows ends where its last row is, so that only rows that count are counted.
    let filter = cutting.limit == nil ? [:] : feed.filter
    guard feed.hasIndex else {
      var options = FindOptions()
      options.allowDiskUse = true
      let higher: [BSONDocument] =
        equal.map { [["$match": ["$expr": ["$gt": ["$_id", ["$literal": $0]]]]]] } ?? []
      return try client.aggregate(
        feed.namespace,
        pipeline: feed.stages(bounds, filter: filter)
          + [["$project": ["_id": 1]], ["$skip": .int64(Int64(skip))]] + higher + [["$limit": 1]],
        options: options)
    }
    var options = feed.options(bounds, batchSize: 1)
    options.projection = ["_id": 1]
    options.skip = Int64(skip)
    options.limit = 1
    return try client.find(feed.namespace, filter: filter, options: options)
  }
}

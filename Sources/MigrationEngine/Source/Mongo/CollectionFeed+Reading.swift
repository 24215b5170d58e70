import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Mongo

extension CollectionFeed: BoundFeed {
  typealias Reader = MongoReader

  var title: String { "the collection \(namespace)" }
  var form: RowForm { .document }

  func key(of feed: Feed, _ program: RowProgram) -> RowKey {
    hasIndex ? .documentID : .document
  }

  func duplicates(
    in set: [String], of feeds: [FeedWork], target: PostgresTable
  ) -> DuplicateExtent {
    hasOnlyObjectIDs && DocumentUniqueness.isProved(set, feeds) ? .none : .all
  }

  func survey(
    _ cutting: ChunkCutting, through reader: MongoReader, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
    try SourceError.wrapping(namespace.description) {
      let state = try state(reader.client)?.state
      let chunks = DocumentChunks(feed: self, client: reader.client, cutting: cutting)
      return (state, try chunks.plan(while: isWanted))
    }
  }

  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: MongoReader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let client = reader.client
    try SourceError.wrapping(namespace.description) {
      let selection = try selection(part, client)
      let bounds = selection.bounds
      guard hasIndex, bounds.lower != nil, bounds.upper == nil else {
        return try lend(try cursor(selection, client), body)
      }
      var hasHighest = false
      if bounds.lower != .maxKey {
        try lend(try cursor(selection, client)) { document in
          hasHighest = RowKey.isHighestID(of: document)
          try body(document)
        }
      }
      if !hasHighest { try lend(try highest(selection.filter, client), body) }
    }
  }

  private func lend(
    _ cursor: MongoCursor, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    while let batch = try cursor.nextBatch() {
      try batch.forEach { try body($0.bytes) }
    }
  }

  /// Which documents of a collection are meant.
  private struct Selection {
    var bounds = DocumentBounds()
    var filter: BSONDocument
    var limit: Int64?
  }

  private func selection(_ part: FeedPart, _ client: MongoClient) throws -> Selection {
    var selection = Selection(filter: filter)
    switch part {
    case .chunk(let range): selection.bounds = try DocumentBounds(range)
    case .all: break
    case .first(let count): selection.limit = Int64(count)
    case .keys(let keys):
      selection.filter = DocumentFilter.ids(keys.compactMap(DocumentID.kept))
    case .typed(let texts):
      selection.filter = DocumentFilter.ids(texts.flatMap(DocumentID.typed))
    case .sample(let count):
      selection.filter = try DocumentSampling(feed: self, client: client, count: count).filter()
    case .matching(let condition):
      throw MigrationError(.failed, "a condition in SQL finds no documents", place: condition)
    }
    return selection
  }

  private func cursor(_ selection: Selection, _ client: MongoClient) throws -> MongoCursor {
    guard hasIndex else {
      var options = FindOptions(batchSize: batchSize)
      options.allowDiskUse = true
      let limit: [BSONDocument] = selection.limit.map { [["$limit": .int64($0)]] } ?? []
      return try client.aggregate(
        namespace,
        pipeline: stages(selection.bounds, filter: selection.filter) + limit,
        options: options)
    }
    var options = self.options(selection.bounds)
    options.limit = selection.limit
    return try client.find(namespace, filter: selection.filter, options: options)
  }

  /// Finds the document whose `_id` is the highest value that there is: in an index, a range that has a lower
  /// bound and no upper one goes up to it, and not over it. In a clustered collection it goes over it.
  /// A range that begins with that value is refused.
  private func highest(_ filter: BSONDocument, _ client: MongoClient) throws -> MongoCursor {
    try client.find(
      namespace, filter: ["$and": [["_id": .maxKey], .document(filter)]],
      options: options(DocumentBounds()))
  }
}

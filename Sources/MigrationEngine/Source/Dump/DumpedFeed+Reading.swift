import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Mongo

extension DumpedFeed: BoundFeed {
  typealias Reader = DumpReader

  var title: String { "the collection \(collection.name) of the dump \(dump.path)" }
  var form: RowForm { .document }
  var isSequential: Bool { !collection.allowsRanges }
  /// Rows come as they were dumped.
  var isInKeyOrder: Bool { hasRisingObjectIDs == true }
  var isFrozen: Bool { true }

  func key(of feed: Feed, _ program: RowProgram) -> RowKey { .document }

  func duplicates(
    in set: [String], of feeds: [FeedWork], target: PostgresTable
  ) -> DuplicateExtent {
    hasRisingObjectIDs == true && DocumentUniqueness.isProved(set, feeds) ? .none : .all
  }

  func survey(
    _ cutting: ChunkCutting, through reader: DumpReader, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
    try SourceError.wrapping(dump.path) {
      var state = try state()
      let chunks = try DumpChunks(feed: self, cutting: cutting).plan(while: isWanted)
      state?.contents = contents
      return (state?.state, chunks)
    }
  }

  func misfit(
    since before: SourceState, isLater: Bool, through reader: DumpReader
  ) throws -> String? {
    guard let before = DumpState(before) else { return nil }
    return try SourceError.wrapping(dump.path) { try replacement(since: before) }
  }

  func count(each path: [String]?, through reader: DumpReader) throws -> Int {
    try SourceError.wrapping(dump.path) {
      let counter = path.map(ElementCounter.init)
      var count = 0
      try forEach { _, document in count += counter?.count(document.bytes) ?? 1 }
      return count
    }
  }

  func documents(
    idsOnly: Bool, limit: Int?, through reader: DumpReader,
    _ body: (DocumentView) throws -> Void
  ) throws {
    try SourceError.wrapping(dump.path) {
      try forEach(while: { number in limit.map { number < $0 } ?? true }) { try body($1) }
    }
  }

  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: DumpReader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    try SourceError.wrapping(dump.path) {
      switch part {
      case .chunk(.bytes(let from, let to)):
        try reader.read(self, from: Int64(from), to: to.map { Int64($0) }, body)
      case .chunk(let range):
        throw LedgerError(
          .ledgerDamaged, "a chunk of a dump has no range of bytes", place: range.json().compact)
      case .all: try reader.read(self, from: 0, to: nil, body)
      case .first(let count): try forEach(while: { $0 < count }) { try body($1.bytes) }
      case .sample(let count): try sample(count, body)
      case .keys(let keys): try read(ids: keys.compactMap(DocumentID.kept), body)
      case .typed(let texts): try read(ids: texts.flatMap(DocumentID.typed), body)
      case .matching(let condition):
        throw MigrationError(.failed, "a condition in SQL finds no documents", place: condition)
      }
    }
  }
}

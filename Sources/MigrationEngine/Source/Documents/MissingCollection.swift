import MigrationLedger
import MigrationPlan
import MigrationRows
import Mongo

/// A collection that is not there, of which the plan says that it may be missing: it has no documents.
struct MissingCollection<Reader: RowReader>: BoundFeed {
  /// Why chunks do not fit that were cut when the source was in a state.
  var lost: @Sendable (SourceState) -> String? = { _ in nil }

  var title: String { "a collection that is missing" }
  var form: RowForm { .document }
  var isMissing: Bool { true }

  func key(of feed: Feed, _ program: RowProgram) -> RowKey { .documentID }

  func duplicates(
    in set: [String], of feeds: [FeedWork], target: PostgresTable
  ) -> DuplicateExtent {
    feeds.count == 1 && feeds[0].feed.each == nil ? .none : .all
  }

  func survey(
    _ cutting: ChunkCutting, through reader: Reader, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
    (nil, [PlannedChunk(.everything)])
  }

  func misfit(since before: SourceState, isLater: Bool, through reader: Reader) -> String? {
    lost(before)
  }

  func count(each: [String]?, through reader: Reader) -> Int { 0 }

  func documents(
    idsOnly: Bool, limit: Int?, through reader: Reader, _ body: (DocumentView) throws -> Void
  ) {}

  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: Reader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) {}
}

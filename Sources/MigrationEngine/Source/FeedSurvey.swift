import MigrationLedger
import MigrationPlan

/// What is known of a feed before its load.
package struct FeedSurvey: Sendable {
  package let source: FeedSource
  /// What it was like before its chunks were cut; nil for a source that can't change.
  package let state: SourceState?
  package let chunks: [PlannedChunk]

  /// Asks the source.
  ///
  /// - Throws: `SurveyAbandoned` once the result is not needed any more.
  init(
    _ source: FeedSource, _ reader: any RowReader, _ cutting: ChunkCutting,
    while isWanted: () -> Bool = { true }
  ) throws {
    self.source = source
    // Before the chunks are cut: a change meanwhile is one.
    var state = try reader.state(of: source)
    chunks = try reader.chunks(of: source, cutting, while: isWanted)
    if case .dump(let feed) = source, case .dump(var found)? = state {
      found.contents = feed.contents
      state = .dump(found)
    }
    self.state = state
  }
}

/// How a feed is cut into chunks.
package struct ChunkCutting: Sendable, Hashable {
  package let size: ChunkSize
  /// The most rows that are read at all; nil reads everything.
  package var limit: Int?
}

/// Nobody waits for the chunks any more.
struct SurveyAbandoned: Error {}

import MigrationLedger
import MigrationPlan

/// What is known of a feed before its load.
package struct FeedSurvey: Sendable {
  package let source: any BoundFeed
  /// What it was like before its chunks were cut; nil for a source that can't change.
  package let state: SourceState?
  package let chunks: [PlannedChunk]

  /// Asks the source.
  ///
  /// - Throws: `SurveyAbandoned` once the result is not needed any more.
  init(
    _ source: any BoundFeed, _ reader: any RowReader, _ cutting: ChunkCutting,
    while isWanted: () -> Bool = { true }
  ) throws {
    self.source = source
    (state, chunks) = try reader.survey(source, cutting, while: isWanted)
  }
}

/// How a feed is cut into chunks.
package struct ChunkCutting: Sendable, Hashable {
  package let size: ChunkSize
  /// The most rows that are read at all; nil reads everything.
  package var limit: Int?
}

/// Nobody waits for the chunks any more.
package struct SurveyAbandoned: Error {
  package init() {}
}

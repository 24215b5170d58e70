/// What a source tells of a feed that is to be loaded.
struct FeedSurvey: Sendable {
  let source: FeedSource
  /// What it was like before its chunks were cut; nil for a source that can't change.
  let state: SourceState?
  let chunks: [PlannedChunk]

  /// Asks the source.
  ///
  /// - Throws: `SurveyAbandoned` once nobody wants to know any more.
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
struct ChunkCutting: Sendable, Hashable {
  let size: ChunkSize
  /// The most rows that are read at all; nil reads everything.
  var limit: Int?
}

/// Nobody waits for the chunks any more.
struct SurveyAbandoned: Error {}

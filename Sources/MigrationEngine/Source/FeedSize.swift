import MigrationPlan

/// How much a source table holds, so that chunks can be cut to measure.
package struct FeedSize: Sendable, Hashable {
  /// The planner's estimate, or a count if there is none.
  let rows: Int
  /// The table's bytes on disk, with values stored next to it.
  let bytes: Int
  let blocks: Int

  var bytesPerRow: Int { max(1, bytes / max(1, rows)) }

  /// How many rows make a chunk.
  ///
  /// A commit each few MiB costs nothing measurable, and a feed that is no larger than a few chunks
  /// would leave one lane waiting for the other. However many rows are asked for, a chunk stays
  /// small enough to be held in memory when its bad rows are searched.
  func chunkRows(_ size: ChunkSize) -> Int {
    let most = max(1, Self.largestChunk / bytesPerRow)
    return switch size {
    case .rows(let rows): min(max(1, rows), most)
    case .automatic: min(max(1000, min(usualChunk / bytesPerRow, 100_000)), most)
    }
  }

  /// The bytes of a chunk if nothing else is asked for.
  private var usualChunk: Int {
    min(max(bytes / Self.usualCount, Self.smallestUsualChunk), Self.largestUsualChunk)
  }

  /// How many chunks a feed has at least, unless it is small.
  private static let usualCount = 16
  private static let smallestUsualChunk = 2 << 20
  private static let largestUsualChunk = 16 << 20
  private static let largestChunk = 64 << 20
}

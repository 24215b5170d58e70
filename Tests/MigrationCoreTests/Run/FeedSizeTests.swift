import Testing

@testable import MigrationEngine
@testable import MigrationPlan

/// How many rows make a chunk.
@Suite struct FeedSizeTests {
  private func rows(_ rows: Int, bytes: Int, _ size: ChunkSize = .automatic) -> Int {
    FeedSize(rows: rows, bytes: bytes, blocks: 0).chunkRows(size)
  }

  /// Two lanes have something to share in all but the smallest tables.
  @Test(arguments: [
    (rows: 10_000_000, bytesPerRow: 600, chunk: 27_962), (1_000_000, 600, 27_962),
    (400_000, 600, 25_000),
    (100_000, 600, 6_250), (10_000, 600, 3_495), (1_000_000, 50, 62_500),
    (100_000_000, 50, 100_000),
    (5_000, 100_000, 671), (5_000, 10, 100_000),
  ]) func aFeedHasAtLeastSixteenChunksUnlessTheyWouldBeSmall(
    rows: Int, bytesPerRow: Int, chunk: Int
  ) {
    #expect(self.rows(rows, bytes: rows * bytesPerRow) == chunk)
  }

  @Test func aChunkFitsIntoMemoryWhateverIsAskedFor() {
    #expect(rows(1000, bytes: 1000 << 20, .rows(500)) == 64)
    #expect(rows(1000, bytes: 1000, .rows(500)) == 500)
    #expect(rows(1000, bytes: 1000, .rows(0)) == 1)
    #expect(rows(10, bytes: 1000 << 20) == 1)
  }
}

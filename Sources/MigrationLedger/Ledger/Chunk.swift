/// A range of a feed: the unit of commit, retry, parallelism and rollback.
package struct Chunk: Sendable, Hashable {
  package enum Status: String, Sendable { case pending, done }

  /// The ledger's number of the table.
  package let table: TableID
  /// Dense in the table, from zero; orders its chunks by feed, then by ordinal.
  package let number: Int
  package let feed: Int
  /// Dense in the feed, from zero.
  package let ordinal: Int
  package let range: ChunkRange
  package let rowEstimate: Int
  package let byteEstimate: Int
  /// How often it was tried and rolled back.
  package let failures: Int

  package init(
    table: TableID, number: Int, feed: Int, ordinal: Int, range: ChunkRange, rowEstimate: Int,
    byteEstimate: Int, failures: Int
  ) {
    (self.table, self.number, self.feed, self.ordinal) = (table, number, feed, ordinal)
    (self.range, self.rowEstimate, self.byteEstimate) = (range, rowEstimate, byteEstimate)
    self.failures = failures
  }

  /// "MC": marks the advisory locks that show which lane works on which chunk.
  package static let mark = 0x4D43
}

/// The row counts of a chunk, and its cost.
package struct ChunkCounts: Sendable, Hashable {
  package var read = 0
  package var loaded = 0
  /// Rows that are in the target as part of another row.
  package var merged = 0
  /// Rows that the plan omits on purpose.
  package var filtered = 0
  package var quarantined = 0
  /// Warnings, of which one row may have several; they are no part of the balance.
  package var warned = 0
  package var bytes = 0
  package var phases = PhaseTimes()

  package init() {}

  /// Whether every row that was read ended somewhere.
  package var closes: Bool { read == loaded + merged + filtered + quarantined }
}

/// Where the time of a chunk went, in microseconds.
package struct PhaseTimes: Sendable, Hashable {
  package var sourceWait = 0
  /// What the lane's thread computed: decoding, rules, encoding, and what the connections' libraries do.
  package var transform = 0
  package var targetWait = 0
  /// The commit that came before the chunk: its own can't be in itself.
  package var commit = 0
  // Parts of `transform`, as far as samples show.
  package var decode = 0
  package var rules = 0
  package var encode = 0

  package init() {}
}

/// A chunk with its outcome.
package struct ChunkRecord: Sendable, Hashable {
  package let chunk: Chunk
  package let status: Chunk.Status
  package let counts: ChunkCounts
  package let run: RunID?
  package let lane: Int?
  /// The transaction that committed it, with its epoch; its lower 32 bits are the rows' `xmin`.
  package let xid: Int?
  /// Sixteen bytes that represent what was sent.
  package let fingerprint: [UInt8]?
  package let lastFailure: String?
  package let finished: Moment?
}

/// What a lane gets when it asks for work.
package enum Claim: Sendable, Hashable {
  /// The chunk is this transaction's until it ends.
  case chunk(Chunk)
  /// What is left is in other lanes' hands, or waits after a failure for at most so long.
  case wait(pending: Int, retryIn: Duration?)
  /// Nothing is left to do.
  case finished
}

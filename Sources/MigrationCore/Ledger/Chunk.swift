/// A range of a feed: the unit of commit, retry, parallelism and rollback.
public struct Chunk: Sendable, Hashable {
  public enum Status: String, Sendable { case pending, done }

  /// The ledger's number of the table.
  public let table: Int
  /// Dense in the table, from zero; orders its chunks by feed, then by ordinal.
  public let number: Int
  public let feed: Int
  /// Dense in the feed, from zero.
  public let ordinal: Int
  public let range: ChunkRange
  public let rowEstimate: Int
  public let byteEstimate: Int
  /// How often it was tried and rolled back.
  public let failures: Int

  /// "MC": marks the advisory locks that show which lane has which chunk in hand.
  static let mark = 0x4D43
}

/// What became of the rows of a chunk, and what it took.
public struct ChunkCounts: Sendable, Hashable {
  public var read = 0
  public var loaded = 0
  /// Rows that are in the target as part of another row.
  public var merged = 0
  /// Rows that the plan leaves out on purpose.
  public var filtered = 0
  public var quarantined = 0
  /// Warnings, of which one row may have several; they are no part of the balance.
  public var warned = 0
  public var bytes = 0
  public var phases = PhaseTimes()

  public init() {}

  /// Whether every row that was read ended somewhere.
  public var closes: Bool { read == loaded + merged + filtered + quarantined }
}

/// Where the time of a chunk went, in microseconds.
public struct PhaseTimes: Sendable, Hashable {
  public var sourceWait = 0
  /// What the lane's thread computed: decoding, rules, encoding, and what the connections' libraries do.
  public var transform = 0
  public var targetWait = 0
  /// The commit that came before the chunk: its own can't be in itself.
  public var commit = 0
  // Parts of `transform`, as far as samples tell.
  public var decode = 0
  public var rules = 0
  public var encode = 0

  public init() {}
}

/// A chunk with its outcome.
public struct ChunkRecord: Sendable, Hashable {
  public let chunk: Chunk
  public let status: Chunk.Status
  public let counts: ChunkCounts
  public let run: Int?
  public let lane: Int?
  /// The transaction that committed it, with its epoch; its lower 32 bits are the rows' `xmin`.
  public let xid: Int?
  /// Sixteen bytes that stand for what was sent.
  public let fingerprint: [UInt8]?
  public let lastFailure: String?
  public let finished: Moment?
}

/// What a lane gets when it asks for work.
public enum Claim: Sendable, Hashable {
  /// The chunk is this transaction's until it ends.
  case chunk(Chunk)
  /// What is left is in other lanes' hands, or waits after a failure for at most so long.
  case wait(pending: Int, retryIn: Duration?)
  /// Nothing is left to do.
  case finished
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import Mongo
import Postgres

/// Where rows are read from, shared by all lanes.
package protocol RowSource: Sendable {
  /// Whether all that was read so far was there at one moment.
  var isOneMoment: Bool { get }

  /// Whether all that runs ever read of it is the same: a file, and no database.
  var isFrozen: Bool { get }

  /// Takes note that the source changed while it was read.
  func noteChange()

  /// Opens a way to read, for one thread.
  ///
  /// - Parameter timeout: how long one operation may take; nil is for ever.
  func open(timeout: Duration?) throws -> any RowReader

  /// Gives back what the source keeps for its readers.
  func release()

  /// Closes connections that no reader has needed for so long, but those that hold a snapshot.
  func close(idleFor time: Duration)

  /// Whether the server answers within a time, on a connection that is there anyway.
  ///
  /// - Returns: nil if there is no server, or no connection yet.
  func answers(within time: Duration) throws -> Bool?
}

extension RowSource {
  package var isFrozen: Bool { false }
  package func close(idleFor time: Duration) {}
  package func answers(within time: Duration) throws -> Bool? { nil }
}

/// A way to read from a source, for one thread at a time.
///
/// Its calls are for chunks and feeds, never for single rows. Failures are `PostgresError`s or
/// `SourceError`s, which say whether another try may help.
package protocol RowReader: AnyObject {
  /// Whether it can still be used after a failure.
  var isUsable: Bool { get }

  /// The connections whose statements can be cancelled from another thread.
  var cancellable: [Connection] { get }

  /// Lists what a plan may read.
  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog

  /// Lists the collections; none if there are tables.
  func collections() throws -> [String]

  /// Lists the views of MongoDB, each with the stages of its pipeline.
  func views() throws -> [String: [String]]

  /// Finds out what a feed reads.
  ///
  /// - Parameter condition: a further condition on the rows, in the source's own language.
  func find(_ feed: Feed, schema: String, condition: String?) throws -> FeedSource

  /// What a feed's source is like now; nil for a source that can't change under its readers.
  func state(of source: FeedSource) throws -> SourceState?

  /// Reports how a feed's source has changed since a state; nil if it is not known to have.
  func change(of source: FeedSource, since before: SourceState) throws -> String?

  /// Reports why chunks that were cut when a source was in a state do not fit what is there now; nil if they do.
  ///
  /// - Parameter isLater: whether rows are to be read in a later snapshot than those before.
  func misfit(of source: FeedSource, since before: SourceState, isLater: Bool) throws -> String?

  /// Reports why the rows of chunks that are done can't be those that were read of a source; nil if they are.
  func misfit(of source: FeedSource, since before: SourceState, done: [ChunkRecord]) throws
    -> String?

  /// Counts the rows that a feed has now.
  func count(_ source: FeedSource, each: [String]?) throws -> Int

  /// Lends documents as they are stored; a source of tables has none.
  ///
  /// - Parameter idsOnly: whether nothing but `_id` is needed of them.
  func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void) throws

  /// Cuts a feed into chunks, in the order of its key.
  ///
  /// - Throws: `SurveyAbandoned` once the chunks are not wanted any more.
  func chunks(
    of source: FeedSource, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> [PlannedChunk]

  /// Lends the rows of a part of a feed, in the order of its key.
  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void) throws
}

extension RowReader {
  package func views() throws -> [String: [String]] { [:] }
}

/// What a feed reads.
package enum FeedSource: Sendable {
  case table(PostgresTable, FeedQuery)
  case collection(CollectionFeed)
  case dump(DumpedFeed)
  /// A collection that is not there, of which the plan says that it may be missing.
  case nothing

  /// The table, if rows have columns that are known beforehand.
  package var table: PostgresTable? {
    if case .table(let table, _) = self { table } else { nil }
  }

  /// Whether chunks can only be come to by reading all before them: one lane is as good as two.
  var isSequential: Bool {
    if case .dump(let feed) = self { !feed.collection.allowsRanges } else { false }
  }

  /// Whether rows come in the order of their key; those of a dump come as they were dumped.
  var isInKeyOrder: Bool {
    if case .dump(let feed) = self { feed.hasRisingObjectIDs == true } else { true }
  }
}

/// Which rows of a feed are to be read.
package enum FeedPart {
  case chunk(ChunkRange)
  case all
  /// The first N.
  case first(Int)
  /// Those that meet a condition in SQL.
  case matching(String)
  /// Those with keys as the quarantine keeps them.
  case keys([JSONValue])
  /// Those whose key was typed by a user, a text for each of its columns.
  case typed([String])
  /// So many, spread over the keys, and always the first, the last and the widest.
  case sample(Int)
}

/// Where the source of a migration is.
public enum SourcePlace: Sendable {
  case postgres(ConnectionString)
  /// A MongoDB database or a dump of one, and the setting that names it.
  case mongo(DatabaseURL, setting: String)

  /// Whether it is a file of documents, which no server answers for.
  public var isDump: Bool {
    if case .mongo(let url, _) = self { url.kind == .dump } else { false }
  }

  /// Returns the names of the collections; none if there are tables.
  public func collections() throws -> [String] {
    guard case .mongo = self else { return [] }
    return try source().open(timeout: nil).collections()
  }

  /// Returns the views of MongoDB, each with the stages of its pipeline.
  public func views() throws -> [String: [String]] {
    guard case .mongo = self else { return [:] }
    return try source().open(timeout: nil).views()
  }

  /// - Parameters:
  ///   - locks: what must stay as it is while it is read; only tables can be locked.
  ///   - inLanes: whether several sessions read chunks at once.
  package func source(
    connectTimeout: Duration? = nil, reading: ReadingLimits = ReadingLimits(),
    locks: SourceTableLocks = .none, inLanes: Bool = false
  ) throws -> any RowSource {
    let source = try source(connectTimeout, locks, inLanes)
    return reading == ReadingLimits() ? source : PacedSource(source, reading)
  }

  private func source(
    _ connectTimeout: Duration?, _ locks: SourceTableLocks, _ inLanes: Bool
  ) throws -> any RowSource {
    switch self {
    case .postgres(let place):
      var options = ConnectionOptions()
      options.connectTimeout = connectTimeout
      options.idleInTransactionTimeout = .zero
      return PostgresSource(place, options: options, locks: locks, inLanes: inLanes)
    case .mongo(let url, let setting) where url.kind == .dump:
      return try DumpFiles(url, setting: setting)
    case .mongo(let url, let setting):
      return try MongoSource(url, setting: setting, connectTimeout: connectTimeout)
    }
  }
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Mongo

/// A feed of a plan, bound to what its source has for it.
///
/// It is found once, by `RowReader.find`, and shared by all lanes. Each lane reads it through a reader of its own:
/// the methods below get one that the same kind of source has opened, and are called through `RowReader`, which
/// makes sure of that. What can't be read is an error, never a part without rows: the chunk would be done with 0.
package protocol BoundFeed: Sendable {
  associatedtype Reader: RowReader

  /// What is read, for messages, such as `the table items`.
  var title: String { get }
  /// The form of its rows.
  var form: RowForm { get }
  /// Whether the plan's source is not there, and may be missing.
  var isMissing: Bool { get }
  /// Whether chunks can only be come to by reading all before them: one lane is as good as two.
  var isSequential: Bool { get }
  /// Whether rows come in the order of their key.
  var isInKeyOrder: Bool { get }
  /// Whether all reads give the same rows unless the source is replaced: a file, and no database.
  var isFrozen: Bool { get }

  /// What its rows are distinguished by.
  func key(of feed: Feed, _ program: RowProgram) -> RowKey

  /// Reports which rows of some feeds may have the same values in a unique set of the target.
  ///
  /// All feeds read from one source, this one first.
  func duplicates(
    in set: [String], of feeds: [FeedWork], target: PostgresTable
  ) -> DuplicateExtent

  /// Cuts the feed into chunks, in the order of its key, and reports what it was like before: a change meanwhile
  /// is one. The state is nil for a source that can't change under its readers.
  ///
  /// - Throws: `SurveyAbandoned` once the chunks are not wanted any more.
  func survey(
    _ cutting: ChunkCutting, through reader: Reader, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk])

  /// Reports how the source has changed since a state; nil if it is not known to have.
  func change(since before: SourceState, through reader: Reader) throws -> String?

  /// Reports why chunks that were cut when the source was in a state do not fit what is there now; nil if they do.
  ///
  /// - Parameter isLater: whether rows are to be read in a later snapshot than those before.
  func misfit(since before: SourceState, isLater: Bool, through reader: Reader) throws -> String?

  /// Reports why the rows of chunks that are done can't be those that were read of the source; nil if they are.
  ///
  /// - Parameter done: asks the ledger for these chunks.
  func misfit(
    since before: SourceState, done: () throws -> [ChunkRecord], through reader: Reader
  ) throws -> String?

  /// The snapshot that is read in, for later runs to see what came after it; nil if they need none.
  func snapshot(through reader: Reader) throws -> String?

  /// Counts the rows that there are now.
  ///
  /// - Parameter each: the path to the array whose elements are counted; nil counts documents or rows.
  func count(each: [String]?, through reader: Reader) throws -> Int

  /// Lends documents as they are stored; a source of tables has none.
  ///
  /// - Parameter idsOnly: whether nothing but `_id` is needed of them.
  func documents(
    idsOnly: Bool, limit: Int?, through reader: Reader, _ body: (DocumentView) throws -> Void
  ) throws

  /// Lends the rows of a part, in the order of the key.
  func read(
    _ part: FeedPart, of feed: FeedWork, through reader: Reader,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws
}

/// What most sources have in common.
extension BoundFeed {
  package var isMissing: Bool { false }
  package var isSequential: Bool { false }
  package var isInKeyOrder: Bool { true }
  package var isFrozen: Bool { false }

  /// Whether the columns of its rows are known beforehand.
  package var table: PostgresTable? {
    if case .columns(let table) = form { table } else { nil }
  }

  package func duplicates(
    in set: [String], of feeds: [FeedWork], target: PostgresTable
  ) -> DuplicateExtent { .all }

  package func change(since before: SourceState, through reader: Reader) throws -> String? { nil }

  /// The keys of chunks stay what they are.
  package func misfit(
    since before: SourceState, isLater: Bool, through reader: Reader
  ) throws -> String? { nil }

  /// Where rows have keys, a row that comes later into the range of a chunk is a new one.
  package func misfit(
    since before: SourceState, done: () throws -> [ChunkRecord], through reader: Reader
  ) throws -> String? { nil }

  package func snapshot(through reader: Reader) throws -> String? { nil }

  package func documents(
    idsOnly: Bool, limit: Int?, through reader: Reader, _ body: (DocumentView) throws -> Void
  ) throws {
    throw MigrationError(.failed, "rows of a table are no documents", place: title)
  }

  /// Returns a reader as that of this kind of source.
  fileprivate func own(_ reader: any RowReader) throws -> Reader {
    if let own = reader.base as? Reader { return own }
    throw MigrationError(
      .failed, "the reader of another source was given \(title)",
      remedy: "this is a fault of the program: no row was read, and no chunk is done")
  }
}

/// The form of a source's rows.
package enum RowForm: Sendable {
  /// The body of a binary COPY row, with these columns.
  case columns(PostgresTable)
  /// BSON as a server stores it.
  case document

  /// The names of the key's columns.
  package func keyNames(_ feed: Feed) -> [String] {
    if case .document = self { ["_id"] } else { feed.key }
  }
}

/// Which rows of a feed are to be read.
package enum FeedPart {
  case chunk(ChunkRange)
  case all
  /// The first N.
  case first(Int)
  /// Those that meet a condition that the feed itself has given.
  case matching(String)
  /// Those with keys as the quarantine keeps them.
  case keys([JSONValue])
  /// Those whose key was typed by a user, a text for each of its columns.
  case typed([String])
  /// So many, spread over the keys, and always the first, the last and the widest.
  case sample(Int)
}

/// Which source rows could be duplicates, so that only they have to be checked.
package enum DuplicateExtent: Equatable {
  /// No two rows can have the same values.
  case none
  /// Only rows that meet a condition, in the source's own language; by feed.
  case some([String], mayBeAll: Bool)
  /// Every row has to be checked.
  case all
}

// What is asked of a reader goes to the feed, once it is sure that both are of one source.
extension RowReader {
  /// Cuts a feed into chunks; see `BoundFeed.survey`.
  func survey(
    _ source: any BoundFeed, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
    func survey<Bound: BoundFeed>(
      _ bound: Bound
    ) throws -> (state: SourceState?, chunks: [PlannedChunk]) {
      try bound.survey(cutting, through: bound.own(self), while: isWanted)
    }
    return try survey(source)
  }

  package func change(
    of source: any BoundFeed, since before: SourceState
  ) throws -> String? {
    func change<Bound: BoundFeed>(_ bound: Bound) throws -> String? {
      try bound.change(since: before, through: bound.own(self))
    }
    return try change(source)
  }

  package func misfit(
    of source: any BoundFeed, since before: SourceState, isLater: Bool
  ) throws -> String? {
    func misfit<Bound: BoundFeed>(_ bound: Bound) throws -> String? {
      try bound.misfit(since: before, isLater: isLater, through: bound.own(self))
    }
    return try misfit(source)
  }

  func misfit(
    of source: any BoundFeed, since before: SourceState, done: () throws -> [ChunkRecord]
  ) throws -> String? {
    func misfit<Bound: BoundFeed>(_ bound: Bound, _ done: () throws -> [ChunkRecord]) throws
      -> String?
    {
      try bound.misfit(since: before, done: done, through: bound.own(self))
    }
    return try misfit(source, done)
  }

  func snapshot(of source: any BoundFeed) throws -> String? {
    func snapshot<Bound: BoundFeed>(_ bound: Bound) throws -> String? {
      try bound.snapshot(through: bound.own(self))
    }
    return try snapshot(source)
  }

  package func count(_ source: any BoundFeed, each: [String]?) throws -> Int {
    func count<Bound: BoundFeed>(_ bound: Bound) throws -> Int {
      try bound.count(each: each, through: bound.own(self))
    }
    return try count(source)
  }

  package func documents(
    of source: any BoundFeed, idsOnly: Bool, limit: Int?,
    _ body: (DocumentView) throws -> Void
  ) throws {
    func documents<Bound: BoundFeed>(
      _ bound: Bound, _ body: (DocumentView) throws -> Void
    ) throws {
      try bound.documents(idsOnly: idsOnly, limit: limit, through: bound.own(self), body)
    }
    guard var throttle else { return try documents(source, body) }
    try documents(source) { document in
      try body(document)
      throttle.tookRow()
    }
  }

  /// Lends the rows of a part of a feed, in the order of its key.
  package func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    func read<Bound: BoundFeed>(
      _ bound: Bound, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
      try bound.read(part, of: feed, through: bound.own(self), body)
    }
    guard var throttle else { return try read(feed.source, body) }
    try read(feed.source) { row in
      try body(row)
      throttle.tookRow()
    }
  }
}

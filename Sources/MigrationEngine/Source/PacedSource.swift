import MigrationBasics
import MigrationLedger
import MigrationPlan
import Mongo
import Postgres

/// How gently a source is read that others are working with.
package struct ReadingLimits: Sendable, Hashable {
  /// How long one statement may take; nil is for ever.
  package var statementTimeout: Duration?
  /// The most rows a second; nil reads as fast as it goes.
  package var rowsPerSecond: Int?

  package init(statementTimeout: Duration? = nil, rowsPerSecond: Int? = nil) {
    (self.statementTimeout, self.rowsPerSecond) = (statementTimeout, rowsPerSecond)
  }
}

extension Settings {
  /// How gently a source is read by what the settings say of statements, and a rate.
  package func readingLimits(rate: Int? = nil) -> ReadingLimits {
    let timeout = value(.statementTimeout)
    return ReadingLimits(
      statementTimeout: timeout == .zero ? nil : timeout, rowsPerSecond: rate)
  }
}

/// A source that is read no faster than is asked for, and whose statements take no longer.
final class PacedSource: RowSource {
  private let source: any RowSource
  private let limits: ReadingLimits

  init(_ source: any RowSource, _ limits: ReadingLimits) {
    (self.source, self.limits) = (source, limits)
  }

  var isOneMoment: Bool { source.isOneMoment }
  var isFrozen: Bool { source.isFrozen }
  func noteChange() { source.noteChange() }
  func release() { source.release() }
  func close(idleFor time: Duration) { source.close(idleFor: time) }
  func answers(within time: Duration) throws -> Bool? { try source.answers(within: time) }

  func open(timeout: Duration?) throws -> any RowReader {
    let timeout = [timeout, limits.statementTimeout].compactMap { $0 }.min()
    return PacedReader(try source.open(timeout: timeout), rate: limits.rowsPerSecond)
  }
}

/// Rests between rows, so that no more of them are read in a second than is allowed.
private final class PacedReader: RowReader {
  private let reader: any RowReader
  private let rate: Int?

  init(_ reader: any RowReader, rate: Int?) { (self.reader, self.rate) = (reader, rate) }

  var isUsable: Bool { reader.isUsable }
  var cancellable: [Connection] { reader.cancellable }

  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    try reader.catalog(of: plan, condition: condition)
  }

  func collections() throws -> [String] { try reader.collections() }
  func views() throws -> [String: [String]] { try reader.views() }

  func find(_ feed: Feed, schema: String, condition: String?) throws -> FeedSource {
    try reader.find(feed, schema: schema, condition: condition)
  }

  func state(of source: FeedSource) throws -> SourceState? { try reader.state(of: source) }

  func change(of source: FeedSource, since before: SourceState) throws -> String? {
    try reader.change(of: source, since: before)
  }

  func misfit(of source: FeedSource, since before: SourceState, isLater: Bool) throws -> String? {
    try reader.misfit(of: source, since: before, isLater: isLater)
  }

  func misfit(
    of source: FeedSource, since before: SourceState, done: [ChunkRecord]
  ) throws -> String? {
    try reader.misfit(of: source, since: before, done: done)
  }

  func count(_ source: FeedSource, each: [String]?) throws -> Int {
    try reader.count(source, each: each)
  }

  func documents(
    of source: FeedSource, idsOnly: Bool, limit: Int?, _ body: (DocumentView) throws -> Void
  ) throws {
    var throttle = Throttle(rate)
    try reader.documents(of: source, idsOnly: idsOnly, limit: limit) { document in
      try body(document)
      throttle.tookRow()
    }
  }

  func chunks(
    of source: FeedSource, _ cutting: ChunkCutting, while isWanted: () -> Bool
  ) throws -> [PlannedChunk] {
    try reader.chunks(of: source, cutting, while: isWanted)
  }

  func read(
    _ feed: FeedWork, _ part: FeedPart, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var throttle = Throttle(rate)
    try reader.read(feed, part) { row in
      try body(row)
      throttle.tookRow()
    }
  }
}

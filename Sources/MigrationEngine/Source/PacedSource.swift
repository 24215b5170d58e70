import MigrationBasics
import MigrationPlan

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
  let base: any RowReader
  private let rate: Int?

  init(_ base: any RowReader, rate: Int?) { (self.base, self.rate) = (base, rate) }

  var isUsable: Bool { base.isUsable }
  var cancels: [any Cancelling] { base.cancels }
  var throttle: Throttle? { rate.map { Throttle($0) } }

  func catalog(of plan: Plan, condition: String?) throws -> SourceCatalog {
    try base.catalog(of: plan, condition: condition)
  }

  func collections() throws -> [String] { try base.collections() }
  func views() throws -> [String: [String]] { try base.views() }

  func find(_ feed: Feed, schema: String, condition: String?) throws -> any BoundFeed {
    try base.find(feed, schema: schema, condition: condition)
  }
}

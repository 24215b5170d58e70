/// The row counts of a table, counted from committed chunks and never from what was read.
public struct RowCounts: Sendable, Hashable {
  public let table: String
  public let read: Int
  /// Rows that the run read of which was asked; zero if none was.
  public let readByRun: Int
  public let loaded: Int
  public let merged: Int
  public let filtered: Int
  /// Rows that chunks quarantined, whether retried since or not.
  public let quarantined: Int
  public let warned: Int
  public let chunks: Int
  public let chunksDone: Int
  /// Rows that are in the quarantine, by status.
  public let open: Int
  public let retried: Int
  public let settled: Int
  /// Merged rows that were counted apart from the chunks: by their keys, or, in a table whose equal
  /// rows become one, when all of them were there.
  public let mergedKeys: Int
  /// Of a merged table, rows that only one of its feeds knows; they are loaded.
  public let asymmetric: Int
  /// Warnings that are in the ledger with their column and reason.
  public let warningsKept: Int

  /// Rows that are in the target now, with those that a retry loaded there.
  public var inTarget: Int { loaded + retried }

  /// Whether the table has no chunk left to do.
  public var isComplete: Bool { chunksDone == chunks }

  /// Whether every row is accounted for, by number and by key.
  public var closes: Bool { faults.isEmpty }

  /// What does not add up; empty for row counts that add up.
  public var faults: [BalanceFault] {
    let placed = loaded + merged + filtered + quarantined
    let checks = [
      BalanceFault(kind: .rows, expected: read, found: placed),
      BalanceFault(kind: .quarantine, expected: quarantined, found: open + retried + settled),
      BalanceFault(kind: .merged, expected: merged, found: mergedKeys),
      BalanceFault(kind: .warnings, expected: warned, found: warningsKept),
    ]
    return checks.filter { $0.expected != $0.found }
  }
}

/// Two numbers of row counts that should be equal.
public struct BalanceFault: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// Rows read, and rows loaded, merged, filtered or quarantined.
    case rows
    /// Rows that chunks quarantined, and rows that are in the quarantine.
    case quarantine
    /// Rows that chunks merged, and keys that are in the ledger.
    case merged
    /// Warnings that chunks counted, and those that are in the ledger.
    case warnings
  }
  public let kind: Kind
  public let expected: Int
  public let found: Int
}

/// How far a table is, from its committed chunks.
package struct TableProgress: Sendable, Hashable {
  package let table: TableState
  package let chunks: Int
  package let chunksDone: Int
  /// Rows and bytes by the estimate of the planning, of all chunks and of those that are done.
  package let rowEstimate: Int
  package let rowEstimateDone: Int
  package let byteEstimate: Int
  package let counts: ChunkCounts
  package let lastCommit: Moment?
  /// The upper key of the last chunk before which all are done; empty while there is none.
  package let lastKey: [String]
}

extension TableProgress {
  /// The progress of a table of which nothing but the chunks is known.
  package init(of table: TableState, planned chunks: [PlannedChunk]) {
    self.init(
      table: table, chunks: chunks.count, chunksDone: 0,
      rowEstimate: chunks.reduce(0) { $0 + $1.rowEstimate }, rowEstimateDone: 0,
      byteEstimate: chunks.reduce(0) { $0 + $1.byteEstimate }, counts: ChunkCounts(),
      lastCommit: nil, lastKey: [])
  }
}

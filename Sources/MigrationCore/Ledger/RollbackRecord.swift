/// A rollback as the ledger keeps it.
public struct RollbackRecord: Sendable, Hashable {
  public enum Status: String, Sendable, CaseIterable {
    /// Under way, or killed: then the next one goes on with it.
    case running
    case done
    /// Ended before its end by something that it must not do; what is left is as it was.
    case stopped
  }

  public let id: Int
  public let session: Int
  /// What was asked for, in the words of the command line.
  public let scope: String
  /// Whether rows go that somebody changed after the migration.
  public let force: Bool
  public let status: Status
  public let begunBy: String
  public let begun: Moment
  public let ended: Moment?
  public let note: String?
  /// In the order in which they are emptied.
  public let tables: [RolledBackTable]
}

/// What a rollback did to a table.
public struct RolledBackTable: Sendable, Hashable {
  public enum Status: String, Sendable, CaseIterable {
    case pending
    /// Its rows are gone; its sequences are still to be set back.
    case emptied
    case done
  }

  /// The ledger's number of the table.
  public let id: Int
  public let name: String
  public let status: Status
  /// `TRUNCATE` or `DELETE`; nil where there was nothing to take out.
  public let method: String?
  /// The rows that were there before the migration; nil where that was not noted.
  public let rowsBefore: Int?
  public let gone: Int
  /// Rows of the migration that somebody changed, and that were kept for it.
  public let kept: Int
  /// Rows that others wrote since the migration began.
  public let others: Int
  /// All rows that were left.
  public let left: Int
  /// Keys of rows that were kept, up to a thousand.
  public let keptKeys: [String]
  /// What became of each sequence.
  public let sequences: [ReturnedSequence]
  /// The snapshot after which its chunks went; nil where all of it went.
  let since: String?
  /// Rows that the ledger had as loaded and that were not found.
  public let missing: Int
  /// What all rows that were left add up to; nil for a rollback of an older program.
  let leftRows: LeftRows?
  /// The transaction that took the rows out.
  let emptiedBy: Int?
  /// Whether the ids of the transactions whose rows went still mean something.
  let knowsTransactions: Bool

  /// Whether what was done before a checkpoint stayed.
  public var isPart: Bool { since != nil }
}

/// What a rollback did to a sequence.
public struct ReturnedSequence: Sendable, Hashable {
  public enum Outcome: String, Sendable, CaseIterable {
    case setBack = "set back"
    /// Nobody had moved it.
    case untouched
    /// Others have used it since, or would get a value that is taken.
    case left
  }
  public let name: String
  public let outcome: Outcome
}

extension RollbackRecord {
  public var json: JSONValue {
    [
      "rollback": .int(id), "session": .int(session), "scope": .text(scope), "force": .bool(force),
      "status": .text(status.rawValue), "by": .text(begunBy), "begun": .text(begun.description),
      "ended": .optional(ended?.description), "note": .optional(note),
      "rowsGone": .int(tables.reduce(0) { $0 + $1.gone }),
      "rowsKept": .int(tables.reduce(0) { $0 + $1.kept }),
      "tables": .array(tables.map(\.json)),
    ]
  }
}

extension RolledBackTable {
  var json: JSONValue {
    [
      "table": .text(name), "part": .bool(isPart), "status": .text(status.rawValue),
      "method": .optional(method),
      "rowsBefore": rowsBefore.map(JSONValue.int) ?? .null, "rowsGone": .int(gone),
      "rowsKept": .int(kept), "rowsOfOthers": .int(others), "rowsLeft": .int(left),
      "rowsMissing": .int(missing),
      "keptKeys": .array(keptKeys.map(JSONValue.text)),
      "sequences": .array(
        sequences.map { ["sequence": .text($0.name), "outcome": .text($0.outcome.rawValue)] }),
    ]
  }
}

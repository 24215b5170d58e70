import MigrationBasics

/// A rollback as the ledger keeps it.
package struct RollbackRecord: Sendable, Hashable {
  package enum Status: String, Sendable, CaseIterable {
    /// Under way, or killed: then the next one continues with it.
    case running
    case done
    /// Ended before its end by something that it must not do; what is left is as it was.
    case stopped
  }

  package let id: Int
  package let session: SessionID
  /// What was asked for, in the words of the command line.
  package let scope: String
  /// Whether rows go that others changed after the migration.
  package let force: Bool
  package let status: Status
  package let begunBy: String
  package let begun: Moment
  package let ended: Moment?
  package let note: String?
  /// In the order in which they are emptied.
  package let tables: [RolledBackTable]
}

/// What a rollback did to a table.
package struct RolledBackTable: Sendable, Hashable {
  package enum Status: String, Sendable, CaseIterable {
    case pending
    /// Its rows are gone; its sequences are still to be set back.
    case emptied
    case done
  }

  /// The ledger's number of the table.
  package let id: TableID
  package let name: String
  package let status: Status
  /// `TRUNCATE` or `DELETE`; nil if there was nothing to delete.
  package let method: String?
  /// The rows that were there before the migration; nil if that was not noted.
  package let rowsBefore: Int?
  package let gone: Int
  /// Rows of the migration that others changed, and that were kept for it.
  package let kept: Int
  /// Rows that others wrote since the migration began.
  package let others: Int
  /// All rows that were left.
  package let left: Int
  /// Keys of rows that were kept, up to a thousand.
  package let keptKeys: [String]
  /// The result for each sequence.
  package let sequences: [ReturnedSequence]
  /// The snapshot after which its chunks went; nil if all of it went.
  package let since: String?
  /// Rows that the ledger had as loaded and that were not found.
  package let missing: Int
  /// What all rows that were left add up to; nil for a rollback of an older program.
  package let leftRows: LeftRows?
  /// The transaction that took the rows out.
  package let emptiedBy: Int?
  /// Whether the ids of the transactions whose rows went still mean something.
  package let knowsTransactions: Bool

  /// Whether what was done before a checkpoint stayed.
  package var isPart: Bool { since != nil }
}

/// What a rollback did to a sequence.
package struct ReturnedSequence: Sendable, Hashable {
  package enum Outcome: String, Sendable, CaseIterable {
    case setBack = "set back"
    /// Nobody had moved it.
    case untouched
    /// Others have used it since, or would get a value that is taken.
    case left
  }
  package let name: String
  package let outcome: Outcome

  package init(name: String, outcome: Outcome) {
    self.name = name
    self.outcome = outcome
  }

}

extension RollbackRecord {
  package var json: JSONValue {
    [
      "rollback": .int(id), "session": .id(session), "scope": .text(scope), "force": .bool(force),
      "status": .text(status.rawValue), "by": .text(begunBy), "begun": .text(begun.description),
      "ended": .optional(ended?.description), "note": .optional(note),
      "rowsGone": .int(tables.reduce(0) { $0 + $1.gone }),
      "rowsKept": .int(tables.reduce(0) { $0 + $1.kept }),
      "tables": .array(tables.map(\.json)),
    ]
  }
}

extension RolledBackTable {
  package var json: JSONValue {
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

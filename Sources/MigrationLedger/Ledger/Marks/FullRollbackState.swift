import Glibc
import MigrationBasics
import Postgres

/// The state of a full rollback: the previous database is replaced by a restored backup.
///
/// The ledger lives in what is replaced, so the state lives outside of it: as the comment of the
/// previous database, which is in a catalogue that all databases of the server share and goes with
/// that database. Whoever reaches any database of the server can read it. The file of state next to
/// the checkpoint is written from it, for people and scripts.
package struct FullRollbackState: Sendable, Hashable {
  package enum Stage: String, Sendable, CaseIterable {
    /// The backup is being restored into a database of its own.
    case restoring
    /// It is restored and compared; the target is still the previous one.
    case restored
    /// The target takes no connections until the names are changed.
    case swapping
    /// The restored database has the target's name; the previous one is kept aside.
    case swapped
    /// The same, and it was compared with the backup once more.
    case verified
    /// The previous database is being dropped.
    case committing
    /// The previous database gets its name back, or has it and the restored one is being dropped.
    case undoing
    /// Over; the server knows nothing of it any more.
    case committed, undone
  }

  package var stage: Stage
  /// The name of the target.
  package let target: String
  /// The names next to it: of the restored database until it is the target, and of the previous one after that.
  package let restored: String
  package let aside: String
  package let backup: String
  package let backupID: String
  package let begun: Moment
  package let begunBy: String
  /// Whose program was at work last.
  package var host: String
  package var process: Int
  /// The comment that the target had.
  package let comment: String?

  package init(
    stage: Stage, target: String, restored: String, aside: String, backup: String, backupID: String,
    begun: Moment, begunBy: String, host: String, process: Int, comment: String?
  ) {
    self.stage = stage
    self.target = target
    self.restored = restored
    self.aside = aside
    self.backup = backup
    self.backupID = backupID
    self.begun = begun
    self.begunBy = begunBy
    self.host = host
    self.process = process
    self.comment = comment
  }

  /// Whether nothing is left to do but to keep what is there, or not.
  package var isWaiting: Bool { stage == .swapped || stage == .verified }

  /// The same state, now in the hands of this process.
  package var mine: FullRollbackState {
    var state = self
    (state.host, state.process) = (OperatorName.host, Int(getpid()))
    return state
  }

  package static let version = 1
  /// What the comment begins with; the rest is JSON.
  package static let prefix = "migrate full rollback "

  package var json: JSONValue {
    [
      "version": .int(Self.version), "stage": .text(stage.rawValue), "target": .text(target),
      "restored": .text(restored), "aside": .text(aside), "backup": .text(backup),
      "backupID": .text(backupID), "begun": .text(begun.description),
      "begunMicroseconds": .int(begun.microseconds), "begunBy": .text(begunBy),
      "host": .text(host), "process": .int(process), "comment": .optional(comment),
      "next": .text(next),
    ]
  }

  /// What is kept, and until when.
  package var kept: String {
    "\(target) was restored from \(backup); the previous database is kept as \(aside) until "
      + "migrate rollback commit drops it"
  }

  /// What to do now, as a command line or two.
  package var next: String {
    switch stage {
    case .restoring, .restored, .swapping:
      "continue it: migrate rollback --resume; or cancel it: migrate rollback undo"
    case .swapped:
      "verify it: migrate rollback verify; then: migrate rollback commit, or revert it: migrate rollback undo; "
        + "or migrate again: migrate run"
    case .verified:
      "drop the previous database: migrate rollback commit; or revert it: migrate rollback undo; "
        + "or migrate again: migrate run"
    case .committing, .undoing: "finish it: migrate rollback --resume"
    case .committed: "migrate again: migrate run"
    case .undone: "see the state of the migration: migrate status"
    }
  }
}

extension FullRollbackState {
  package init(_ text: String) throws {
    let node = try JSON5.parse(text, dialect: .json)
    guard let stage = Stage(rawValue: try node.required("stage").text()) else {
      throw JSONShapeError(try node.required("stage"), "expected a stage of a full rollback")
    }
    self.stage = stage
    target = try node.required("target").text()
    restored = try node.required("restored").text()
    aside = try node.required("aside").text()
    backup = try node.required("backup").text()
    backupID = try node.required("backupID").text()
    begun = Moment(microseconds: try node.required("begunMicroseconds").integer())
    begunBy = try node.required("begunBy").text()
    host = try node.required("host").text()
    process = try node.required("process").integer()
    comment = try node.optional("comment")?.text()
  }
}

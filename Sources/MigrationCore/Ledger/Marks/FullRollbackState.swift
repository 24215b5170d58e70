import Glibc
import Postgres

/// Where a full rollback stands: the database of before is replaced by a restored backup.
///
/// The ledger lives in what is replaced, so the state lives outside of it: as the comment of the
/// database of before, which is in a catalogue that all databases of the server share and goes with
/// that database. Whoever reaches any database of the server can read it. The file of state beside
/// the checkpoint is written from it, for people and scripts.
public struct FullRollbackState: Sendable, Hashable {
  public enum Stage: String, Sendable, CaseIterable {
    /// The backup is being restored into a database of its own.
    case restoring
    /// It is restored and compared; the target is still the one of before.
    case restored
    /// The target takes no connections until the names are changed.
    case swapping
    /// The restored database has the target's name; the one of before is kept aside.
    case swapped
    /// The same, and it was compared with the backup once more.
    case verified
    /// The database of before is being dropped.
    case committing
    /// The database of before gets its name back, or has it and the restored one is being dropped.
    case undoing
    /// Over; the server knows nothing of it any more.
    case committed, undone
  }

  public var stage: Stage
  /// The name of the target.
  public let target: String
  /// The names beside it: of the restored database until it is the target, and of the one of before after that.
  public let restored: String
  public let aside: String
  public let backup: String
  public let backupID: String
  public let begun: Moment
  public let begunBy: String
  /// Whose program was at work last.
  public var host: String
  public var process: Int
  /// The comment that the target had.
  public let comment: String?

  /// Whether nothing is left to do but to keep what is there, or not.
  public var isWaiting: Bool { stage == .swapped || stage == .verified }

  /// The same state, now in the hands of this process.
  var mine: FullRollbackState {
    var state = self
    (state.host, state.process) = (OperatorName.host, Int(getpid()))
    return state
  }

  static let version = 1
  /// What the comment begins with; the rest is JSON.
  static let prefix = "migrate full rollback "

  public var json: JSONValue {
    [
      "version": .int(Self.version), "stage": .text(stage.rawValue), "target": .text(target),
      "restored": .text(restored), "aside": .text(aside), "backup": .text(backup),
      "backupID": .text(backupID), "begun": .text(begun.description),
      "begunMicroseconds": .int(begun.microseconds), "begunBy": .text(begunBy),
      "host": .text(host), "process": .int(process), "comment": .optional(comment),
      "next": .text(next),
    ]
  }

  /// What to do now, as a command line or two.
  public var next: String {
    switch stage {
    case .restoring, .restored, .swapping:
      "go on with it: migrate rollback --resume; or give it up: migrate rollback undo"
    case .swapped:
      "prove it: migrate rollback verify; then: migrate rollback commit, or go back: migrate rollback undo"
    case .verified:
      "drop the database of before: migrate rollback commit; or go back: migrate rollback undo"
    case .committing, .undoing: "end it: migrate rollback --resume"
    case .committed: "migrate again: migrate run"
    case .undone: "see where the migration stands: migrate status"
    }
  }
}

extension FullRollbackState {
  init(_ text: String) throws {
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

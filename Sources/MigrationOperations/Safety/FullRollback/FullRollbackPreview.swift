import MigrationBasics
import MigrationLedger

/// What a full rollback would do, and what is in its way.
package struct FullRollbackPreview: Sendable {
  package let target: String
  package let backup: String
  package let made: Moment
  package let verified: Moment?
  package let rows: Int
  package let tables: Int
  /// What the target takes on its disk now.
  package let bytes: Int
  /// Where the restored database is, and later the previous one.
  package let restored: String
  package let aside: String
  /// A newer backup that was never verified.
  package let passedOver: String?
  /// The migration at work, which would be stopped.
  package let running: String?
  /// The sessions of others, which would be ended.
  package let disconnected: [String]
  /// Whether it was begun before.
  package let isResumed: Bool
  package let obstacles: [MigrationError]

  /// - Throws: What is in the way, with the exit code of the first of it.
  func requireNoObstacles() throws {
    guard let first = obstacles.first else { return }
    guard obstacles.count > 1 else { throw first }
    throw MigrationError(
      first.kind, obstacles.map(\.what).joined(separator: "; "), reason: first.reason,
      place: first.place, remedy: obstacles.compactMap(\.remedy).joined(separator: "; "))
  }

  package var json: JSONValue {
    [
      "dryRun": true, "target": .text(target), "backup": .text(backup),
      "made": .text(made.description), "verified": .optional(verified?.description),
      "rows": .int(rows), "tables": .int(tables), "bytes": .int(bytes),
      "restored": .text(restored), "aside": .text(aside), "passedOver": .optional(passedOver),
      "running": .optional(running), "disconnected": .array(disconnected.map(JSONValue.text)),
      "resumed": .bool(isResumed),
      "obstacles": .array(
        obstacles.map { ["what": .text($0.what), "toDo": .optional($0.remedy)] }),
    ]
  }
}

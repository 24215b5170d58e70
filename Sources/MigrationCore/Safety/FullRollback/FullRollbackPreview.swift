/// What a full rollback would do, and what is in its way.
public struct FullRollbackPreview: Sendable {
  public let target: String
  public let backup: String
  public let made: Moment
  public let verified: Moment?
  public let rows: Int
  public let tables: Int
  /// What the target takes on its disk now.
  public let bytes: Int
  /// Where the restored database is, and later the one of before.
  public let restored: String
  public let aside: String
  /// A newer backup that was never verified.
  public let passedOver: String?
  /// The migration at work, which would be stopped.
  public let running: String?
  /// The sessions of others, which would be ended.
  public let disconnected: [String]
  /// Whether it was begun before.
  public let isResumed: Bool
  public let obstacles: [MigrationError]

  /// - Throws: What is in the way, with the exit code of the first of it.
  func requireNoObstacles() throws {
    guard let first = obstacles.first else { return }
    guard obstacles.count > 1 else { throw first }
    throw MigrationError(
      first.kind, obstacles.map(\.what).joined(separator: "; "), reason: first.reason,
      place: first.place, remedy: obstacles.compactMap(\.remedy).joined(separator: "; "))
  }

  public var json: JSONValue {
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

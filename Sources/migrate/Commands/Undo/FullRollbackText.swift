import MigrationCore

/// A full rollback as lines for people.
enum FullRollbackText {
  static func lines(_ preview: FullRollbackPreview) -> [String] {
    var lines = [
      "\(preview.isResumed ? "going on with the " : "")full rollback of \(preview.target) "
        + "(\(ByteCount.text(preview.bytes)) now) to \(preview.backup): \(preview.rows) rows in "
        + "\(preview.tables) tables, as of \(preview.made)"
        + (preview.verified.map { ", verified \($0)" } ?? "")
    ]
    if let passedOver = preview.passedOver {
      lines.append(
        "\(passedOver) is newer and does not count, for it is not verified: migrate backup verify "
          + passedOver)
    }
    lines += [
      "restored beside as \(preview.restored), and compared; then the names are changed",
      "the database of before is kept as \(preview.aside) until migrate rollback commit",
    ]
    if let running = preview.running { lines.append("\(running) is at work and will be stopped") }
    lines += preview.disconnected.map { "connected: \($0)" }
    for obstacle in preview.obstacles {
      lines.append("in the way: \(obstacle.what)")
      if let remedy = obstacle.remedy { lines.append("    to do: \(remedy)") }
    }
    return lines
  }

  static func lines(_ state: FullRollbackState) -> [String] {
    ["full rollback of \(state.target) to \(state.backup): \(stage(state))", state.next]
  }

  /// Its state, for people.
  private static func stage(_ state: FullRollbackState) -> String {
    switch state.stage {
    case .restoring: "the backup is being restored as \(state.restored); the target is as it was"
    case .restored: "the backup is restored as \(state.restored); the target is as it was"
    case .swapping: "the names are being changed; the target takes no connections"
    case .swapped: "done, not verified; the database of before is kept as \(state.aside)"
    case .verified: "done and verified; the database of before is kept as \(state.aside)"
    case .committing: "done; the database of before, \(state.aside), is being dropped"
    case .undoing: "is being undone"
    case .committed: "done, and committed"
    case .undone: "given up; the target is the database of before"
    }
  }

  static func tell(_ outcome: FullRollbackVerification.Outcome, _ console: Console) {
    for finding in outcome.findings { StatusCheck.tell(finding, console) }
    console.result(
      outcome.isSound ? "the rollback is verified" : "the rollback is NOT verified")
  }

  static func document(_ outcome: FullRollbackVerification.Outcome) -> JSONValue {
    [
      "verified": .bool(outcome.isSound), "rollback": outcome.state.json,
      "findings": .array(outcome.findings.map(StatusCheck.document)),
    ]
  }
}

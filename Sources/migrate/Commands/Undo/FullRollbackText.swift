import MigrationCore

/// A full rollback as lines for people.
enum FullRollbackText {
  static func lines(_ preview: FullRollbackPreview) -> [String] {
    var lines = [
      "\(preview.isResumed ? "continuing the " : "")full rollback of \(preview.target) "
        + "(\(ByteCount.text(preview.bytes)) now) to \(preview.backup): \(CountText.of(preview.rows, "row")) in "
        + "\(CountText.of(preview.tables, "table")), from \(preview.made)"
        + (preview.verified.map { ", verified \($0)" } ?? "")
    ]
    if let passedOver = preview.passedOver {
      lines.append(
        "\(passedOver) is newer, but not verified: migrate backup verify "
          + passedOver)
    }
    lines += [
      "restores it as \(preview.restored), compares it, then swaps the names",
      "keeps the previous database as \(preview.aside) until migrate rollback commit",
    ]
    if let running = preview.running { lines.append("\(running) is running and will be stopped") }
    lines += preview.disconnected.map { "connected: \($0)" }
    for obstacle in preview.obstacles {
      lines.append("in the way: \(obstacle.what)")
      if let remedy = obstacle.remedy { lines.append("  hint: \(remedy)") }
    }
    return lines
  }

  static func lines(_ state: FullRollbackState) -> [String] {
    ["full rollback of \(state.target) to \(state.backup): \(stage(state))", state.next]
  }

  /// Its state, for people.
  private static func stage(_ state: FullRollbackState) -> String {
    switch state.stage {
    case .restoring: "the backup is being restored as \(state.restored); the target is unchanged"
    case .restored: "the backup is restored as \(state.restored); the target is unchanged"
    case .swapping: "the names are being changed; the target takes no connections"
    case .swapped: "done, not verified; the previous database is kept as \(state.aside)"
    case .verified: "done and verified; the previous database is kept as \(state.aside)"
    case .committing: "done; the previous database, \(state.aside), is being dropped"
    case .undoing: "is being undone"
    case .committed: "done, and committed"
    case .undone: "canceled; the target is the previous database"
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

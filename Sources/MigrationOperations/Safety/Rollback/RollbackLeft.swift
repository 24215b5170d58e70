import MigrationBasics
import MigrationLedger

/// The rows that a rollback left, held against those that are there now.
struct RollbackLeft {
  let table: RolledBackTable
  let now: LeftRows

  func finding() -> RollbackVerification.Finding {
    let name = "remaining rows of \(table.name)"
    guard let left = table.leftRows else { return byCount(name) }
    if now.rows == left.rows, now.sum == left.sum {
      return .init(
        name: name, verdict: .pass, finding: "\(CountText.of(left.rows, "row")), unchanged",
        remedy: nil)
    }
    guard let later = now.later else {
      return lost(
        name,
        "the rows differ from the remaining rows: \(CountText.of(left.rows, "row")) then, \(GroupedNumber.text(now.rows)) now"
      )
    }
    let gone = left.rows - (now.rows - later)
    if gone <= 0 {
      return .init(
        name: name, verdict: .pass,
        finding: "\(CountText.of(left.rows, "row")); \(GroupedNumber.text(later)) written since",
        remedy: nil)
    }
    let written =
      "\(CountText.of(now.rows, "row")) now, \(GroupedNumber.text(later)) of them written since"
    guard now.rows == left.rows, let keys = left.keys, now.keys == keys else {
      return lost(
        name,
        "\(GroupedNumber.text(gone)) of \(CountText.of(left.rows, "row")) missing or changed: \(written)"
      )
    }
    return .init(
      name: name, verdict: .warning,
      finding: "\(GroupedNumber.text(gone)) of \(CountText.of(left.rows, "row")) changed since",
      remedy: Self.remedy)
  }

  /// A rollback of an older program has noted how many rows there were, and no more.
  private func byCount(_ name: String) -> RollbackVerification.Finding {
    guard now.rows >= table.left else {
      return lost(
        name,
        "\(GroupedNumber.text(table.left - now.rows)) of \(CountText.of(table.left, "row")) missing"
      )
    }
    return .init(
      name: name, verdict: .warning,
      finding:
        "\(CountText.of(now.rows, "row")) now, \(GroupedNumber.text(table.left)) then; their contents were not recorded",
      remedy: "compare with a backup")
  }

  private func lost(_ name: String, _ what: String) -> RollbackVerification.Finding {
    .init(name: name, verdict: .failure, finding: what, remedy: Self.remedy)
  }

  private static let remedy = "nothing, if this is intended; otherwise compare with a backup"
}

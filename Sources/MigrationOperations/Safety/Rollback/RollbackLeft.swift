import MigrationLedger

/// The rows that a rollback left, held against those that are there now.
struct RollbackLeft {
  let table: RolledBackTable
  let now: LeftRows

  func finding() -> RollbackVerification.Finding {
    let name = "rows of \(table.name) that were left"
    guard let left = table.leftRows else { return byCount(name) }
    if now.rows == left.rows, now.sum == left.sum {
      return .init(
        name: name, verdict: .pass, finding: "\(left.rows), each as it was", remedy: nil)
    }
    guard let later = now.later else {
      return lost(name, "the rows are not those that were left: \(left.rows) then, \(now.rows) now")
    }
    let gone = left.rows - (now.rows - later)
    if gone <= 0 {
      return .init(
        name: name, verdict: .pass, finding: "\(left.rows) are there; \(later) were written since",
        remedy: nil)
    }
    let written = "\(now.rows) are there, and \(later) of them were written since"
    guard now.rows == left.rows, let keys = left.keys, now.keys == keys else {
      return lost(name, "\(gone) of the \(left.rows) rows are gone or changed: \(written)")
    }
    return .init(
      name: name, verdict: .warning, finding: "\(gone) of the \(left.rows) rows were changed since",
      remedy: Self.remedy)
  }

  /// A rollback of an older program has noted how many rows there were, and no more.
  private func byCount(_ name: String) -> RollbackVerification.Finding {
    guard now.rows >= table.left else {
      return lost(name, "\(table.left - now.rows) of the \(table.left) rows are gone")
    }
    return .init(
      name: name, verdict: .warning,
      finding:
        "\(now.rows) are there, \(table.left) were left; whether they are the same was not noted",
      remedy: "compare with a backup")
  }

  private func lost(_ name: String, _ what: String) -> RollbackVerification.Finding {
    .init(name: name, verdict: .failure, finding: what, remedy: Self.remedy)
  }

  private static let remedy = "nothing, if that was meant; else compare with a backup"
}

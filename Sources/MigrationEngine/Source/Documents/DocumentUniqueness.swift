import MigrationPlan

/// Returns whether the uniqueness of ObjectIds proves that a unique set of the target has no duplicates.
///
/// ObjectIds become uuids that are as different as they are. Ids of other types do not: 5 and "5"
/// are two ids, and one text.
enum DocumentUniqueness {
  static func isProved(_ set: [String], _ feeds: [FeedWork]) -> Bool {
    guard feeds.count == 1, feeds[0].feed.each == nil else { return false }
    let columns = feeds[0].feed.columns.filter { set.contains($0.column) }
    return columns.contains { keepsID($0.rule) }
  }

  private static func keepsID(_ rule: Rule) -> Bool {
    switch rule {
    case .source(let names): names == ["_id"]
    case .identity(_, let inner): keepsID(inner)
    case .step(let inner, let step): step.onlyChecks && keepsID(inner)
    default: false
    }
  }
}

import MigrationLedger
import MigrationPlan

/// Decides which indexes and constraints are suspended for its load.
struct LoadingChoice {
  let work: TableWork
  let rows: Int
  let targetHasRows: Bool

  /// From how many rows on building an index afterwards is worth its own effort.
  private static let worthwhile = 20_000

  /// Returns what to suspend; empty for a table that is loaded as it is.
  var choice: SetAsideChoice {
    var choice: SetAsideChoice = []
    if allowsIndexes {
      choice.insert(.plainIndexes)
      if isUniquenessProved { choice.formUnion([.uniqueness]) }
      if isKeyProved { choice.formUnion([.primaryKey, .incomingForeignKeys]) }
      if areReferencesProved { choice.insert(.foreignKeys) }
    }
    // A row may refer to one that comes later.
    if work.staging == nil,
      work.feeds.contains(where: { !$0.program.deferredReferences.isEmpty })
        || (work.copiesOwnKeys && !targetHasRows)
    {
      choice.insert(.foreignKeys)
    }
    return choice
  }

  private var allowsIndexes: Bool {
    guard !targetHasRows else { return false }
    return switch work.plan.loading.setAside {
    case .never: false
    case .always: true
    case .auto: rows >= Self.worthwhile
    }
  }

  /// Duplicates were searched in all unique sets that the feeds fill and the catalogue lists. An
  /// index over expressions or some of the rows is in no list, and has to judge on its own.
  private var isUniquenessProved: Bool {
    let listed = Set(work.target.unique)
    let searched = work.feeds.allSatisfy { feed in
      listed.isSubset(of: feed.program.uniqueSets)
    }
    return searched && !Self.hasUnlistedUniqueness(work.target)
  }

  /// Whether a table has a unique index over expressions or some of its rows, or an exclusion
  /// constraint: only the server can decide which of its rows collide.
  static func hasUnlistedUniqueness(_ table: PostgresTable) -> Bool {
    table.constraints.contains { $0.kind == .exclusion }
      || table.indexes.contains { $0.isUnique && ($0.isPartial || $0.columns.isEmpty) }
  }

  /// A key that the feeds do not fill is the server's own and never comes twice.
  private var isKeyProved: Bool {
    let key = work.target.primaryKey
    let filling = Self.feedsWithKeys(work)
    return !Self.keysMayMeet(work) && filling.allSatisfy { $0.program.uniqueSets.contains(key) }
  }

  /// Whether the server gives keys to the rows of some feeds, and others have their own.
  static func keysMayMeet(_ work: TableWork) -> Bool {
    let filling = feedsWithKeys(work)
    return !filling.isEmpty && filling.count < work.feeds.count
  }

  private static func feedsWithKeys(_ work: TableWork) -> [FeedWork] {
    let key = work.target.primaryKey
    return work.feeds.filter { key.contains(where: $0.program.targetColumns.contains) }
  }

  /// Whether each foreign key's value was looked up in the very table that it refers to.
  private var areReferencesProved: Bool {
    work.target.foreignKeys.allSatisfy { foreignKey in
      foreignKey.columns.count == 1
        && work.feeds.allSatisfy { feed in
          guard
            let rule = feed.feed.columns.first(where: { $0.column == foreignKey.columns[0] })?.rule
          else { return true }
          return rule.isLookup(of: foreignKey.referencedTable)
        }
    }
  }
}

extension Rule {
  /// Whether the rule gives nothing but keys of a table, or null.
  package func isLookup(of table: String) -> Bool {
    switch self {
    case .reference(let reference): reference.table == table && reference.orphan != .keep
    case .step(let inner, let step): step.onlyChecks && inner.isLookup(of: table)
    default: false
    }
  }
}

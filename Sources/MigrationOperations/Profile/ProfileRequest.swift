import MigrationPlan
import MigrationRows

/// How a source is to be looked through.
package struct ProfileRequest: Sendable {
  package var plan: Plan
  /// Only the sources of these tables of the plan; nil checks all.
  package var tables: [String]?
  /// The most rows of each source that are checked; nil checks all.
  package var sample: Int?
  /// The most rows a second that are read; nil reads as fast as it goes.
  package var rate: Int?
  /// How long one statement may take at a source of documents; nil is for ever.
  package var statementTimeout: Duration?

  package init(plan: Plan) { self.plan = plan }

  /// The feeds to check with their tables, in the order of the plan.
  package var feeds: [(table: TablePlan, number: Int, feed: Feed)] {
    plan.tables.filter { tables?.contains($0.name) ?? true }.flatMap { table in
      table.feeds.enumerated().map { (table, $0.offset, $0.element) }
    }
  }

  /// The collections or tables that the feeds read, each once.
  package var sources: [String] {
    var names: [String] = []
    for (_, _, feed) in feeds where !names.contains(feed.from) { names.append(feed.from) }
    return names
  }

  /// What rules know of a run that has not begun.
  package func context() throws -> RunContext { try plan.context(at: .now()) }
}

/// What a source holds, and where that does not fit the plan.
package struct ProfileReport: Sendable {
  package var profiles: [SourceProfile] = []
  package var findings: [ProfileFinding] = []
  /// What could not be looked into, and why.
  package var notes: [String] = []

  package var errors: Int { findings.count { $0.severity == .error } }
  /// Whether it checked something and found no error.
  package var isGood: Bool { errors == 0 && !profiles.isEmpty }
}

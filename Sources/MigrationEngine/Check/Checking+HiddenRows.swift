import MigrationPlan

/// Tables and collections that do not show the connection's role all that they hold.
extension Checking {
  /// Row-level security: a query that would leave rows out fails, for the sessions set `row_security` off.
  mutating func hiddenRows(of table: PostgresTable, _ side: String, at place: PlanPlace) {
    guard let policies = table.hidingPolicies else { return }
    error(
      place,
      "row-level security of the \(side) hides rows of \(table.schema).\(table.name) from this role: "
        + RowSecurity.words(policies),
      RowSecurity.remedy)
  }

  /// Views of MongoDB, by name, with the stages of their pipelines.
  mutating func views(_ views: [String: [String]]) {
    faults += Self.hidingViews(views, plan.tables)
  }

  /// What is said of each view that some tables are fed from.
  static func hidingViews(_ views: [String: [String]], _ tables: [TablePlan]) -> [PlanFault] {
    tables.flatMap(\.feeds).compactMap { feed in
      guard let stages = views[feed.from] else { return nil }
      return PlanFault(
        .warning, at: feed.place,
        "\(feed.from) is a view (\(stages.joined(separator: ", "))): documents and fields that it omits "
          + "are not migrated, and no check finds them",
        remedy: "name the underlying collection to migrate all of its documents")
    }
  }
}

/// Words about row-level security.
enum RowSecurity {
  static let remedy =
    "let a superuser run ALTER ROLE … BYPASSRLS, or connect as the owner of the table"

  static func words(_ policies: [String]) -> String {
    switch policies.count {
    case 0: "row-level security is on, and no policy applies to it"
    case 1: "policy \(policies[0])"
    default: "policies \(policies.joined(separator: ", "))"
    }
  }
}

/// Proves a plan against live tables.
///
/// Nothing is connected to: the check is a function of the plan and of what a catalogue says of both
/// sides. Errors are what would make a run fail or lose data; warnings are what only rows can show.
public enum PlanCheck {
  /// Returns all that is wrong, in the order of the plan's file.
  ///
  /// `source` is what the catalogue of a PostgreSQL source says. Of documents nothing is known
  /// beforehand but the names of their collections.
  public static func faults(
    of plan: Plan, source: [PostgresTable], collections: [String] = [],
    views: [String: [String]] = [:], target: [PostgresTable]
  ) -> [PlanFault] {
    var check = Checking(plan: plan, source: source, target: target)
    for table in plan.tables { check.table(table) }
    if plan.source.kind == .mongo {
      check.collections(collections)
      check.views(views)
    }
    check.leftBehind()
    check.circles()
    return check.faults.inPlanOrder()
  }
}

/// One run of the check.
struct Checking {
  let plan: Plan
  /// The source's tables by name; nil where they can't be known.
  let source: [String: PostgresTable]?
  let target: [String: PostgresTable]
  var faults: [PlanFault] = []

  init(plan: Plan, source: [PostgresTable], target: [PostgresTable]) {
    self.plan = plan
    let isKnown = plan.source.kind == .postgres
    self.source = isKnown ? Self.byName(source, schema: plan.source.schema) : nil
    self.target = Self.byName(target, schema: plan.target.schema)
  }

  private static func byName(_ tables: [PostgresTable], schema: String) -> [String: PostgresTable] {
    let inSchema = tables.filter { $0.schema == schema }
    return Dictionary(inSchema.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  mutating func error(_ place: PlanPlace, _ what: String, _ remedy: String) {
    faults.append(PlanFault(.error, at: place, what, remedy: remedy))
  }

  mutating func warning(_ place: PlanPlace, _ what: String, _ remedy: String) {
    faults.append(PlanFault(.warning, at: place, what, remedy: remedy))
  }

  mutating func table(_ table: TablePlan) {
    let live = target[table.name]
    if live == nil {
      error(
        table.place, "the target has no table \(plan.target.schema).\(table.name)",
        Self.hint(table.name, target.keys.sorted(), "create it with the schema's migrations"))
    }
    for feed in table.feeds { self.feed(feed, of: table, live) }
    ignored(table)
    guard let live else { return }
    hiddenRows(of: live, "target", at: table.place)
    uniqueSets(table, live)
    foreignKeys(table, live)
  }

  private mutating func feed(_ feed: Feed, of table: TablePlan, _ live: PostgresTable?) {
    let read = source?[feed.from]
    if let source, read == nil {
      error(
        feed.place, "the source has no table \(plan.source.schema).\(feed.from)",
        Self.hint(feed.from, source.keys.sorted(), "check the name and the source's schema"))
    }
    if let read {
      hiddenRows(of: read, "source", at: feed.place)
      sourceColumns(feed, read)
      key(feed, read)
    }
    columns(feed, read, live)
    if let live {
      unfed(feed, of: table, live)
      checks(table, feed, live)
    }
  }

  /// `did you mean …?` where a name is near, else what to do.
  static func hint(_ name: String, _ names: [String], _ remedy: String) -> String {
    nearest(to: name, in: names).map { "did you mean \($0)?" } ?? remedy
  }
}

import MigrationBasics
import MigrationPlan

/// Proves a plan against live tables.
///
/// Nothing is connected to: the check is a function of the plan and of what a catalogue says of both
/// sides. Errors are what would make a run fail or lose data; warnings are what only rows can show.
package enum PlanCheck {
  /// Returns all that is wrong, in the order of the plan's file.
  ///
  /// `source` is what the catalogue of a source of tables says. Of documents nothing is known
  /// beforehand but the names of their collections.
  package static func faults(
    of plan: Plan, source: [PostgresTable], collections: [String] = [],
    views: [String: [String]] = [:], target: [PostgresTable]
  ) -> [PlanFault] {
    var catalog = SourceCatalog()
    (catalog.tables, catalog.collections, catalog.views) = (source, collections, views)
    var check = Checking(plan: plan, source: catalog, target: target)
    check.all()
    return check.faults.inPlanOrder()
  }
}

/// One run of the check.
struct Checking {
  let plan: Plan
  /// The source's tables by name; nil if they can't be known.
  let source: [String: PostgresTable]?
  let target: [String: PostgresTable]
  let catalog: SourceCatalog
  /// What has a name in the target's schema.
  let relations: Relations
  /// How many decimal places amounts of money have in each database.
  let sourceMoneyDigits: Int
  var targetMoneyDigits = MoneyDigits.ofSessions
  var faults: [PlanFault] = []

  init(
    plan: Plan, source: SourceCatalog, target: [PostgresTable], relations: Relations = Relations()
  ) {
    sourceMoneyDigits = source.moneyDigits
    (self.plan, catalog, self.relations) = (plan, source, relations)
    let isKnown = !plan.source.kind.hasDocuments
    self.source =
      isKnown
      ? Self.byName(source.tables, schema: plan.source.schema, but: source.relations.unreadable)
      : nil
    self.target = Self.byName(target, schema: plan.target.schema, but: relations.unusable)
  }

  /// Checks some tables, or all.
  mutating func all(_ names: Set<String>? = nil) {
    let tables = plan.tables.filter { names?.contains($0.name) ?? true }
    zone()
    for table in tables { self.table(table) }
    if plan.source.kind.hasDocuments {
      collections(tables)
      views(catalog.views)
    }
    heirs(tables)
    leftBehind(tables)
    circles(tables)
    for table in tables {
      if let live = target[table.name] { compiled(table, live) }
    }
  }

  private static func byName(
    _ tables: [PostgresTable], schema: String, but isNone: (String) -> Relations.Kind?
  ) -> [String: PostgresTable] {
    let inSchema = tables.filter { $0.schema == schema && isNone($0.name) == nil }
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
    if let kind = relations.unusable(table.name) {
      error(
        table.place,
        "\(plan.target.schema).\(table.name) is \(kind.words) in the target, not a table",
        "load the underlying table, or create a table with the schema files")
    } else if live == nil {
      let names = Set(target.keys).union(relations.tables).sorted()
      error(
        table.place, "the target has no table \(plan.target.schema).\(table.name)",
        Self.hint(table.name, names, "create it with the schema files"))
    }
    for feed in table.feeds { self.feed(feed, of: table, live) }
    ignored(table)
    guard let live else { return }
    hiddenRows(of: live, "target", at: table.place)
    merged(table, live)
    rewritingRules(table, live)
    uniqueSets(table, live)
    foreignKeys(table, live)
  }

  private mutating func feed(_ feed: Feed, of table: TablePlan, _ live: PostgresTable?) {
    let read = source?[feed.from]
    if let source, read == nil {
      if let kind = catalog.relations.unreadable(feed.from) {
        unreadable(feed, kind)
      } else {
        let names = Set(source.keys).union(catalog.relations.tables).sorted()
        error(
          feed.place, "the source has no table \(plan.source.schema).\(feed.from)",
          Self.hint(feed.from, names, "check the name and the source's schema"))
      }
    }
    if let read {
      hiddenRows(of: read, "source", at: feed.place)
      sourceColumns(feed, read)
      key(feed, read)
    }
    columns(feed, read, live)
    if let live {
      if let read { droppedBlanks(feed, read, live) }
      unfed(feed, of: table, live)
      checks(table, feed, live)
    }
  }

  private mutating func unreadable(_ feed: Feed, _ kind: Relations.Kind) {
    let name = "\(plan.source.schema).\(feed.from)"
    let remedy =
      switch kind {
      case .sequence: "the run sets the target's sequences: remove it from the plan"
      case .foreignTable:
        "read from the server that has its rows, or copy them into a table first: "
          + "CREATE TABLE … AS TABLE \(name)"
      default:
        "read the underlying tables (put its condition into where), or copy its rows into a "
          + "table first: CREATE TABLE … AS TABLE \(name)"
      }
    error(
      feed.place,
      "\(name) is \(kind.words); only tables can be read",
      remedy)
  }

  /// `did you mean …?` if a name is near, else what to do.
  static func hint(_ name: String, _ names: [String], _ remedy: String) -> String {
    nearest(to: name, in: names).map { "did you mean \($0)?" } ?? remedy
  }
}

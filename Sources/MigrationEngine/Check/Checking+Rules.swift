import MigrationPlan
import MigrationRows

/// What only the making of a feed's row program shows.
extension Checking {
  /// This machine knows the source's time zone.
  mutating func zone() {
    guard !isZoneKnown else { return }
    error(
      PlanPlace(file: plan.file, line: 0, column: 0),
      "there is no time zone \(plan.source.timeZone) for the source",
      "use a name from the tz database, such as Europe/Prague")
  }

  private var isZoneKnown: Bool { TimeZoneFile.load(plan.source.timeZone) != nil }

  /// Compiles the rules as a run does, and reports what was not reported for the same place already.
  mutating func compiled(_ table: TablePlan, _ live: PostgresTable) {
    let context = RunContext(
      runTime: RunTime(microseconds: 0), hashKey: plan.hashKey,
      timeZone: isZoneKnown ? plan.source.timeZone : "UTC")
    let later = PlanOrder(plan.tables).tablesAfter(table.name)
    for (number, feed) in table.feeds.enumerated() {
      let read = source?[feed.from]
      guard source == nil || read != nil else { continue }
      do throws(PlanFaults) {
        _ = try RowProgram.compile(
          table, feed: feed, feedNumber: number, source: read, target: live, context: context,
          deferredTables: table.merge == nil ? later : table.referencedTables, referenced: target)
      } catch {
        let told = Set(faults.filter { $0.severity == .error }.map(\.place))
        faults += error.faults.filter { !told.contains($0.place) }
      }
    }
  }

  /// Equal rows can only become one if being equal is what the target's key means.
  mutating func merged(_ table: TablePlan, _ live: PostgresTable) {
    let fed = Set(table.feeds.flatMap { $0.columns.map(\.column) })
    guard table.merge != nil, Set(live.primaryKey) != fed else { return }
    error(
      table.place,
      "\(table.name) is merged, and its primary key does not consist of the fed columns",
      "define the primary key on \(fed.sorted().joined(separator: ", ")), or remove merge from the plan"
    )
  }
}

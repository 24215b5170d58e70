import MigrationBasics
import MigrationEngine
import MigrationPlan
import MigrationRows
import Postgres

/// Profiles all sources of a plan that reads from PostgreSQL.
package struct PostgresProfiling {
  package let request: ProfileRequest
  package let source: Connection
  /// The target's tables, by which the rules are tried; nil if there is no target yet.
  package let target: [PostgresTable]?
  package let tell: (String) -> Void

  package init(
    _ request: ProfileRequest, source: Connection, target: [PostgresTable]?,
    tell: @escaping (String) -> Void
  ) {
    (self.request, self.source, self.target, self.tell) = (request, source, target, tell)
  }

  package func run() throws -> ProfileReport {
    var report = ProfileReport()
    if target == nil {
      report.notes.append("the rules were not checked, because the target's tables were not read")
    }
    try source.begin(TransactionMode(isolation: .repeatableRead, readOnly: true))
    let tables = try CatalogReader(source).tables(
      schema: request.plan.source.schema, named: request.sources)
    try profile(tables, &report)
    for (table, number, feed) in request.feeds {
      guard let live = tables.first(where: { $0.name == feed.from }) else { continue }
      tell("\(feed.from): references")
      let goal = target?.first { $0.name == table.name }
      report.findings += try attempt("the references of \(table.name)", feed) {
        try DanglingSearch(plan: request.plan, connection: source, target: goal)
          .findings(table, feed)
      }
      tell("\(feed.from): rules of \(table.name)")
      let besides = report.findings
      report.findings += try attempt("the rules of \(table.name) for \(feed.from)", feed) {
        try tryRules(table, number, feed, live, besides: besides)
      }
    }
    try source.rollback()
    return report
  }

  /// Checks one thing; a failure does not stop the other checks.
  private func attempt(
    _ what: String, _ feed: Feed, _ look: () throws -> [ProfileFinding]
  ) throws -> [ProfileFinding] {
    try source.execute("SAVEPOINT migrate_look")
    do {
      let found = try look()
      try source.execute("RELEASE SAVEPOINT migrate_look")
      return found
    } catch {
      guard source.isUsable, let failure = ProfileFinding.failure(error) else { throw error }
      try source.execute("ROLLBACK TO SAVEPOINT migrate_look; RELEASE SAVEPOINT migrate_look")
      return [.unseen(feed.from, what, failure, place: feed.place)]
    }
  }

  private func profile(_ tables: [PostgresTable], _ report: inout ProfileReport) throws {
    let profiler = PostgresProfiler(connection: source, sample: request.sample)
    for name in request.sources {
      guard let table = tables.first(where: { $0.name == name }) else {
        throw MigrationError(
          .coded(.schema), "the source has no table \(name)",
          place: request.plan.source.schema, remedy: "see: migrate plan check")
      }
      tell("\(name): values")
      let feeds = request.feeds.map(\.feed).filter { $0.from == name }
      guard let feed = feeds.first else { continue }
      var profile: SourceProfile?
      report.findings += try attempt("the values of \(name)", feed) {
        profile = try profiler.profile(table, key: feed.key, filter: Self.filter(feeds))
        return profile.map { ProfileJudge(plan: request.plan).findings($0) } ?? []
      }
      if let profile { report.profiles.append(profile) }
    }
  }

  private func tryRules(
    _ table: TablePlan, _ number: Int, _ feed: Feed, _ live: PostgresTable,
    besides judged: [ProfileFinding]
  ) throws -> [ProfileFinding] {
    guard let goal = target?.first(where: { $0.name == table.name }) else { return [] }
    let simple = RulesTrial.withoutLookups(feed)
    let program = try RowProgram.compile(
      RulesTrial.table(table, keeping: simple), feed: simple, feedNumber: number, source: live,
      target: goal, context: try request.context(), deferredTables: table.referencedTables)
    let trial = RulesTrial(table, simple, machine: RowMachine(program))
    let query = try FeedQuery(table: live, key: [], filters: [feed.filter])
    let limit = request.sample.map { " LIMIT \($0)" } ?? ""
    let select = { query.select($0) + limit }
    var throttle = Throttle(request.rate)
    let take: (UnsafeRawBufferPointer) -> Void = { row in
      trial.take(row)
      throttle.tookRow()
    }
    if let texts = UnreadableTexts(
      program, live, source, hasPlanSQL: query.hasConditions), try texts.occur(in: select)
    {
      try texts.read(select, take)
    } else {
      try source.copyOut(
        PostgresReader.copy(select(program.selectList)), hasPlanSQL: query.hasConditions
      ).forEachRow(take)
    }
    return trial.findings(besides: judged)
  }

  /// The condition that all rows meet which some feed reads; nil if one reads them all.
  private static func filter(_ feeds: [Feed]) -> String? {
    let filters = feeds.compactMap(\.filter)
    return filters.isEmpty || filters.count < feeds.count
      ? nil : filters.map { SQLCondition($0).inBrackets }.joined(separator: " OR ")
  }
}

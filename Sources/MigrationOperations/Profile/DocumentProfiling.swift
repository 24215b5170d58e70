import MigrationBasics
import MigrationEngine
import MigrationPlan
import MigrationRows
import Mongo
import Postgres

/// Profiles all collections of a plan that reads documents, each in one pass.
package struct DocumentProfiling {
  package let request: ProfileRequest
  package let place: SourcePlace
  /// The target's tables, by which the rules are tried; nil if there is no target yet.
  package let target: [PostgresTable]?
  package let tell: (String) -> Void

  package init(
    _ request: ProfileRequest, source: SourcePlace, target: [PostgresTable]?,
    tell: @escaping (String) -> Void
  ) {
    (self.request, place, self.target, self.tell) = (request, source, target, tell)
  }

  package func run() throws -> ProfileReport {
    var report = ProfileReport()
    if target == nil {
      report.notes.append("the rules were not checked, because the target's tables were not read")
    }
    let reader = try place.source().open(timeout: request.statementTimeout)
    let entities = try entityIDs(reader)
    for name in request.sources {
      do { try profile(name, reader, entities, &report) } catch {
        guard let failure = ProfileFinding.failure(error) else { throw error }
        let place = request.feeds.first { $0.feed.from == name }?.feed.place
        report.findings.append(
          .unseen(name, "the documents of \(name)", failure, place: place))
      }
    }
    return report
  }

  private func profile(
    _ name: String, _ reader: any RowReader, _ entities: [String: IDSet],
    _ report: inout ProfileReport
  ) throws {
    tell(name)
    let feeds = request.feeds.filter { $0.feed.from == name }
    guard let feed = feeds.first?.feed else { return }
    let filter = DocumentFilter.any(of: feeds.map(\.feed.filter))
    let found = try reader.find(feed.filtered(by: filter), schema: "", condition: nil)
    if found.isMissing {
      report.notes.append("\(name) does not exist, which the plan allows")
      return
    }
    let profiler = DocumentProfiler()
    expect(feeds.map(\.feed), among: entities, profiler)
    let trials = try feeds.compactMap { try trial($0.table, $0.number, $0.feed) }
    try pass(found, reader, profiler, trials.filter { $0.filter == filter })
    // Feeds that read some of the documents, each with those alone.
    for part in Set(trials.map(\.filter)) where part != filter {
      let some = try reader.find(feed.filtered(by: part), schema: "", condition: nil)
      try pass(some, reader, nil, trials.filter { $0.filter == part })
    }
    let total = request.sample == nil ? 0 : try reader.count(found, each: nil)
    let profile = profiler.profile(name: name, total: total)
    report.profiles.append(profile)
    let judged = ProfileJudge(plan: request.plan).findings(profile)
    report.findings += judged
    for trial in trials { report.findings += trial.findings(besides: judged) }
  }

  private func pass(
    _ found: any BoundFeed, _ reader: any RowReader, _ profiler: DocumentProfiler?,
    _ trials: [RulesTrial]
  ) throws {
    var throttle = Throttle(request.rate)
    try reader.documents(of: found, idsOnly: false, limit: request.sample) { document in
      try profiler?.take(document)
      for trial in trials { trial.take(document.bytes) }
      throttle.tookRow()
    }
  }

  private func trial(_ table: TablePlan, _ number: Int, _ feed: Feed) throws -> RulesTrial? {
    guard let goal = target?.first(where: { $0.name == table.name }) else { return nil }
    let simple = RulesTrial.withoutLookups(feed)
    // Nothing is left of it that could be tried without looking rows up.
    guard !simple.columns.isEmpty else { return nil }
    let program = try RowProgram.compile(
      RulesTrial.table(table, keeping: simple), feed: simple, feedNumber: number, source: nil,
      target: goal, context: try request.context(), deferredTables: table.referencedTables)
    return RulesTrial(table, simple, machine: RowMachine(program))
  }
}

// Ids that match no row.
extension DocumentProfiling {
  /// The ids of every entity that some reference names, from the collections that hold it.
  private func entityIDs(_ reader: any RowReader) throws -> [String: IDSet] {
    let wanted = Set(
      request.feeds.flatMap { $0.feed.columns }.flatMap { $0.rule.references }
        .flatMap { $0.ways.compactMap(\.value.entity) })
    var sets: [String: IDSet] = [:]
    for entity in wanted.sorted() {
      let homes = homes(of: entity)
      guard !homes.isEmpty else { continue }
      let ids = IDSet()
      for feed in homes {
        tell("\(feed.from): ids")
        let found = try reader.find(feed, schema: "", condition: nil)
        let walker = DocumentWalker(capacity: 1)
        try reader.documents(of: found, idsOnly: true, limit: nil) { document in
          for field in try walker.walk(document) where field.key.elementsEqual("_id".utf8) {
            ids.insert(field)
          }
        }
      }
      sets[entity] = ids
    }
    return sets
  }

  /// The feeds whose documents are the entity: their `_id` becomes its id.
  private func homes(of entity: String) -> [Feed] {
    request.plan.tables.flatMap(\.feeds).filter { feed in
      feed.each == nil
        && feed.columns.contains { column in
          column.rule.entity == entity && column.rule.references.isEmpty
            && ReadPaths.paths(of: column.rule) == [["_id"]]
        }
    }
  }

  private func expect(
    _ feeds: [Feed], among entities: [String: IDSet], _ profiler: DocumentProfiler
  ) {
    for feed in feeds {
      for reference in feed.columns.flatMap(\.rule.references) {
        for way in reference.ways {
          guard let entity = way.value.entity, let ids = entities[entity] else { continue }
          for path in ReadPaths.paths(of: way.value, each: feed.each) {
            profiler.expect(path, among: ids)
            if path == feed.each { profiler.expect(path + ["[]"], among: ids) }
          }
        }
      }
    }
  }
}

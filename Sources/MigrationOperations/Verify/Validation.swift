import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Validates what a migration has loaded to the target: it reads, and changes nothing.
package struct Validation {
  package let request: ValidationRequest
  package let target: Connection
  package let ledgerSchema: String
  /// Opens another connection to the target, for the records' temporary tables.
  package let openComparer: () throws -> Connection
  /// Says where the source is; it is asked for only if a layer needs it.
  package let sourcePlace: () throws -> SourcePlace
  package let tell: (String) -> Void

  package init(
    _ request: ValidationRequest, target: Connection, ledgerSchema: String,
    openComparer: @escaping () throws -> Connection,
    sourcePlace: @escaping () throws -> SourcePlace, tell: @escaping (String) -> Void
  ) {
    (self.request, self.target, self.ledgerSchema) = (request, target, ledgerSchema)
    (self.openComparer, self.sourcePlace, self.tell) = (openComparer, sourcePlace, tell)
  }

  package func run() throws -> ValidationReport {
    let start = ContinuousClock.now
    let started = Moment.now()
    let snapshot = try target.exportSnapshot()
    let (ledger, session) = try ledgerAndSession()
    let chosen = ValidationLayer.allCases.filter(request.layers.contains)
    let (found, failure) = try attempt { try scope(ledger, session) }
    guard let scope = found else {
      let layers = chosen.map { Self.couldNotLook($0, failure) }
      return report(session, started, start, layers, rows: 0, scope: nil)
    }
    let source = try self.source()
    let layers = try chosen.map { try timed($0, scope, source, snapshot) }
    let rows = try scope.tables.compactMap { scope.live[$0.name] }.reduce(0) { sum, table in
      sum + (try rowCount(of: table, scope) ?? 0)
    }
    try target.rollback()
    let queries = request.isComplete && !request.plan.queries.isEmpty ? timings() : nil
    return report(session, started, start, layers, rows: rows, scope: scope, queries)
  }

  private func report(
    _ session: Session, _ started: Moment, _ start: ContinuousClock.Instant,
    _ layers: [LayerResult], rows: Int, scope: ValidationScope?,
    _ queries: [QueryTiming.Result]? = nil
  ) -> ValidationReport {
    ValidationReport(
      plan: request.plan.name, session: session.id, started: started,
      duration: ContinuousClock.now - start, layers: layers, targetRows: rows,
      quarantined: scope?.quarantined, accepted: scope?.accepted ?? [],
      queries: queries, isComplete: request.isComplete,
      isWhole: request.tables == nil && request.relation == nil
        && Set(ValidationLayer.usual).isSubset(of: request.layers))
  }

  /// Times the plan's queries, on a connection of their own; that they could not be asked is the result of each.
  private func timings() -> [QueryTiming.Result] {
    tell("performance")
    do { return try QueryTiming(request.plan, target: openComparer()).run() } catch {
      return request.plan.queries.map { QueryTiming.Result($0, failure: error) }
    }
  }

  /// Counts the rows of a table; nil if it can't be read, which the layers report.
  private func rowCount(of table: PostgresTable, _ scope: ValidationScope) throws -> Int? {
    let name = try scope.name(of: table)
    return try attempt { try target.query("SELECT count(*) FROM \(name)").int(0, 0) ?? 0 }.value
  }

  /// Does something of which the transaction survives the failure.
  private func attempt<Value>(
    _ body: () throws -> Value
  ) throws -> (value: Value?, failure: (any Error)?) {
    try target.execute("SAVEPOINT migrate_layer")
    do {
      let value = try body()
      try target.execute("RELEASE SAVEPOINT migrate_layer")
      return (value, nil)
    } catch {
      guard target.isUsable, !CheckFailure.isUnreachable(error) else { throw error }
      try target.execute("ROLLBACK TO SAVEPOINT migrate_layer; RELEASE SAVEPOINT migrate_layer")
      return (nil, error)
    }
  }

  private func ledgerAndSession() throws -> (Ledger, Session) {
    let ledger = try Ledger(target, schema: ledgerSchema)
    try ledger.requireInstalled()
    guard let session = try ledger.latestSession(named: request.plan.name)
    else {
      throw MigrationError(
        .failed, "plan \(request.plan.name) has no migration in this target",
        place: target.facts.database, remedy: "migrate first: migrate run")
    }
    // The rules are run again to compare rows, which takes the key that made the digests.
    if request.layers.contains(.records) { _ = try request.plan.context(reading: session) }
    return (ledger, session)
  }

  private func scope(_ ledger: Ledger, _ session: Session) throws -> ValidationScope {
    let tables = try CatalogReader(target).tables(
      schema: request.plan.target.schema, named: request.plan.tables.map(\.name))
    return ValidationScope(
      request: request, target: target, ledger: ledger, session: session,
      states: try ledger.tables(session: session.id),
      sheets: try ledger.balance(session: session.id),
      live: Dictionary(tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Opens the source where a layer reads it; nil if it is said to be gone.
  private func source() throws -> (any RowReader)? {
    guard !request.withoutSource,
      request.layers.contains(where: { $0 == .counts || $0 == .records })
    else { return nil }
    return try openSource()
  }

  private func openSource() throws -> any RowReader {
    do { return try sourcePlace().source(reading: request.reading).open(timeout: nil) } catch let
      error as PostgresError
    {
      throw MigrationError(
        .coded(.connection), "could not connect to the source: \(error)",
        remedy: "start the source; if it no longer exists, pass --without-source")
    }
  }

  private func timed(
    _ layer: ValidationLayer, _ scope: ValidationScope, _ source: (any RowReader)?,
    _ snapshot: Snapshot
  ) throws -> LayerResult {
    tell(layer.rawValue)
    let start = ContinuousClock.now
    let (found, failure) = try attempt { try run(layer, scope, source, snapshot) }
    var result = try found ?? apart(layer, scope, failure, readsSource: source != nil, snapshot)
    result.duration = ContinuousClock.now - start
    return result
  }

  /// Checks one table after the other, or tries one rule after the other, if the check of all of
  /// them together has failed: so the failure has a name, and the others are checked.
  private func apart(
    _ layer: ValidationLayer, _ scope: ValidationScope, _ first: (any Error)?, readsSource: Bool,
    _ snapshot: Snapshot
  ) throws -> LayerResult {
    var result = LayerResult(layer)
    for part in scope.parts(of: layer) {
      // A source that has refused a statement answers no other in that transaction.
      let (found, failure) = try attempt {
        try run(layer, part.scope, readsSource ? openSource() : nil, snapshot)
      }
      if let found {
        result.add(found)
      } else {
        result.findings.append(Self.unseen(part.table, part.what, failure))
      }
    }
    return result.checked == 0 && result.findings.isEmpty ? Self.couldNotLook(layer, first) : result
  }

  private static func couldNotLook(
    _ layer: ValidationLayer, _ error: (any Error)?
  ) -> LayerResult {
    var result = LayerResult(layer)
    result.findings.append(unseen("", "", error))
    return result
  }

  private static func unseen(
    _ table: String, _ what: String, _ error: (any Error)?
  ) -> ValidationFinding {
    let failure = CheckFailure(error ?? MigrationError(.failed, "no answer"))
    let column = (error as? PostgresError)?.copiedColumn
    return ValidationFinding(
      .critical, failure.code, table: table, column: column,
      "could not check\(what.isEmpty ? "" : " \(what)")"
        + "\(column.map { ", column \($0)" } ?? ""): \(failure.what)", remedy: failure.remedy)
  }

  private func run(
    _ layer: ValidationLayer, _ scope: ValidationScope, _ source: (any RowReader)?,
    _ snapshot: Snapshot
  ) throws -> LayerResult {
    switch layer {
    case .counts:
      var result = try CountsLayer(
        scope: scope, sourceCount: count(source),
        documentCount: count(source, ofElements: false)
      ).run()
      result.findings += try source.map { try replacedFiles(scope, $0) } ?? []
      if let finding = scope.quarantined.finding { result.findings.append(finding) }
      return result
    case .references: return try ReferencesLayer(scope: scope).run()
    case .types: return try TypesLayer(scope: scope).run()
    case .rules: return try RulesLayer(scope: scope).run()
    case .fingerprints:
      // The source is opened only if there is something to look for.
      let records: () throws -> RecordsLayer = {
        RecordsLayer(
          scope: scope, source: try source ?? openSource(), comparer: try openComparer())
      }
      return try FingerprintsLayer(
        scope: scope, records: request.withoutSource ? nil : records, snapshot: snapshot
      ).run()
    case .records:
      guard let source else {
        var result = LayerResult(.records)
        result.reasonNotRun = "the source is not read (--without-source)"
        return result
      }
      var result = try RecordsLayer(
        scope: scope, source: source, comparer: try openComparer()
      ).run(seeing: snapshot)
      result.findings += try replacedFiles(scope, source)
      return result
    }
  }

  /// Warns if the rows are compared with another file than they were loaded from.
  private func replacedFiles(
    _ scope: ValidationScope, _ source: any RowReader
  ) throws -> [ValidationFinding] {
    try scope.tables.flatMap { table -> [ValidationFinding] in
      try table.feeds.enumerated().compactMap { number, feed in
        guard let state = scope.state(of: table),
          let found = try? source.find(
            feed, schema: request.plan.source.schema, condition: nil),
          found.isFrozen,
          let before = try scope.ledger.sourceState(table: state.id, feed: number),
          let what = try source.misfit(of: found, since: before, isLater: false)
        else { return nil }
        return ValidationFinding(
          .warning, .data, table: table.name, what,
          remedy: "compare with the dump that was loaded")
      }
    }
  }

  /// - Parameter ofElements: whether the elements are counted that are rows, or their documents.
  private func count(
    _ source: (any RowReader)?, ofElements: Bool = true
  ) -> ((Feed) throws -> Int)? {
    guard let source else { return nil }
    return { feed in
      let found = try source.find(feed, schema: request.plan.source.schema, condition: nil)
      return try source.count(found, each: ofElements ? feed.each : nil)
    }
  }
}

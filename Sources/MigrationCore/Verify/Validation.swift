import Postgres

/// Validates what a migration has brought to the target: it reads, and changes nothing.
public struct Validation {
  let request: ValidationRequest
  let target: Connection
  let ledgerSchema: String
  /// Opens another connection to the target, for the records' temporary tables.
  let openComparer: () throws -> Connection
  /// Says where the source is; it is asked for only where a layer needs it.
  let sourcePlace: () throws -> SourcePlace
  let tell: (String) -> Void

  public init(
    _ request: ValidationRequest, target: Connection, ledgerSchema: String,
    openComparer: @escaping () throws -> Connection,
    sourcePlace: @escaping () throws -> SourcePlace, tell: @escaping (String) -> Void
  ) {
    (self.request, self.target, self.ledgerSchema) = (request, target, ledgerSchema)
    (self.openComparer, self.sourcePlace, self.tell) = (openComparer, sourcePlace, tell)
  }

  public func run() throws -> ValidationReport {
    let start = ContinuousClock.now
    let started = Moment(microseconds: Int(ProfileRequest.now))
    let snapshot = try target.exportSnapshot()
    let schema = try SQL.identifier(request.plan.target.schema)
    // Rules name tables as the plan does; PostgreSQL's default would look into the ledger first
    // where the role has its name.
    try target.execute("SET LOCAL search_path TO \(schema), pg_catalog")
    let scope = try self.scope()
    let source = try self.source()
    let layers = try ValidationLayer.allCases.filter(request.layers.contains).map {
      try timed($0, scope, source, snapshot)
    }
    let rows = try scope.tables.compactMap { scope.live[$0.name] }.reduce(0) { sum, table in
      sum + (try target.query("SELECT count(*) FROM \(try scope.name(of: table))").int(0, 0) ?? 0)
    }
    try target.rollback()
    return ValidationReport(
      plan: request.plan.name, session: scope.session.id, started: started,
      duration: ContinuousClock.now - start, layers: layers, targetRows: rows)
  }

  private func scope() throws -> ValidationScope {
    let ledger = try Ledger(target, schema: ledgerSchema)
    try ledger.requireInstalled()
    guard let session = try ledger.latestSession(named: request.plan.name)
    else {
      throw MigrationError(
        .failed, "nothing was migrated by the plan \(request.plan.name) into this target",
        place: target.facts.database, remedy: "migrate first: migrate run")
    }
    let tables = try CatalogReader(target).tables(
      schema: request.plan.target.schema, named: request.plan.tables.map(\.name))
    return ValidationScope(
      request: request, target: target, ledger: ledger, session: session,
      states: try ledger.tables(session: session.id),
      sheets: try ledger.balance(session: session.id),
      live: Dictionary(tables.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Opens the source where a layer reads it; nil where it is said to be gone.
  private func source() throws -> (any RowReader)? {
    guard !request.withoutSource,
      request.layers.contains(where: { $0 == .counts || $0 == .records })
    else { return nil }
    do { return try sourcePlace().source().open(timeout: nil) } catch let error as PostgresError {
      throw MigrationError(
        .coded(.connection), "the source can't be reached: \(error)",
        remedy: "bring it up; if it is gone for good: --without-source")
    }
  }

  private func timed(
    _ layer: ValidationLayer, _ scope: ValidationScope, _ source: (any RowReader)?,
    _ snapshot: Snapshot
  ) throws -> LayerResult {
    tell(layer.rawValue)
    let start = ContinuousClock.now
    var result = try run(layer, scope, source, snapshot)
    result.duration = ContinuousClock.now - start
    return result
  }

  private func run(
    _ layer: ValidationLayer, _ scope: ValidationScope, _ source: (any RowReader)?,
    _ snapshot: Snapshot
  ) throws -> LayerResult {
    switch layer {
    case .counts: return try CountsLayer(scope: scope, sourceCount: sourceCount(source)).run()
    case .references: return try ReferencesLayer(scope: scope).run()
    case .types: return try TypesLayer(scope: scope).run()
    case .rules: return try RulesLayer(scope: scope).run()
    case .records:
      guard let source else {
        var result = LayerResult(.records)
        result.reasonNotRun = "the source is said to be gone (--without-source)"
        return result
      }
      return try RecordsLayer(
        scope: scope, source: source, comparer: try openComparer()
      ).run(seeing: snapshot)
    }
  }

  private func sourceCount(_ source: (any RowReader)?) -> ((Feed) throws -> Int)? {
    guard let source else { return nil }
    return { feed in
      let found = try source.find(feed, schema: request.plan.source.schema, condition: nil)
      return try source.count(found, each: feed.each)
    }
  }
}

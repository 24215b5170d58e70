import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// References among tables that refer to themselves or to each other in a circle.
///
/// While such a table is loaded, the row that is referred to may still come. So the references are
/// looked after when all tables of the circle are loaded, and before the foreign keys come back. So are
/// columns that are copied as they are, while their foreign key is off and can't refuse a row.
struct LateReferences {
  struct Reference: Hashable {
    /// The place of the table that refers in the circle, and of the one that is referred to.
    let from: Int
    let to: Int
    let column: String
    let result: String
    let orphan: FailurePolicy
  }

  /// The tables of the circle, in the order of loading; behind them others that they refer to.
  private(set) var tables: [PostgresTable]
  private(set) var references: [Reference]
  /// For each table, one more with rows that it will have; only in a dry run.
  var rehearsed: [String?] = []

  /// - Parameter keys: foreign keys that are off their tables.
  init(
    _ circle: [TablePlan], _ target: Connection, schema: String, keys: [CopiedKey] = []
  ) throws {
    var tables: [PostgresTable] = []
    for plan in circle {
      let live = try CatalogReader(target).table(schema: schema, named: plan.name)
      tables.append(
        live ?? PostgresTable(schema: schema, name: plan.name, columns: [], primaryKey: []))
    }
    var references: [Reference] = []
    // The references of a merged table are looked after when its rows are merged.
    for (from, plan) in circle.enumerated() where plan.merge == nil {
      for rule in plan.feeds.flatMap(\.columns) {
        for reference in rule.rule.references {
          guard let to = circle.firstIndex(where: { $0.name == reference.table }) else { continue }
          let isRequired = tables[from][rule.column]?.isNotNull ?? false
          let found = Reference(
            from: from, to: to, column: rule.column, result: reference.result,
            orphan: isRequired && reference.orphan == .null ? .quarantine : reference.orphan)
          if !references.contains(found) { references.append(found) }
        }
      }
    }
    (self.tables, self.references) = (tables, references)
    for key in keys { try add(key, circle, target) }
    rehearsed = self.tables.map { _ in nil }
  }

  /// Adds what a foreign key would refuse, if the plan copies its column. What was looked up is there.
  private mutating func add(_ key: CopiedKey, _ circle: [TablePlan], _ target: Connection) throws {
    guard let from = circle.indices.first(where: { tables[$0].qualifiedName == key.table }),
      circle[from].merge == nil,
      circle[from].feeds.flatMap(\.columns).contains(where: {
        $0.column == key.column && !$0.rule.isLookup(of: key.referenced.name)
      }),
      !references.contains(where: { $0.from == from && $0.column == key.column })
    else { return }
    let to =
      try tables.firstIndex { $0.qualifiedName == key.referenced } ?? append(key.referenced, target)
    references.append(
      Reference(from: from, to: to, column: key.column, result: key.result, orphan: .quarantine))
  }

  private mutating func append(_ name: QualifiedName, _ target: Connection) throws -> Int {
    tables.append(
      try CatalogReader(target).table(schema: name.schema, named: name.name)
        ?? PostgresTable(schema: name.schema, name: name.name, columns: [], primaryKey: []))
    return tables.count - 1
  }
}

extension MigrationRun {
  /// Looks after the references of a circle, once the last of its tables is loaded.
  ///
  /// - Parameter copied: foreign keys that are off their tables.
  func checkLateReferences(
    _ plan: TablePlan, _ work: TableWork, _ copied: [CopiedKey], _ keeper: RunKeeper
  ) throws {
    guard let session else { return }
    let names = PlanOrder(request.plan.tables).circle(of: plan.name)
    let circle = names.compactMap { name in request.plan.tables.first { $0.name == name } }
    let chosen = Set(try chosenTables().map(\.name))
    // Set at the first try: a later one may find that the commit of an earlier one has happened.
    var (lastQuarantined, hasOrphans): (Int?, Bool) = (nil, false)
    try keeper.steadily(plan.name) { ledger in
      let states = try ledger.tables(session: session.id)
      let isLast = states.allSatisfy { state in
        !names.contains(state.name) || state.name == plan.name || state.status == .done
          || (request.dryRun && !chosen.contains(state.name))
      }
      let keys = request.dryRun ? copied : copied.filter { isSettled($0, states) }
      var late = try LateReferences(
        circle, ledger.connection, schema: request.plan.target.schema, keys: keys)
      guard isLast, !late.references.isEmpty else { return }
      observer(.preparing(table: plan.name, step: "references"))
      // Rows are distinguished by their primary key, which may be off for the load.
      let hadNoKey = try restoreKey(of: work, session, ledger)
      if hadNoKey {
        late = try LateReferences(
          circle, ledger.connection, schema: request.plan.target.schema, keys: keys)
      }
      if lastQuarantined == nil { lastQuarantined = try ledger.lastQuarantined() }
      late.rehearsed = try late.tables.map { try rehearsal?.rows(of: $0.name, ledger.connection) }
      try ledger.atomically {
        let search = OrphanSearch(
          late: late, ledger: ledger, states: states, isDryRun: request.dryRun,
          fingerprintKey: session.fingerprintKey)
        let orphans = try search.run()
        guard orphans.contains(where: { $0 > 0 }) else { return }
        try search.requireKeys(orphans)
        hasOrphans = true
        for (place, count) in orphans.enumerated() where count > 0 {
          let isOwn = circle[place].name == plan.name && !hadNoKey
          try OrphanQuarantine(
            work: isOwn ? work : try self.work(of: circle[place], states, session, ledger),
            ledger: ledger, source: source, orphans: OrphanSearch.name(place), count: count
          ).run()
        }
        // Later tables refer to earlier ones by foreign keys that may be in place.
        for (place, count) in orphans.enumerated().reversed() where count > 0 {
          try search.delete(place, count)
        }
      }
    }
    guard hasOrphans, let lastQuarantined else { return }
    keeper.earlierTablesChanged()
    for table in circle { keeper.tellErrorLog(of: table.name, after: lastQuarantined) }
  }

  /// The foreign keys that are off, or that a dry run has to do without.
  func copiedKeys(_ work: TableWork, _ suspended: [SetAsideObject]) -> [CopiedKey] {
    guard request.dryRun else { return suspended.compactMap(CopiedKey.init) }
    return work.copiesOwnKeys
      ? work.target.foreignKeys.compactMap { CopiedKey($0, of: work.target) } : []
  }

  /// Whether rows of a table may refer to rows that came after them.
  func mayHaveLateReferences(_ plan: TablePlan, _ copied: [CopiedKey]) -> Bool {
    plan.referencedTables.contains(plan.name) || !copied.isEmpty
      || PlanOrder(request.plan.tables).circle(of: plan.name).count > 1
  }

  /// Whether a foreign key refers to a table that no more rows come into.
  private func isSettled(_ key: CopiedKey, _ states: [TableState]) -> Bool {
    key.referenced == key.table || key.referenced.schema != request.plan.target.schema
      || states.allSatisfy { $0.name != key.referenced.name || $0.status == .done }
  }

  /// Restores the table's primary key if it is suspended; returns whether it was.
  private func restoreKey(
    of work: TableWork, _ session: Session, _ ledger: Ledger
  ) throws -> Bool {
    guard !request.dryRun,
      try SetAside(ledger).pendingRestores().contains(where: {
        $0.kind == .primaryKey && $0.table == work.name
      })
    else { return false }
    observer(.preparing(table: work.plan.name, step: "indexes"))
    try tableFinish(work, session, 2, ledger).restore(.indexes(of: work.name))
    return true
  }

  private func work(
    of plan: TablePlan, _ states: [TableState], _ session: Session, _ ledger: Ledger
  ) throws -> TableWork {
    guard let state = states.first(where: { $0.name == plan.name }) else {
      throw MigrationError(.failed, "the session has no table \(plan.name)")
    }
    return try preparation(plan, session).prepare(plan, state, ledger)
  }
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Late references of a circle, when the last of its tables is loaded.
extension TableMove {
  /// Looks after the references of a circle, once the last of its tables is loaded.
  ///
  /// - Parameter copied: foreign keys that are off their tables.
  func checkLateReferences(_ work: TableWork, _ copied: [CopiedKey]) throws {
    let session = active.session
    let names = PlanOrder(request.plan.tables).circle(of: plan.name)
    let circle = names.compactMap { name in request.plan.tables.first { $0.name == name } }
    let chosen = Set(active.tables.map(\.name))
    // Set at the first try: a later one may find that the commit of an earlier one has happened.
    var (lastQuarantined, hasOrphans): (Int?, Bool) = (nil, false)
    try connection.retryOnConnectionLoss(plan.name) { ledger in
      let states = try ledger.tables(session: session.id)
      let isLast = states.allSatisfy { state in
        !names.contains(state.name) || state.name == plan.name || state.status == .done
          || (request.dryRun && !chosen.contains(state.name))
      }
      let keys = request.dryRun ? copied : copied.filter { isSettled($0, states) }
      var late = try LateReferences(
        circle, ledger.connection, schema: request.plan.target.schema, keys: keys)
      guard isLast, !late.references.isEmpty else { return }
      tools.observer(.preparing(table: plan.name, step: "references"))
      // Rows are distinguished by their primary key, which may be off for the load.
      let hadNoKey = try restoreKey(of: work, ledger)
      if hadNoKey {
        late = try LateReferences(
          circle, ledger.connection, schema: request.plan.target.schema, keys: keys)
      }
      if lastQuarantined == nil { lastQuarantined = try ledger.lastQuarantined() }
      late.rehearsed = try late.tables.map {
        try active.rehearsal?.rows(of: $0.name, ledger.connection)
      }
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
            work: isOwn ? work : try self.work(of: circle[place], states, ledger),
            ledger: ledger, source: tools.source, orphans: OrphanSearch.name(place), count: count
          ).run()
        }
        // Later tables refer to earlier ones by foreign keys that may be in place.
        for (place, count) in orphans.enumerated().reversed() where count > 0 {
          try search.delete(place, count)
        }
      }
    }
    guard hasOrphans, let lastQuarantined else { return }
    active.supervisor.checkpoints.earlierTablesChanged()
    for table in circle {
      active.supervisor.tellErrorLog(of: table.name, after: lastQuarantined)
    }
  }

  /// The foreign keys that are off, or that a dry run has to do without.
  func copiedKeys(_ work: TableWork, _ suspended: [SuspendedObject]) -> [CopiedKey] {
    guard request.dryRun else { return suspended.compactMap(CopiedKey.init) }
    return work.copiesOwnKeys
      ? work.target.foreignKeys.compactMap { CopiedKey($0, of: work.target) } : []
  }

  /// Whether rows of a table may refer to rows that came after them.
  func mayHaveLateReferences(_ copied: [CopiedKey]) -> Bool {
    plan.referencedTables.contains(plan.name) || !copied.isEmpty
      || PlanOrder(request.plan.tables).circle(of: plan.name).count > 1
  }

  /// Whether a foreign key refers to a table that no more rows come into.
  private func isSettled(_ key: CopiedKey, _ states: [TableState]) -> Bool {
    key.referenced == key.table || key.referenced.schema != request.plan.target.schema
      || states.allSatisfy { $0.name != key.referenced.name || $0.status == .done }
  }

  /// Restores the table's primary key if it is suspended; returns whether it was.
  private func restoreKey(of work: TableWork, _ ledger: Ledger) throws -> Bool {
    guard !request.dryRun,
      try SuspendedObjects(ledger).pendingRestores().contains(where: {
        $0.kind == .primaryKey && $0.table == work.name
      })
    else { return false }
    tools.observer(.preparing(table: plan.name, step: "indexes"))
    try tableFinish(work, 2, ledger).restore(.indexes(of: work.name))
    return true
  }

  private func work(
    of plan: TablePlan, _ states: [TableState], _ ledger: Ledger
  ) throws -> TableWork {
    guard let state = states.first(where: { $0.name == plan.name }) else {
      throw MigrationError(.failed, "table \(plan.name) is not in the session")
    }
    return try preparation(of: plan).prepare(plan, state, ledger)
  }
}

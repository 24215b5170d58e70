import Postgres

/// Which session a run is part of, and which tables it moves.
extension MigrationRun {
  /// The tables that were asked for, in the order of loading.
  func chosenTables() throws -> [TablePlan] {
    let all = PlanOrder(request.plan.tables).tables
    guard let names = request.tables else { return all }
    for name in names where !all.contains(where: { $0.name == name || $0.command == name }) {
      let known = all.map(\.name)
      throw MigrationError(
        .configuration, "the plan \(request.plan.name) has no table \(name)",
        remedy: nearest(to: name, in: known).map { "did you mean \($0)?" }
          ?? "it has: \(known.joined(separator: ", "))")
    }
    return all.filter { names.contains($0.name) || names.contains($0.command) }
  }

  /// Opens a session, goes on with the open one, or returns the one that is complete already.
  func openSession(_ ledger: Ledger) throws -> Session {
    let name = request.sessionName
    let open = try ledger.openSession(named: name)
    if open == nil, !request.fresh, let last = try ledger.latestSession(named: name),
      last.status == .completed, last.planHash == request.plan.hash
    {
      return last
    }
    if open == nil || request.fresh {
      if request.fresh { try beginAnew(ledger, instead: open) }
      try mendTarget(ledger)
    }
    let session = try ledger.openSession(
      SessionRequest(
        name: name, plan: request.plan.name, planHash: request.plan.hash, fresh: request.fresh))
    if open?.id != session.id { try MergeStaging.dropLeftovers(ledger) }
    return session
  }

  /// Puts back what a run that never ended took off the target's tables.
  private func mendTarget(_ ledger: Ledger) throws {
    guard !request.dryRun, try !SetAside(ledger).pendingRestores().isEmpty else { return }
    observer(.warning("indexes or constraints of an earlier run are still set aside; restoring"))
    try restoreAll(ledger)
  }

  /// Empties the tables, and gives up the session that thinks they are full, both or neither.
  ///
  /// That comes before anything is put back: what is in its way may be the rows that are to go.
  private func beginAnew(_ ledger: Ledger, instead open: Session?) throws {
    try ledger.atomically {
      try clearTables(ledger)
      if let open { try ledger.endSession(open.id, as: .abandoned) }
    }
  }

  /// Starting over means that the tables are empty: their rows would all be duplicates else.
  private func clearTables(_ ledger: Ledger) throws {
    let schema = request.plan.target.schema
    let chosen = try chosenTables().map { QualifiedName(schema: schema, name: $0.name) }
    let names = try chosen.map { try $0.quoted() }
    let filled = try names.filter { try hasRows($0, ledger) }
    guard !filled.isEmpty else { return }
    guard request.emptiesTables else {
      throw MigrationError(
        .failed,
        "a fresh start needs empty tables, and there are rows in "
          + filled.joined(separator: ", "),
        reason: "notEmpty",
        remedy: "empty them with --empty-tables, or go on with the session: migrate run --resume")
    }
    try refuseToStrand(chosen, ledger)
    try ledger.connection.execute("TRUNCATE " + names.joined(separator: ", "))
  }

  /// A foreign key that is off its table can't refuse what it would refuse.
  private func refuseToStrand(_ emptied: [QualifiedName], _ ledger: Ledger) throws {
    for key in try SetAside(ledger).pendingRestores() where key.kind == .foreignKey {
      guard let referenced = key.details.referenced, emptied.contains(referenced),
        !emptied.contains(key.table), try hasRows(try key.table.quoted(), ledger)
      else { continue }
      throw MigrationError(
        .failed,
        "rows of \(key.table) refer to \(referenced), which would be emptied without them (the foreign key "
          + "\(key.name) is set aside)",
        reason: "notEmpty", remedy: "start over with both tables")
    }
  }

  private func hasRows(_ name: String, _ ledger: Ledger) throws -> Bool {
    try ledger.connection.query("SELECT EXISTS (SELECT FROM \(name))").bool(0, 0) == true
  }

  /// A table whose rows are looked up must be there before the rows that refer to it.
  func checkPrerequisites(_ tables: [TablePlan], _ states: [TableState]) throws {
    guard !request.force else { return }
    let done = Set(states.filter { $0.status == .done }.map(\.name))
    let coming = Set(tables.map(\.name))
    for table in tables {
      let missing = table.referencedTables.subtracting(done).subtracting(coming)
      guard let first = missing.sorted().first else { continue }
      let command = request.plan.tables.first { $0.name == first }?.command ?? first
      throw MigrationError(
        .failed,
        "\(table.name) refers to \(missing.sorted().joined(separator: ", ")), "
          + "which is not migrated yet",
        reason: "prerequisite",
        remedy: "migrate \(command) first, or go on without it: --force")
    }
  }
}

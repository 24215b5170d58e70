import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Which session a run is part of, and which tables it moves.
extension MigrationRun {
  /// The tables that were asked for, in the order of loading.
  func chosenTables() throws -> [TablePlan] { try Self.chosenTables(of: request) }

  static func chosenTables(of request: RunRequest) throws -> [TablePlan] {
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

  /// Opens a session, continues with the open one, or returns the one that is complete already.
  package func openSession(_ ledger: Ledger) throws -> Session {
    let name = request.sessionName
    let open = try ledger.openSession(named: name)
    if open == nil, !request.fresh, let last = try completeSession(ledger) { return last }
    try settleOthers(ledger)
    try refuseEarlierRows(ledger, open: open)
    if open == nil || request.fresh {
      try requireReadiness(chosenTables(), ledger)
      if request.fresh { try beginAnew(ledger, instead: open) }
      try mendTarget(ledger)
    }
    let session = try ledger.openSession(
      SessionRequest(request.plan, name: name, fresh: request.fresh))
    _ = try context(session)
    if open?.id != session.id {
      for words in try MergeStaging.dropLeftovers(ledger) { observer(.warning(words)) }
    }
    return session
  }

  /// A plan has one unfinished session at a time: a part and the whole would load the same rows, and each would take
  /// the other's for rows that were there before.
  private func settleOthers(_ ledger: Ledger) throws {
    guard !request.dryRun else { return }
    let others = try ledger.openSessions(ofPlan: request.plan.name, besides: request.sessionName)
    // What begins again as a whole gives the parts up.
    guard let other = others.last, request.isPart || !request.fresh else { return }
    throw MigrationError(
      .failed, "\(other.label) of \(other.plan) is not finished", reason: "sessionOpen",
      remedy: "go on with it: migrate resume; or give it up, with its rows left in the target: "
        + "migrate session stop \(other.id) --abandon")
  }

  /// The newest session of this plan, if it is complete and nothing is left to do.
  func completeSession(_ ledger: Ledger) throws -> Session? {
    guard let last = try ledger.latestSession(named: request.sessionName),
      last.status == .completed, last.isOf(hash: request.plan.hash, meaning: request.plan.meaning)
    else { return nil }
    return last
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
      if request.emptiesTables {
        try ledger.forgetParts(ofPlan: request.plan.name, in: try chosenTables().map(\.name))
      }
      guard !request.isPart else { return }
      for part in try ledger.openSessions(ofPlan: request.plan.name, besides: request.sessionName) {
        try ledger.endSession(part.id, as: .abandoned)
      }
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
    try EmptiedTables.refuseOthers(chosen, ledger.connection)
    try refuseToStrand(chosen, ledger)
    try refuseToForget(ledger)
    try ledger.connection.executeOnOwnPath("TRUNCATE " + names.joined(separator: ", "))
    try ledger.noteEmptied(chosen.map(\.name), schema: schema)
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

  /// The migration as a whole counts on its rows: a part must not empty them away.
  private func refuseToForget(_ ledger: Ledger) throws {
    guard request.isPart, let whole = try ledger.latestSession(named: request.plan.name),
      whole.status == .completed
    else { return }
    let names = Set(try chosenTables().map(\.name))
    let filled = try ledger.balance(session: whole.id)
      .filter { names.contains($0.table) && $0.inTarget > 0 }.map(\.table)
    guard !filled.isEmpty else { return }
    throw MigrationError(
      .failed,
      "\(filled.joined(separator: ", ")) would be emptied of the rows of \(whole.label), which is completed",
      reason: "notEmpty",
      remedy: "take them out first: migrate rollback --session \(whole.id)")
  }

  private func hasRows(_ name: String, _ ledger: Ledger) throws -> Bool {
    try ledger.connection.query("SELECT EXISTS (SELECT FROM \(name))").bool(0, 0) == true
  }

  /// A table whose rows are looked up must be there before the rows that refer to it.
  func checkPrerequisites(
    _ tables: [TablePlan], _ states: [TableState], _ ledger: Ledger
  ) throws {
    guard !request.force else { return }
    var done = Set(states.filter { $0.status == .done }.map(\.name))
    // For a part, what the migration as a whole has loaded is there.
    if request.isPart, let whole = try ledger.latestSession(named: request.plan.name) {
      done.formUnion(
        try ledger.tables(session: whole.id).filter { $0.status == .done }.map(\.name))
    }
    let coming = Set(tables.map(\.name))
    for table in tables {
      let missing = table.referencedTables.subtracting(done).subtracting(coming)
      guard let first = missing.sorted().first else { continue }
      let command = request.plan.tables.first { $0.name == first }?.command ?? first
      throw MigrationError(
        .prerequisite,
        "\(table.name) refers to \(missing.sorted().joined(separator: ", ")), "
          + "which is not migrated yet",
        remedy: "migrate \(command) first, or go on without it: --force")
    }
  }
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Which session a run is part of.
extension RunOpening {
  /// Opens a session, continues with the open one, or returns the one that is complete already.
  func chooseSession() throws -> Session {
    let name = request.sessionName
    let open = try ledger.openSession(named: name)
    if open == nil, !request.fresh, let last = try completeSession() { return last }
    try settleOthers()
    try refuseEarlierRows(open: open)
    if open == nil || request.fresh {
      try requireReadiness(tables)
      if request.fresh { try beginAnew(instead: open) }
      try restoreLeftovers()
    }
    let session = try ledger.openSession(
      SessionRequest(request.plan, name: name, fresh: request.fresh))
    _ = try request.plan.context(writing: session)
    if open?.id != session.id {
      for words in try MergeStaging.dropLeftovers(ledger) { tools.warn(words) }
    }
    return session
  }

  /// A plan has one unfinished session at a time: a part and the whole would load the same rows, and each would take
  /// the other's for rows that were there before.
  private func settleOthers() throws {
    guard !request.dryRun else { return }
    let others = try ledger.openSessions(ofPlan: request.plan.name, besides: request.sessionName)
    // What begins again as a whole gives the parts up.
    guard let other = others.last, request.isPart || !request.fresh else { return }
    throw MigrationError(
      .failed, "\(other.label) of \(other.plan) is not finished", reason: "sessionOpen",
      remedy: "continue it: migrate resume; or abandon it and leave its rows in the target: "
        + "migrate session stop \(other.id) --abandon")
  }

  /// The newest session of this plan, if it is complete and nothing is left to do.
  func completeSession() throws -> Session? {
    guard let last = try ledger.latestSession(named: request.sessionName),
      last.status == .completed, last.isOf(hash: request.plan.hash, meaning: request.plan.meaning)
    else { return nil }
    return last
  }

  /// Puts back what a run that never ended took off the target's tables.
  private func restoreLeftovers() throws {
    guard !request.dryRun, try !SuspendedObjects(ledger).pendingRestores().isEmpty else { return }
    tools.warn("indexes or constraints of an earlier run are still suspended; restoring")
    try Restoration.restoreEverything(ledger)
  }

  /// Empties the tables, and gives up the session that thinks they are full, both or neither.
  ///
  /// That comes before anything is put back: what is in its way may be the rows that are to go.
  private func beginAnew(instead open: Session?) throws {
    try ledger.atomically {
      try clearTables()
      if let open { try ledger.endSession(open.id, as: .abandoned) }
      if request.emptiesTables {
        try ledger.forgetParts(ofPlan: request.plan.name, in: tables.map(\.name))
      }
      guard !request.isPart else { return }
      for part in try ledger.openSessions(ofPlan: request.plan.name, besides: request.sessionName) {
        try ledger.endSession(part.id, as: .abandoned)
      }
    }
  }

  /// Starting over means that the tables are empty: their rows would all be duplicates else.
  private func clearTables() throws {
    let schema = request.plan.target.schema
    let chosen = tables.map { QualifiedName(schema: schema, name: $0.name) }
    let filled = try ledger.filled(chosen)
    guard !filled.isEmpty else { return }
    guard request.emptiesTables else {
      throw MigrationError(
        .failed,
        "a fresh start needs empty tables, and these have rows: "
          + chosen.filter { filled.contains($0.name) }.map(\.description).joined(separator: ", "),
        reason: "notEmpty",
        remedy: "empty them with --empty-tables, or continue the session: migrate run --resume")
    }
    try EmptiedTables.refuseOthers(chosen, ledger.connection)
    try requireNoOrphans(chosen)
    try refuseToForget()
    try ledger.connection.executeOnOwnPath(
      "TRUNCATE " + chosen.map { try $0.quoted() }.joined(separator: ", "))
    try ledger.noteEmptied(chosen.map(\.name), schema: schema)
  }

  /// A foreign key that is off its table can't refuse what it would refuse.
  private func requireNoOrphans(_ emptied: [QualifiedName]) throws {
    for key in try SuspendedObjects(ledger).pendingRestores() where key.kind == .foreignKey {
      guard let referenced = key.details.referenced, emptied.contains(referenced),
        !emptied.contains(key.table), try !ledger.filled([key.table]).isEmpty
      else { continue }
      throw MigrationError(
        .failed,
        "rows of \(key.table) would become orphans if only \(referenced) is emptied (the foreign key "
          + "\(key.name) is suspended)",
        reason: "notEmpty", remedy: "start over with both tables")
    }
  }

  /// The migration as a whole counts on its rows: a part must not empty them away.
  private func refuseToForget() throws {
    guard request.isPart, let whole = try ledger.latestSession(named: request.plan.name),
      whole.status == .completed
    else { return }
    let names = Set(tables.map(\.name))
    let filled = try ledger.balance(session: whole.id)
      .filter { names.contains($0.table) && $0.inTarget > 0 }.map(\.table)
    guard !filled.isEmpty else { return }
    throw MigrationError(
      .failed,
      "this would delete rows of the completed \(whole.label) from \(filled.joined(separator: ", "))",
      reason: "notEmpty",
      remedy: "roll it back first: migrate rollback --session \(whole.id)")
  }

  /// A table whose rows are looked up must be there before the rows that refer to it.
  func checkPrerequisites(_ states: [TableState]) throws {
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
        remedy: "run migrate \(command) first, or continue without it: --force")
    }
  }
}

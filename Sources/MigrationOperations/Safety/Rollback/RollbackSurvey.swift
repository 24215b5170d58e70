import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// What a rollback finds before it touches anything: tables, rows, what is in the way, the order.
struct RollbackSurvey {
  /// Tables that are emptied in one transaction.
  struct Group {
    let tables: [RollbackTable]
    /// Whether every row of every table is the migration's, and no other table refers to one.
    let isEmptied: Bool
  }

  let request: RollbackRequest
  let ledger: Ledger
  let session: Session
  let foreignKeys: [ForeignKeyEnds]
  private(set) var tables: [RollbackTable] = []
  private(set) var groups: [Group] = []
  private(set) var shown: [RollbackPreview.Table] = []
  private(set) var obstacles: [RollbackObstacle] = []
  /// How many rows of the session each table has, by the ledger's number of the table.
  private(set) var counts: [TableID: RollbackTable.Counts] = [:]
  private var findings: [TableID: ChangedRows.Finding] = [:]
  /// Rows that earlier rollbacks kept, and those of them that were not written since the session's first
  /// transaction.
  private(set) var kept: [TableID: (count: Int, old: Int)] = [:]

  /// Checks some tables of a session.
  init(
    _ request: RollbackRequest, _ ledger: Ledger, _ session: Session, chosen: [ChosenTable]
  ) throws {
    (self.request, self.ledger, self.session) = (request, ledger, session)
    try ledger.requireOwnOrigin()
    let span = try ledger.idSpan(session: session.id)
    try ledger.requireTellableRows(span, session: session.id)
    let schema = request.plan.target.schema
    let live = try CatalogReader(ledger.connection).tables(
      schema: schema, named: chosen.map(\.state.name))
    for table in chosen {
      let state = table.state
      guard let plan = request.plan.tables.first(where: { $0.name == state.name }),
        let live = live.first(where: { $0.name == state.name })
      else { throw Self.gone(state.name, schema) }
      let rows = SessionRows(ledger: ledger, table: state.id, span: span, since: table.since)
      tables.append(RollbackTable(state: state, plan: plan, live: live, rows: rows))
    }
    foreignKeys = try ForeignKeyEnds.leading(to: tables.map(\.name), ledger)
    try look(chosen)
  }

  private mutating func look(_ chosen: [ChosenTable]) throws {
    let progress = try ledger.progress(session: session.id)
    obstacles = RollbackDependents.tables(
      leftBehind: progress, by: chosen.filter { $0.since == nil }.map(\.state), request.plan)
    var expected = try expectedRows()
    for table in tables {
      try table.requireOwnTransactions(ledger)
      let found = try table.counts(ledger.connection)
      counts[table.state.id] = found
      guard table.rows.since != nil else { continue }
      // Of a part, the row counts of the whole table show whether anything was changed.
      if try found.foreign > 0
        && table.whole.counts(ledger.connection).own
          < expected[table.state.id] ?? 0
      {
        findings[table.state.id] = .unknown(
          "a part of the table remains, and a changed row cannot be assigned to a part")
      }
      expected[table.state.id] = found.own
    }
    let suspects = tables.filter { table in
      guard let counts = counts[table.state.id] else { return false }
      return counts.foreign > 0 && counts.own < expected[table.state.id] ?? 0
    }
    let found = try ChangedRows(request: request, ledger: ledger, session: session)
      .find(in: suspects)
    findings.merge(found) { first, _ in first }
    for table in suspects { doubt(table, expected) }
    if request.force { try addKept() }
    decideOnChanged()
    obstacles += tables.compactMap { nothingToRemove($0, expected) }
    try ledger.connection.inTransaction {
      for table in tables where table.takesChanged { try table.placeChanged(ledger.connection) }
      let dependents = RollbackDependents(
        ledger: ledger, tables: tables, foreignKeys: foreignKeys)
      // Of a table that has to be rolled back too, each single row need not be reported.
      let named = Set(obstacles.filter { $0.count == 0 }.map(\.table))
      obstacles += try dependents.rows(referringTo: tables).filter { !named.contains($0.table) }
    }
    obstacles += try RollbackRules.obstacles(tables)
    groups = try makeGroups()
    for table in groups.flatMap(\.tables) { shown.append(try show(table, expected)) }
  }

  /// How many rows of each table should be in the target by the row counts.
  private func expectedRows() throws -> [TableID: Int] {
    let sheets = try ledger.balance(session: session.id)
    var expected: [TableID: Int] = [:]
    for table in tables {
      // Rows of a merged table wait elsewhere until all of them are there.
      let isStaged = try table.plan.merge != nil && ledger.mergeTotals(table: table.state.id) == nil
      let sheet = sheets.first { $0.table == table.state.name }
      expected[table.state.id] = isStaged ? 0 : sheet?.inTarget ?? 0
    }
    return expected
  }

  /// If more rows have keys of the source than were loaded, some of them are not the migration's.
  private mutating func doubt(_ table: RollbackTable, _ expected: [TableID: Int]) {
    let id = table.state.id
    guard case .found(let changed, let touched)? = findings[id], let own = counts[id]?.own,
      own + changed + touched > expected[id] ?? 0
    else { return }
    findings[id] = .unknown(
      "the table has more rows with keys of the source than the migration loaded")
  }

  /// Counts rows that an earlier rollback kept among those that others changed.
  private mutating func addKept() throws {
    for table in tables {
      var touched: Int?
      switch findings[table.state.id] {
      case .unknown: continue
      case .found(_, let count): touched = count
      case nil: break
      }
      guard let kept = try table.addKept(ledger, isBegun: touched != nil),
        touched != nil || kept.changed > 0
      else { continue }
      findings[table.state.id] = .found(changed: kept.changed, touched: touched ?? 0)
      self.kept[table.state.id] = (kept.kept, kept.old)
    }
  }

  private mutating func decideOnChanged() {
    for index in tables.indices {
      switch findings[tables[index].state.id] {
      case .found(let changed, let touched):
        tables[index].takesOthers = request.force && changed > 0
        tables[index].takesChanged = touched > 0 || tables[index].takesOthers
      case .unknown(let why) where request.force:
        obstacles.append(
          RollbackObstacle(
            table: tables[index].state.name,
            what:
              "cannot distinguish changed rows of \(tables[index].name) from rows of "
              + "others: \(why)", count: 0, examples: [],
            remedy: "without --force, all of these rows are kept and listed"))
      case .unknown, nil: break
      }
    }
  }

  /// A table of whose rows none would go, although the ledger has rows that were loaded and others
  /// are there: a change of its definition, or of each row, has written them again.
  private func nothingToRemove(_ table: RollbackTable, _ expected: [TableID: Int])
    -> RollbackObstacle?
  {
    guard let counts = counts[table.state.id], let loaded = expected[table.state.id], loaded > 0,
      counts.own == 0, counts.foreign > 0, !table.takesChanged
    else { return nil }
    let remedy: String
    switch findings[table.state.id] {
    case .found(0, 0): return nil
    case .unknown(let why):
      remedy =
        "cannot identify the migration's rows (\(why)); fix the cause and pass --force, "
        + "or restore a backup"
    case .found, nil:
      remedy = "delete the rows whose keys are still in the source: --force"
    }
    return RollbackObstacle(
      table: table.state.name,
      what:
        "no row of \(table.name) has a transaction id of the migration, which loaded "
        + "\(CountText.of(loaded, "row")): all rows were changed, or ALTER TABLE rewrote them",
      count: loaded,
      examples: [], remedy: remedy)
  }

  /// How many rows were changed by others.
  private func changedCount(_ table: RollbackTable) -> Int {
    if case .found(let changed, _)? = findings[table.state.id] { changed } else { 0 }
  }

  /// How many rows were changed by triggers in transactions of the migration.
  private func touchedCount(_ table: RollbackTable) -> Int {
    if case .found(_, let touched)? = findings[table.state.id] { touched } else { 0 }
  }

  /// How many rows go that were changed.
  func takenCount(_ table: RollbackTable) -> Int {
    touchedCount(table) + (table.takesOthers ? changedCount(table) : 0)
  }

  private func show(
    _ table: RollbackTable, _ expected: [TableID: Int]
  ) throws -> RollbackPreview.Table {
    let counts = counts[table.state.id] ?? RollbackTable.Counts(all: 0, own: 0, foreign: 0)
    let (changed, touched) = (changedCount(table), touchedCount(table))
    var untold: String?
    if case .unknown(let why)? = findings[table.state.id] { untold = why }
    return RollbackPreview.Table(
      name: table.state.name, rows: counts.own + takenCount(table),
      rowsBefore: try ledger.rowsBefore(table: table.state.id),
      isEmptied: groups.contains { $0.isEmptied && $0.tables.contains { $0.name == table.name } },
      changed: changed, changedKeys: try changedKeys(of: table, all: untold != nil), untold: untold,
      others: counts.foreign - changed - touched + (kept[table.state.id]?.old ?? 0),
      isPart: table.rows.since != nil,
      missing: max(0, (expected[table.state.id] ?? 0) - counts.own - changed - touched))
  }

  /// The keys of rows that others changed, or that may be such.
  func changedKeys(of table: RollbackTable, all: Bool) throws -> [String] {
    guard all || changedCount(table) > 0 else { return [] }
    let rows =
      all
      ? "SELECT \(try table.live.keyText("t")) FROM \(try table.live.ownRows()) t "
        + "WHERE \(table.rows.foreign("t"))"
      : "SELECT \(try table.live.keyText("t")) FROM \(ChangedRows.keysName(table.state.id)) t "
        + "WHERE NOT t.\(ChangedRows.touchedColumn)"
    return try ledger.connection.query(rows + " ORDER BY 1 LIMIT 1000").rows.compactMap {
      $0.text(0)
    }
  }

  private static func gone(_ table: String, _ schema: String) -> MigrationError {
    MigrationError(
      .coded(.schema), "the plan or the target no longer has table \(table)",
      place: "schema \(schema)",
      remedy: "use the plan that the migration started with, or omit the table: --tables")
  }
}

import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Finds the rows that are not in the target as the migration wrote them.
///
/// The fingerprints say which chunks do not add up; the source is read once more through the rules of
/// the plan to find which of their rows differ, and which are missing. What is found waits in temporary
/// tables of the ledger's connection.
struct CorruptedRows {
  let request: RollbackRequest
  let ledger: Ledger
  let session: Session
  let tell: (String) -> Void

  /// - Parameter names: the tables to check; nil checks all that are complete.
  func find(in names: [String]?) throws -> [CorruptedTable] {
    guard let bytes = session.fingerprintKey else {
      throw refusal("session \(session.id) is from a version without fingerprints")
    }
    try ledger.requireOwnOrigin()
    let options = RunOptions(session)
    guard options.rowLimit == nil, options.condition == nil else {
      throw refusal("the session loaded a part of the source (--limit, --where)")
    }
    let key = FingerprintKey(bytes)
    let live = try CatalogReader(ledger.connection).tables(
      schema: request.plan.target.schema, named: request.plan.tables.map(\.name))
    var found: [CorruptedTable] = []
    let complete = try ledger.tables(session: session.id).filter {
      $0.status == .done && names?.contains($0.name) ?? true
    }
    guard !complete.isEmpty else {
      throw refusal("no requested table is completely migrated")
    }
    for state in complete {
      guard let plan = request.plan.tables.first(where: { $0.name == state.name }),
        let live = live.first(where: { $0.name == state.name })
      else { throw refusal("the plan or the target no longer has table \(state.name)") }
      tell("reading back \(state.name)")
      if let table = try look(state, plan, live, key) { found.append(table) }
    }
    let wanted = found.filter { $0.untold == nil && !$0.judgement.differing.isEmpty }
    let told = try CorruptRowSearch(rows: self, key: key).tell(wanted)
    return try found.map { table in try told[table.state.id].map(counted) ?? table }
  }

  /// Returns nil for a table that is sound.
  private func look(
    _ state: TableState, _ plan: TablePlan, _ live: PostgresTable, _ key: FingerprintKey
  ) throws -> CorruptedTable? {
    let judgement = try Self.judgement(state, live, key, ledger)
    guard !judgement.isRewritten,
      !judgement.differing.isEmpty || judgement.strangers > 0
    else { return nil }
    var table = CorruptedTable(state, plan, live, judgement)
    table.strangers = judgement.strangers
    guard !judgement.differing.isEmpty else { return table }
    let fed = plan.feeds.allSatisfy { feed in
      live.primaryKey.allSatisfy { key in feed.columns.contains { $0.column == key } }
    }
    if judgement.book.isEmpty || !judgement.book.groups.allSatisfy({ $0.expected != nil }) {
      table.untold = "the ledger lacks some of its fingerprints"
    } else if plan.merge != nil {
      table.untold = "equal rows of its feeds are merged"
    } else if live.primaryKey.isEmpty || !fed || plan.feeds.contains(where: { $0.key.isEmpty }) {
      table.untold = "its rows have no key that the plan writes"
    }
    return table
  }

  static func judgement(
    _ state: TableState, _ live: PostgresTable, _ key: FingerprintKey, _ ledger: Ledger
  ) throws -> FingerprintJudgement {
    let book = try ledger.fingerprints(table: state.id)
    return FingerprintJudgement(
      book: book,
      tally: try FingerprintReading(book: book, key: key, table: live.ownRows()).run(
        ledger.connection),
      before: try ledger.rowsBefore(table: state.id) ?? 0)
  }

  /// The table with the numbers and keys of what was collected.
  private func counted(_ table: CorruptedTable) throws -> CorruptedTable {
    var table = table
    let foreign = "NOT (\(ledger.bearsOwn("t", table: table.state.id)))"
    let counts = try ledger.connection.query(
      """
      SELECT count(*) FILTER (WHERE place IS NOT NULL), count(*) FILTER (WHERE place IS NULL),
        (SELECT count(*) FROM \(try table.live.ownRows()) t WHERE \(foreign) AND \(table.goes("t")))
      FROM \(table.collection)
      """)
    (table.changed, table.gone) = (counts.int(0, 0) ?? 0, counts.int(0, 1) ?? 0)
    table.strangers = max(0, table.judgement.strangers - (counts.int(0, 2) ?? 0))
    table.keys = try ledger.connection.query(
      """
      SELECT shown || CASE WHEN place IS NULL THEN ' (gone)'
        ELSE ' (' || coalesce(columns, 'rewritten') || ')' END
      FROM \(table.collection) ORDER BY 1 LIMIT 1000
      """
    ).rows.compactMap { $0.text(0) }
    return table
  }

  private func refusal(_ why: String) -> MigrationError {
    MigrationError(
      .coded(.rollback), "cannot identify corrupted rows: \(why)", reason: "rowsUntellable",
      remedy: "see what differs: migrate validate --samples all; or roll whole tables back: "
        + "migrate rollback --tables …")
  }
}

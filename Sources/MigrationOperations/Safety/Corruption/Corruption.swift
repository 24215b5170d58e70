import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// What is done about rows that are not in the target as the migration wrote them.
package struct Corruption {
  private let request: RollbackRequest
  private let tables: [String]?
  private let ledger: Ledger
  private let tell: (String) -> Void

  private init(
    _ request: RollbackRequest, _ tables: [String]?, tell: @escaping (String) -> Void
  ) throws {
    (self.request, self.tables, self.tell) = (request, tables, tell)
    ledger = try request.openTarget()
  }

  private var finder: CorruptedRows {
    CorruptedRows(request: request, ledger: ledger, session: request.session, tell: tell)
  }

  /// What is found, and what is in the way of taking it out.
  package struct Survey: Sendable {
    package let tables: [CorruptedTable]
    package let obstacles: [RollbackObstacle]

    package var rows: Int { tables.reduce(0) { $0 + $1.rows } }
  }

  /// Looks, and changes nothing.
  package static func survey(
    _ request: RollbackRequest, tables: [String]?, tell: @escaping (String) -> Void
  ) throws -> Survey {
    try coded {
      let corruption = try Corruption(request, tables, tell: tell)
      try corruption.ledger.requireInstalled()
      return try corruption.survey()
    }
  }

  /// Enters the corrupted rows into the quarantine, as they are in the target, and leaves the target
  /// as it is. What an earlier look had entered of these tables is replaced.
  package static func setAside(
    _ request: RollbackRequest, tables: [String]?, tell: @escaping (String) -> Void
  ) throws -> [CorruptedTable] {
    try coded {
      let corruption = try Corruption(request, tables, tell: tell)
      try corruption.takeLock()
      return try corruption.ledger.connection.inTransaction { try corruption.note() }
    }
  }

  private func note() throws -> [CorruptedTable] {
    let found = try finder.find(in: tables)
    for table in try ledger.tables(session: request.session.id)
    where tables?.contains(table.name) ?? true {
      try ledger.forgetCorrupted(table: table.id)
    }
    for table in found where table.rows > 0 {
      try ledger.enterCorrupted(table, as: .corrupted)
    }
    return found
  }

  /// Deletes the corrupted rows from the target, so that a retry loads them again from the source.
  ///
  /// One transaction: all of them are deleted, or none.
  ///
  /// - Parameter confirm: is shown what would be done, and throws if that is not wanted.
  package static func takeOut(
    _ request: RollbackRequest, tables: [String]?, confirm: (Survey) throws -> Void,
    tell: @escaping (String) -> Void
  ) throws -> [CorruptedTable] {
    try coded { try Corruption(request, tables, tell: tell).takeOut(confirm) }
  }

  private func takeOut(_ confirm: (Survey) throws -> Void) throws -> [CorruptedTable] {
    try takeLock()
    let survey = try self.survey()
    guard survey.obstacles.isEmpty else { throw RollbackObstacle.failure(survey.obstacles) }
    guard survey.rows > 0 else { return survey.tables }
    try confirm(survey)
    let taken = try CorruptionRemoval(
      request: request, ledger: ledger, shown: survey.tables, find: { try finder.find(in: $0) }
    ).run()
    rewriteFiles()
    return taken
  }

  /// Gives a failure of a server its code, and says that nothing was changed: all is one transaction.
  private static func coded<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch {
      guard let failure = error as? PostgresError else {
        throw RunFailure.of(error, place: "search for corrupted rows")
      }
      let code = RunFailure.code(of: failure)
      throw MigrationError(
        .coded(code == .connection || code == .timeout ? code : .rollback), failure.description,
        reason: failure.sqlState?.code,
        remedy: "nothing was changed; fix the cause and try again")
    }
  }

  private func takeLock() throws {
    try ledger.install()
    try ledger.lock(waitingFor: request.identity.host, tell: tell)
    try ledger.requireNoRollback()
    _ = try ledger.loseRuns()
  }

  private func survey() throws -> Survey {
    let found = try finder.find(in: tables)
    let going = found.filter { $0.changed > 0 }
    let untold = found.filter { $0.untold != nil }.map { table in
      RollbackObstacle(
        table: table.title,
        what: "cannot identify the corrupted rows of \(table.name): "
          + (table.untold ?? ""), count: 0, examples: [],
        remedy: "roll the whole table back: migrate rollback --table \(table.plan.command)")
    }
    return Survey(tables: found, obstacles: try untold + Self.dependents(going, ledger))
  }

  /// Rows that stay and refer to rows that would go, and rules that rewrite how those are deleted.
  static func dependents(
    _ going: [CorruptedTable], _ ledger: Ledger
  ) throws -> [RollbackObstacle] {
    let search = RollbackDependents(
      ledger: ledger, tables: going,
      foreignKeys: try ForeignKeyEnds.leading(to: going.map(\.name), ledger))
    return try RollbackRules.obstacles(going)
      + search.rows(referringTo: going).map { found in
        RollbackObstacle(
          table: found.table, what: found.what, count: found.count, examples: found.examples,
          remedy:
            "correct the row by hand (see migrate validate --fingerprint); or roll back whole tables: "
            + "migrate rollback --tables …")
      }
  }

  private func rewriteFiles() {
    do {
      try request.rewriteFiles(of: request.session, from: ledger)
    } catch { tell("could not rewrite a file: \(error)") }
  }
}

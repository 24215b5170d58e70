import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// Goes forward and back again in a schema of its own: applies the schema's files one by one, moves
/// some rows by a real run, rolls the run back, and takes the files back one by one. After each step
/// back all has to be as it was before the step.
struct RollbackTrial {
  let request: ReadinessRequest

  /// Some rows of each source are moved.
  private static let rows = 200

  func look(_ part: inout ReadinessPart) throws {
    let target = try request.connect()
    var alone: [String] = []
    let facts = try TrialSchema.hold(target, leavesAlone: { alone.append($0) }) { try run($0) }
    part.facts += facts + alone.map(TrialSchema.leftAlone)
  }

  private func run(_ trial: TrialSchema) throws -> [String] {
    let folder = try SchemaFolder(path: request.schemaFolder)
    guard !folder.migrations.isEmpty else {
      throw MigrationError(
        .coded(.schema), "the plan's schema has no files", place: request.schemaFolder,
        remedy: "write the first file: migrate db generate NAME")
    }
    let migrator = try SchemaMigrator(
      connection: trial.connection, folder: folder, plan: request.plan.name, schema: trial.name,
      ledgerSchema: trial.ledger, operatorName: "migrate validate-all")
    var states = [try SchemaFingerprint(of: trial.name, trial.connection)]
    for migration in folder.migrations {
      _ = try migrator.apply(upTo: migration.number)
      states.append(try SchemaFingerprint(of: trial.name, trial.connection))
    }
    let loaded = try move(trial)
    let undone = try undo(trial)
    try requireEmpty(trial, loaded: loaded, undone: undone)
    // Rows may go and leave a trace: an index suspended, a constraint not validated.
    var taken = folder.migrations.count
    try requireState(states[taken], trial, after: "the rows were deleted")
    for migration in folder.migrations.reversed() {
      _ = try migrator.rollback(1)
      taken -= 1
      try requireState(states[taken], trial, after: "\(migration.down?.path ?? migration.name)")
    }
    return [
      "\(CountText.of(folder.migrations.count, "schema file")) applied and reverted; the catalog was the "
        + "same after each",
      "\(CountText.of(loaded, "row")) loaded by a run and rolled back; none remained",
    ]
  }

  /// Moves some rows of each source; returns how many are in the tables then.
  private func move(_ trial: TrialSchema) throws -> Int {
    var run = RunRequest(
      plan: request.plan.rehearsed(in: trial.name), databases: request.databases)
    run.ledgerSchema = trial.ledger
    run.rowLimit = Self.rows
    run.tuning.lanes = 1
    run.tuning.maximumRetries = 0
    run.tuning.chunkTimeout = request.reading.statementTimeout
    run.command = "migrate validate-all"
    run.force = true
    // Its tables are in a schema of their own.
    run.acceptsRestored = { _ in }
    _ = try MigrationLockPatience.run { try MigrationRun.run(run) }
    return try count(trial)
  }

  private func count(_ trial: TrialSchema) throws -> Int {
    try request.plan.tables.reduce(0) { sum, table in
      let name = try SQL.identifier(schema: trial.name, table.name)
      return sum + (try trial.connection.query("SELECT count(*) FROM \(name)").int(0, 0) ?? 0)
    }
  }

  private func requireEmpty(_ trial: TrialSchema, loaded: Int, undone: Int) throws {
    let left = try count(trial)
    guard left == 0, loaded == undone else {
      throw MigrationError(
        .coded(.rollback),
        "\(CountText.of(loaded, "row was", "rows were")) loaded and \(undone) rolled back, but \(left) remain",
        remedy: "do not migrate: rows of this plan cannot be rolled back")
    }
  }

  private func requireState(
    _ state: SchemaFingerprint, _ trial: TrialSchema, after what: String
  ) throws {
    let found = try SchemaFingerprint(of: trial.name, trial.connection)
    guard found == state else {
      throw MigrationError(
        .coded(.rollback),
        "the schema differs from before: \(found) instead of \(state)", place: "after \(what)",
        remedy: "correct the .down.sql file")
    }
  }
}

extension RollbackTrial {
  /// Rolls the trial's session back; returns how many rows that deleted.
  private func undo(_ trial: TrialSchema) throws -> Int {
    let ledger = try Ledger(trial.connection, schema: trial.ledger)
    guard let session = try ledger.latestSession() else {
      throw MigrationError(.coded(.rollback), "the run left no session to roll back")
    }
    let source = request.databases.source
    var rollback = RollbackRequest(
      .session("latest"), of: session, plan: request.plan.rehearsed(in: trial.name),
      target: request.databases.target, sourcePlace: { source })
    rollback.ledgerSchema = trial.ledger
    rollback.connectTimeout = request.databases.connectTimeout
    let record = try MigrationLockPatience.run {
      try Rollback.run(rollback, confirm: { _ in })
    }
    return record.tables.reduce(0) { $0 + $1.gone }
  }
}

/// Waits for the target's lock if it was held a moment ago by this very program.
enum MigrationLockPatience {
  static func run<Value>(_ body: () throws -> Value) throws -> Value {
    let deadline = ContinuousClock.now + .seconds(3)
    while true {
      do { return try body() } catch let error as LedgerError {
        guard error.code == .heldByAnother, ContinuousClock.now < deadline else { throw error }
      }
      WorkerThread.sleep(.milliseconds(100))
    }
  }
}

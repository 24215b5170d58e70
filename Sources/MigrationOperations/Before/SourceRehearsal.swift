import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres
import Synchronization

/// Runs a migration into a scratch schema, in one transaction that is rolled back, so that it can be
/// which reports the result for the source's rows.
///
/// Nothing is guessed: rules, duplicates, references of every kind and the target's own constraints
/// judge each row as the migration will. The plan's own tables are not touched.
struct SourceRehearsal {
  let request: ReadinessRequest
  /// The tables whose rows are moved; nil moves all. What they refer to is there in any case.
  var tables: [String]?

  /// What there is when all rows are moved and nothing is rolled back yet.
  struct Stage: Sendable {
    /// The schema of the tables.
    let schema: String
    let ledger: Ledger
    let session: Session

    /// How many source rows were read of each table.
    var read: [String: Int] {
      get throws {
        Dictionary(
          try ledger.balance(session: session.id).map { ($0.table, $0.read) },
          uniquingKeysWith: +)
      }
    }
  }

  func run<Value: Sendable>(_ inspect: @escaping @Sendable (Stage) throws -> Value) throws -> Value
  {
    let found = Found<Value>()
    var run = try request(ScratchSchema.name("rehearsal"))
    run.stage = stage(run) { stage in
      let value = try inspect(stage)
      found.value.withLock { $0 = value }
    }
    let tell = request.tell
    _ = try MigrationLockPatience.run { [run] in
      try MigrationRun.run(run) { event in
        // Each table begins with its rules; more would be too much of what goes fast.
        if case .preparing(let table, "rules") = event { tell(table) }
      }
    }
    guard let value = found.value.withLock({ $0 }) else {
      throw MigrationError(.failed, "the rehearsal did not end", place: request.plan.name)
    }
    return value
  }

  private func request(_ schema: String) throws -> RunRequest {
    var run = RunRequest(
      plan: request.plan.rehearsed(in: schema), databases: request.databases)
    run.tables = tables
    run.ledgerSchema = schema + "_ledger"
    run.dryRun = true
    run.force = true
    run.rowLimit = request.sample
    // Failures are reported and not retried: others may wait for the resources of a second attempt.
    run.tuning.maximumRetries = 0
    run.command = "migrate validate-all"
    return run
  }

  private func stage(
    _ run: RunRequest, _ inspect: @escaping @Sendable (Stage) throws -> Void
  ) -> DryRunStage {
    let schema = run.plan.target.schema
    return DryRunStage(
      prepare: { [request] connection in
        let folder = try SchemaFolder(path: request.schemaFolder)
        _ = try ScratchSchema(connection, name: schema).build(folder)
        guard let limit = request.reading.statementTimeout else { return }
        try connection.execute(
          "SET LOCAL statement_timeout = \(Int(limit / .milliseconds(1)))")
      },
      inspect: { ledger, session in
        try inspect(Stage(schema: schema, ledger: ledger, session: session))
        // Whoever begins a run next need not wait until the server sees that this one has ended.
        try ledger.unlock()
      })
  }

  private final class Found<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }
}

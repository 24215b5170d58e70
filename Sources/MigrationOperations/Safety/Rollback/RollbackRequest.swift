import Glibc
import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// What a rollback is asked to delete.
package enum RollbackScope: Sendable, Hashable {
  case tables([String])
  /// The table that was begun last.
  case lastStep
  /// All that was done after a table was complete: `customers_completed`.
  case checkpoint(String)
  /// All that a session loaded, by what it was called on the command line.
  case session(String)

  /// In the words of the command line, by which a rollback that was killed is known again.
  package var description: String {
    switch self {
    case .tables(let names): "--tables " + names.sorted().joined(separator: ",")
    case .lastStep: "--last-step"
    case .checkpoint(let name): "--checkpoint \(name)"
    case .session(let name): "--session \(name)"
    }
  }

  /// Reads the words that the ledger keeps; nil if they are no scope.
  package init?(_ description: String) {
    let words = description.split(separator: " ", maxSplits: 1).map(String.init)
    switch (words.first, words.dropFirst().first) {
    case ("--tables", let names?): self = .tables(names.split(separator: ",").map(String.init))
    case ("--last-step", nil): self = .lastStep
    case ("--checkpoint", let name?): self = .checkpoint(name)
    case ("--session", let name?): self = .session(name)
    default: return nil
    }
  }

  /// Whether all that a session loaded is to be deleted.
  package var isWholeSession: Bool { if case .session = self { true } else { false } }
}

/// A rollback that is asked for.
package struct RollbackRequest: Sendable {
  /// What to delete; nil continues with a rollback that was killed.
  package var scope: RollbackScope?
  package var session: Session
  /// Deletes rows too that others changed after the migration loaded them.
  package var force = false
  package var plan: Plan
  package var ledgerSchema = Ledger.defaultSchema
  package var target: ConnectionString
  package var connectTimeout: Duration?
  /// How long a table's lock is waited for; nil waits for half a minute.
  package var lockTimeout: Duration?
  package var checkpointFile: String?
  package var errorLogFile: String?
  /// Why it is made, if a trigger made it; the ledger keeps that.
  package var note: String?
  /// Says where the source is; asked for only if changed rows have to be distinguished from others.
  package var sourcePlace: @Sendable () throws -> SourcePlace

  package init(
    _ scope: RollbackScope?, of session: Session, plan: Plan, target: ConnectionString,
    sourcePlace: @escaping @Sendable () throws -> SourcePlace
  ) {
    (self.scope, self.session, self.plan) = (scope, session, plan)
    (self.target, self.sourcePlace) = (target, sourcePlace)
  }

  package var identity: RunIdentity {
    .thisProcess("migrate rollback")
  }

  /// Connects to the target; a table may be so large that a statement takes its time.
  func openTarget() throws -> Ledger {
    let ledger = try TargetConnections(
      target, connectTimeout: connectTimeout, lockTimeout: lockTimeout ?? .seconds(30),
      ledgerSchema: ledgerSchema
    ).openWritable()
    // Space for the ids of some million transactions, which each row is looked up in.
    try ledger.connection.execute("SET work_mem = '64MB'")
    return ledger
  }
}

import MigrationBasics
import MigrationPlan
import Postgres
import Synchronization

/// Restores what was suspended; one object, shared by all threads that help.
///
/// Each thread calls `work` with a ledger on a connection of its own. Work is claimed in the ledger
/// with the same row locks that hand out chunks, so that a thread, a program or a server may die at
/// any time and nothing is left behind but work to do. All indexes come before the constraints
/// that need them, all constraints before the foreign keys that need those.
///
/// An object that can't be restored, for instance a unique index over duplicates, does not stop the
/// others; it stays in the ledger as it is, and the outcome shows why.
package final class Restoration: Sendable {
  /// What to restore.
  package enum Scope: Sendable, Hashable {
    case everything
    /// The indexes and unique constraints of one table, for when it is loaded.
    case indexes(of: QualifiedName)
    /// What has an index already and waits only to be attached.
    case unattached(of: QualifiedName)
  }

  package struct Failure: Sendable {
    package let object: SuspendedObject
    package let error: any Error

    /// The error; of a missing right and of rows with the same values also what could not be built, and what
    /// to do.
    package var told: any Error {
      guard let error = error as? PostgresError else { return self.error }
      switch error.sqlState {
      case .insufficientPrivilege: return told(error, .schema, Self.giveRight)
      case .uniqueViolation: return told(error, .duplicate, remedyForDuplicates)
      default: return error
      }
    }

    private func told(_ error: PostgresError, _ code: ErrorCode, _ remedy: String) -> MigrationError
    {
      MigrationError(
        .coded(code), "could not rebuild \(object.name): \(error)",
        reason: error.sqlState?.code, place: "\(object.table)", remedy: remedy)
    }

    private static let giveRight =
      "the ledger keeps its definition; grant the privilege to the role (see migrate check-permissions)"
      + " and continue: migrate run --resume"

    /// Rows that others wrote while the index was suspended, or that an older program loaded.
    private var remedyForDuplicates: String {
      "the ledger keeps its definition; rows of \(object.table) have the same values\(search); "
        + "correct or delete all but one of each and continue: migrate run --resume; "
        + "or start over: migrate run --fresh --empty-tables"
    }

    /// The statement that finds the values; empty if the index is over more than columns.
    private var search: String {
      let definition = object.constraintDefinition ?? ""
      guard let start = definition.firstIndex(of: "("), let end = definition.firstIndex(of: ")"),
        let table = try? object.table.quoted()
      else { return "" }
      let columns = definition[definition.index(after: start)..<end]
      return ": SELECT \(columns), count(*) FROM \(table) GROUP BY \(columns) HAVING count(*) > 1"
    }
  }

  /// What one or all threads have done.
  package struct Outcome: Sendable {
    package var restored: [SuspendedObject] = []
    package var failures: [Failure] = []

    package init(restored: [SuspendedObject] = [], failures: [Failure] = []) {
      self.restored = restored
      self.failures = failures
    }

    /// Throws the first failure, if there is one.
    package func requireSuccess() throws { if let first = failures.first { throw first.told } }
  }

  package let scope: Scope
  /// As the server's setting `maintenance_work_mem` is written, such as `512MB`; nil leaves it.
  package let maintenanceMemory: String?
  package let probe: SuspendedObjects.StepProbe?
  private let state = Mutex(Outcome())
  /// How often a thread has finished something that others may wait for.
  private let turns = Atomic(0)

  package convenience init(scope: Scope = .everything, maintenanceMemory: String? = nil) {
    self.init(scope: scope, maintenanceMemory: maintenanceMemory, probe: nil)
  }

  package init(scope: Scope, maintenanceMemory: String?, probe: SuspendedObjects.StepProbe?) {
    (self.scope, self.maintenanceMemory, self.probe) = (scope, maintenanceMemory, probe)
  }

  /// What all threads together have done so far.
  package var outcome: Outcome { state.withLock { $0 } }

  /// Works until nothing is left that this thread could do or wait for.
  ///
  /// - Throws: what ends the thread's own connection; faults of single objects are in the outcome.
  @discardableResult
  package func work(through ledger: Ledger) throws -> Outcome {
    guard try ledger.isCurrent() else { return outcome }
    while true {
      let turn = turns.load(ordering: .acquiring)
      switch try step(ledger) {
      case .done: turns.add(1, ordering: .releasing)
      case .waiting:
        // Other programs may be at work too: what they have finished only the ledger knows.
        WorkerThread.sleep(.milliseconds(50)) { turns.load(ordering: .acquiring) == turn }
      case .finished: return outcome
      }
    }
  }

  private enum Step { case done, waiting, finished }

  private func step(_ ledger: Ledger) throws -> Step {
    var claimed: SuspendedObject?
    do {
      return try ledger.connection.inTransaction {
        guard let stage = try ledger.earliestStage(scope, without: failedIDs) else {
          return .finished
        }
        guard let object = try ledger.claim(stage, scope, without: failedIDs) else {
          return .waiting
        }
        claimed = object
        try advance(object, stage, ledger)
        return .done
      }
    } catch {
      guard ledger.connection.isUsable, let claimed, Self.isObjectsFault(error) else { throw error }
      state.withLock { $0.failures.append(Failure(object: claimed, error: error)) }
      return .done
    }
  }

  private func advance(_ object: SuspendedObject, _ stage: RestoreStage, _ ledger: Ledger) throws {
    try probe?("\(stage) \(object.name)")
    let rebuild = SuspendedRebuild(
      object: object, connection: ledger.connection, memory: maintenanceMemory)
    let status = try rebuild.run(stage)
    try probe?("\(stage) \(object.name) built")
    try ledger.mark(object, as: status)
    try probe?("\(stage) \(object.name) marked")
    if status == .restored { state.withLock { $0.restored.append(object) } }
  }

  private var failedIDs: [Int] { state.withLock { $0.failures.map(\.object.id) } }

  /// A deadlock or a server that shuts down is transient: the caller retries.
  private static func isObjectsFault(_ error: any Error) -> Bool {
    switch error {
    case let error as PostgresError: error.nature != .transient
    case let error as LedgerError: error.code == .restoreConflict || error.code == .unknown
    default: false
    }
  }
}

/// The stages of a restoration; a later one begins when no object is in an earlier one.
package enum RestoreStage: Int, Sendable, CaseIterable {
  case buildIndex = 1
  case attach = 2
  case addForeignKey = 3
  case validate = 4

  /// Whether two threads in this stage could want each other's table locks.
  var isOneAtATime: Bool { self == .attach || self == .addForeignKey }
}

extension Ledger {
  private static let stageOfRow =
    """
    CASE WHEN kind = 'foreign key' THEN CASE status WHEN 'built' THEN 4 ELSE 3 END
      ELSE CASE status WHEN 'built' THEN 2 ELSE 1 END END
    """

  /// Returns the earliest stage that any open object is in; nil if none is open.
  func earliestStage(
    _ scope: Restoration.Scope, without failed: [Int]
  ) throws(PostgresError) -> RestoreStage? {
    let (condition, table) = Self.condition(scope)
    return try connection.query(
      """
      SELECT min(\(Self.stageOfRow)) FROM \(names.setAside)
      WHERE status NOT IN ('restored', 'forgotten') AND id <> ALL ($1)
        AND ($2::text IS NULL OR (table_schema = $2 AND table_name = $3)) AND \(condition)
      """, [failed, table?.schema, table?.name]
    ).rows.first?.int(0).flatMap(RestoreStage.init(rawValue:))
  }

  /// Claims an object that is in a stage, for the transaction that is open.
  package func claim(
    _ stage: RestoreStage, _ scope: Restoration.Scope, without failed: [Int]
  ) throws -> SuspendedObject? {
    if stage.isOneAtATime {
      try connection.query("SELECT pg_advisory_xact_lock($1, $2)", AdvisoryKey.restore.parameters)
    }
    let (condition, table) = Self.condition(scope)
    return try setAsideObjects(
      """
      WHERE status NOT IN ('restored', 'forgotten') AND id <> ALL ($1)
        AND ($2::text IS NULL OR (table_schema = $2 AND table_name = $3)) AND \(condition)
        AND \(Self.stageOfRow) = $4
      ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
      """, [failed, table?.schema, table?.name, stage.rawValue]
    ).first
  }

  private static func condition(_ scope: Restoration.Scope) -> (String, QualifiedName?) {
    switch scope {
    case .everything: ("true", nil)
    case .indexes(let table): ("kind <> 'foreign key'", table)
    case .unattached(let table): ("kind <> 'foreign key' AND status = 'built'", table)
    }
  }
}

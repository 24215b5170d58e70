import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import MigrationLedger

/// Breaks off at every single point between two statements, as a dying program does, and lets
/// the next command repair it.
@Suite struct LedgerSetAsideCrashTests {
  private struct Crash: Error {}

  /// Throws at the n-th step.
  private final class Bomb: Sendable {
    private let left: Mutex<Int>
    init(_ steps: Int) { left = Mutex(steps) }

    func step() throws {
      let explodes = left.withLock { left in
        left -= 1
        return left == 0
      }
      if explodes { throw Crash() }
    }

    var hasExploded: Bool { left.withLock { $0 <= 0 } }
  }

  private let database: TemporaryDatabase
  private let before: String

  init() throws {
    database = try TemporaryDatabase("crash")
    // Some hundred commits, and no crash of the server itself.
    try psql(database.url, "ALTER DATABASE \"\(database.name)\" SET synchronous_commit = off")
    try psql(database.url, OddCatalog.sql)
    try Ledger(LedgerFixture.connect(database)).install()
    before = try OddCatalog.snapshot(database.url)
  }

  private func ledger() throws -> Ledger { try Ledger(LedgerFixture.connect(database)) }

  /// Runs a body on a connection of its own, which ends when it throws, and reports whether it finished.
  private func run(_ body: (Ledger) throws -> Void) throws -> Bool {
    let ledger = try ledger()
    do {
      try body(ledger)
      return true
    } catch is Crash {
      // The program is gone: so is its connection, and the server rolls back.
      try ledger.connection.close()
      return false
    }
  }

  private func mend() throws {
    try Restoration().work(through: ledger()).requireSuccess()
    #expect(try SuspendedObjects(ledger()).pendingRestores().isEmpty)
    let changes = try OddCatalog.changes(database.url, since: before)
    #expect(changes == [])
  }

  @Test func settingAsideCanDieAtAnyPoint() throws {
    var steps = 0
    while true {
      steps += 1
      let bomb = Bomb(steps)
      let finished = try run { ledger in
        _ = try SuspendedObjects(ledger, probe: { _ in try bomb.step() })
          .setAside(OddCatalog.table, OddCatalog.all)
      }
      if !finished, steps.isMultiple(of: 3) {
        // The run continues with suspending instead of repairing.
        _ = try SuspendedObjects(ledger()).setAside(OddCatalog.table, OddCatalog.all)
      }
      try mend()
      if finished { break }
    }
    #expect(steps > 20)
  }

  @Test func restoringCanDieAtAnyPoint() throws {
    // Three points for each object and stage: a stride of four meets each of the three in turn.
    let all = ProcessInfo.processInfo.environment["MIGRATE_TEST_EVERY_STEP"] != nil
    let stride = all ? 1 : 4
    var steps = 1 - stride
    var tries = 0
    while true {
      steps += stride
      tries += 1
      _ = try SuspendedObjects(ledger()).setAside(OddCatalog.table, OddCatalog.all)
      let bomb = Bomb(steps)
      let finished = try run { ledger in
        let restoration = Restoration(
          scope: .everything, maintenanceMemory: nil, probe: { _ in try bomb.step() })
        try restoration.work(through: ledger)
      }
      #expect(finished != bomb.hasExploded)
      if !finished, tries.isMultiple(of: 4) {
        // A fresh start takes off again what the dead restoration had restored.
        _ = try SuspendedObjects(ledger()).setAside(OddCatalog.table, OddCatalog.all)
      }
      try mend()
      if finished { break }
    }
    #expect(steps > 60)
  }

  @Test func restoringThatDiesEveryFewStepsStillEnds() throws {
    _ = try SuspendedObjects(ledger()).setAside(OddCatalog.table, OddCatalog.all)
    var tries = 0
    while tries < 200 {
      tries += 1
      let bomb = Bomb(7)
      let finished = try run { ledger in
        try Restoration(
          scope: .everything, maintenanceMemory: nil, probe: { _ in try bomb.step() }
        ).work(through: ledger)
      }
      if finished { break }
    }
    #expect(tries > 5)
    try mend()
  }

  @Test func aKilledBackendInMidRestorationIsMended() throws {
    _ = try SuspendedObjects(ledger()).setAside(OddCatalog.table, OddCatalog.all)
    let victim = try ledger()
    let killer = try ledger()
    let pid = victim.connection.facts.backendPID
    let restoration = Restoration(scope: .everything, maintenanceMemory: nil) { step in
      if step.hasPrefix("attach the pk"), step.hasSuffix("built") {
        try killer.connection.query("SELECT pg_terminate_backend($1)", [pid])
      }
    }
    #expect(throws: PostgresError.self) { try restoration.work(through: victim) }
    try mend()
  }
}

import Foundation
import Postgres
import TestSupport
import Testing

@testable import MigrationLedger

@Suite struct LedgerLockTests {
  @Test func aSecondMigrationIsRefusedWithTheNameOfTheFirst() throws {
    let fixture = try LedgerFixture()
    let second = try fixture.otherLedger()
    do {
      try second.lock()
      Issue.record("the lock was given out twice")
    } catch let error as LedgerError {
      let holder = try #require(error.holder)
      #expect(error.code == .heldByAnother)
      #expect(holder.host == "test-host")
      #expect(holder.process == 4711)
      #expect(holder.backend == Int(fixture.ledger.connection.facts.backendPID))
      #expect(holder.since == fixture.run.started)
      #expect(holder.isAlive == true)
    }
    #expect(try second.holdsLock() == false)
    #expect(try fixture.ledger.holdsLock())
  }

  @Test func aHolderThatFellSilentIsToldFromALiveOne() throws {
    let fixture = try LedgerFixture()
    _ = try fixture.sql("UPDATE migrate.run SET heartbeat = heartbeat - interval '10 minutes'")
    let holder = try #require(try fixture.otherLedger().lockHolder())
    #expect(holder.isAlive == false)
    #expect((holder.silence ?? .zero) > .seconds(599))
    try fixture.ledger.heartbeat(fixture.run.id)
    #expect(try fixture.otherLedger().lockHolder()?.isAlive == true)
  }

  @Test func aHolderThatHasNotIntroducedItselfIsKnownByItsConnection() throws {
    let database = try TemporaryDatabase("lock")
    let first = try Ledger(LedgerFixture.connect(database))
    try first.lock()
    let holder = try #require(try Ledger(LedgerFixture.connect(database)).lockHolder())
    #expect(holder.backend == Int(first.connection.facts.backendPID))
    #expect(holder.host == nil)
    #expect(holder.isAlive == nil)
    #expect(holder.since != nil)
  }

  /// The server needs a moment to end the session of a command that has just ended.
  @Test func aHolderThatIsGoingAwayIsWaitedFor() throws {
    let database = try TemporaryDatabase("lock")
    let first = try Ledger(LedgerFixture.connect(database))
    try first.lock()
    let second = try Ledger(LedgerFixture.connect(database))
    let leaving = Thread {
      usleep(500_000)
      try? first.connection.close()
    }
    leaving.start()
    try second.lock()
    #expect(try second.holdsLock())
  }

  @Test func theLockOfADeadHolderIsFreeAndItsRunIsLost() throws {
    let fixture = try LedgerFixture()
    let next = try fixture.otherLedger()
    let dead = fixture.ledger.connection.facts.backendPID
    try next.connection.query("SELECT pg_terminate_backend($1)", [dead])
    try waitUntil { try next.lockHolder() == nil }
    try next.lock()
    let (run, lost) = try next.beginRun(session: fixture.session.id, LedgerFixture.identity)
    #expect(lost.map(\.id) == [fixture.run.id])
    #expect(lost.first?.ending == .lost)
    #expect(run.id.rawValue > fixture.run.id.rawValue)
    #expect(try next.runs(session: fixture.session.id).map(\.ending) == [.lost, nil])
  }

  @Test func locksOfDifferentDatabasesDoNotMeet() throws {
    let first = try LedgerFixture()
    let second = try LedgerFixture()
    #expect(try first.ledger.holdsLock())
    #expect(try second.ledger.holdsLock())
  }

  @Test func unlockingLetsTheNextOneIn() throws {
    let fixture = try LedgerFixture()
    let next = try fixture.otherLedger()
    try fixture.ledger.unlock()
    try next.lock()
    #expect(ledgerCode { try fixture.ledger.lock() } == .heldByAnother)
  }

  @Test func withoutTheLockNoSessionAndNoRunBegins() throws {
    let fixture = try LedgerFixture()
    let other = try fixture.otherLedger()
    let request = SessionRequest(name: "x", plan: "x", planHash: "x")
    #expect(ledgerCode { _ = try other.openSession(request) } == .lockNotHeld)
    let begin = { _ = try other.beginRun(session: fixture.session.id, LedgerFixture.identity) }
    #expect(ledgerCode(begin) == .lockNotHeld)
  }

  @Test func aRunThatLostItsConnectionGoesOnUnlessAnotherTookOver() throws {
    let fixture = try LedgerFixture()
    try fixture.ledger.connection.close()
    let again = try fixture.otherLedger()
    try waitUntil { try again.lockHolder() == nil }
    try again.lock()
    try again.continueRun(fixture.run.id)
    #expect(try again.lockHolder()?.process == 4711)
    _ = try again.beginRun(session: fixture.session.id, LedgerFixture.identity)
    #expect(ledgerCode { try again.continueRun(fixture.run.id) } == .runSuperseded)
    #expect(ledgerCode { try again.heartbeat(fixture.run.id) } == .runSuperseded)
  }
}

/// Waits for something that the server does on its own, such as noticing that a client is gone.
func waitUntil(_ condition: () throws -> Bool) throws {
  for _ in 1...200 {
    if try condition() { return }
    usleep(20_000)
  }
  throw SubprocessFailure(description: "it did not happen within four seconds")
}

import MigrationBasics
import MigrationLedger
import Postgres

/// Asks a running migration for something from another terminal, and waits until it has happened.
package struct RunSteering {
  /// How a run ended that was waited for.
  package enum Ending: Sendable, Hashable {
    /// It ended and said how.
    case ended(Run)
    /// Its connections are gone and it has said nothing.
    case lost(Run)
    /// It is still at work.
    case working(Run)
  }

  package let ledger: Ledger

  package init(_ ledger: Ledger) { self.ledger = ledger }

  /// Returns the run that is at work; nil if there is none.
  ///
  /// Between its lock and its first entry in the ledger a run is waited for.
  ///
  /// - Throws: An error that names the holder, if something else than a run holds the target.
  package func running() throws -> Run? {
    let deadline = ContinuousClock.now + .seconds(3)
    while let holder = try ledger.lockHolder() {
      if let run = try ledger.runningRun() { return run }
      guard ContinuousClock.now < deadline else {
        throw MigrationError(
          .failed, "the target is locked by a command that takes no requests",
          place: "server process \(holder.backend)",
          remedy: "it is a retry, or a migration that is still preparing; try again shortly")
      }
      WorkerThread.sleep(.milliseconds(100))
    }
    return nil
  }

  /// Asks a run for something; returns the request's number, or nil if the run has just ended.
  package func ask(
    _ kind: ControlRequest.Kind, _ settings: JSONValue = [:]
  ) throws -> Int? {
    try ledger.request(kind, settings: settings, by: OperatorName.current)
  }

  /// Waits until a run has taken a request; returns false if it ended or the time was up before.
  package func waitUntilTaken(_ request: Int, run: RunID, for time: Duration) throws -> Bool {
    let deadline = ContinuousClock.now + time
    while try ledger.isTaken(request: request) == false {
      guard ContinuousClock.now < deadline, try ledger.run(run)?.ended == nil,
        try ledger.lockHolder() != nil
      else { return false }
      WorkerThread.sleep(.milliseconds(100))
    }
    return true
  }

  /// Ends a run at once: its current chunks are rolled back. One that does not answer is cut off.
  package func endNow(
    _ run: Run, waiting time: Duration, tell: (String) -> Void
  ) throws -> Ending {
    tell("run \(run.id) rolls back its current chunks")
    if let request = try ask(.stop),
      try !waitUntilTaken(request, run: run.id, for: min(time, Self.patience)),
      try ledger.run(run.id)?.ended == nil
    {
      tell("run \(run.id) does not answer; closing its sessions on the server")
      return try cutOff(run)
    }
    return try waitForEnd(of: run, for: time)
  }

  /// A program at work takes a request within half a second.
  private static let patience = Duration.seconds(10)

  /// Ends a run whose program does not answer: the server closes its sessions, and with them rolls
  /// back their current chunks.
  ///
  /// The run is ended in the ledger first. A program that wakes up later can claim nothing any more.
  package func cutOff(_ run: Run) throws -> Ending {
    let note = "cut off by \(OperatorName.current), because its process did not answer"
    try ledger.endRun(run.id, as: .lost, note: note)
    let sessions = try Set(
      ledger.lanesInHand().map(\.backend)
        + [ledger.lockHolder()?.backend]
        .compactMap { $0 })
    for session in sessions.sorted() {
      do throws(PostgresError) {
        try ledger.connection.query("SELECT pg_terminate_backend($1::bigint::integer)", [session])
      } catch {
        throw MigrationError(
          .failed, "could not end the sessions of run \(run.id): \(error)",
          place: "server process \(session)",
          remedy: "end them as their owner or a superuser: SELECT pg_terminate_backend(\(session))")
      }
    }
    return try waitForEnd(of: run, for: .seconds(10))
  }

  /// Waits until a run has ended, and with it its hold of the target.
  package func waitForEnd(of run: Run, for time: Duration) throws -> Ending {
    let deadline = ContinuousClock.now + time
    var alone = 0
    while true {
      let now = try ledger.run(run.id) ?? run
      let holder = try ledger.lockHolder()
      if now.ended != nil {
        let isFree = holder == nil
        if try isFree || ledger.runningRun().map({ $0.id != run.id }) == true { return .ended(now) }
      }
      if now.ended == nil, holder == nil {
        // A run that lost a connection takes the lock again within moments.
        alone += 1
        if alone > 30 { return .lost(now) }
      } else {
        alone = 0
      }
      guard ContinuousClock.now < deadline else { return .working(now) }
      WorkerThread.sleep(.milliseconds(100))
    }
  }
}

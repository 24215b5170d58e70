import MigrationBasics
import MigrationLedger
import Postgres

/// A reader and a writer at work: claims a chunk, moves it, commits it, and so on until none is left.
final class Lane {
  /// What all lanes of a table share.
  struct Context: Sendable {
    let work: TableWork
    let coordinator: LaneCoordinator
    let source: any RowSource
    let targets: TargetConnections
    let run: RunID
    let transaction: ChunkTransaction
    /// As they are when the table begins.
    let settings: RunSettings
    /// How long a connection may be idle; nil is for ever.
    let idleTimeout: Duration?
    let errorLog: ErrorLog?
    let observer: RunObserver
  }

  private enum Step { case done, waiting(Duration), finished }

  private let number: Int
  private let around: Context
  private let sink: RowSink
  private var source: (any RowReader)?
  private var ledger: Ledger?
  private var inHand: Chunk?
  /// Whether one of the chunks that are left is this lane's.
  private var hasTicket = false
  /// How long the last commit took, in microseconds.
  private var lastCommit = 0
  private let backoff = Backoff()

  init?(_ number: Int, _ around: Context, ledger: Ledger? = nil) {
    guard let sink = RowSink(around.work) else { return nil }
    (self.number, self.around, self.sink, self.ledger) = (number, around, sink, ledger)
  }

  /// Works until nothing is left, a pause is requested or a failure can't be fixed.
  func run() {
    do { try loop() } catch { around.coordinator.fail(error) }
    for (feed, had) in sink.hadValues.enumerated() {
      around.coordinator.noteValues(had, feed: feed)
    }
    around.coordinator.cancels.leave(lane: number)
    if let ledger { around.targets.giveBack(ledger, statements: around.settings.chunkTimeout) }
    ledger = nil
  }

  private func loop() throws {
    var failures = 0
    while around.coordinator.mayWork(number) {
      let begun = ContinuousClock.now
      do {
        switch try step() {
        case .done:
          failures = 0
          rest(after: .now - begun)
        case .waiting(let wait): WorkerThread.sleep(wait)
        case .finished: return
        }
      } catch {
        failures += 1
        defer { returnTicket() }
        if try recover(from: error, failures) { failures = 0 }
      }
    }
  }

  /// Rests; a connection that would be idle for too long is kept by the lane no more.
  private func rest(after work: Duration) {
    let time = around.coordinator.rest(after: work)
    if let limit = around.idleTimeout, time > limit, !around.transaction.isDryRun, let ledger {
      around.coordinator.cancels.leave(lane: number)
      around.targets.giveBack(ledger, statements: around.settings.chunkTimeout)
      self.ledger = nil
    }
    around.coordinator.rest(number, for: time)
  }

  private func step() throws -> Step {
    inHand = nil
    // Who has no ticket need not ask the server for a chunk.
    guard let ticket = around.coordinator.tickets.take() else { return .finished }
    hasTicket = true
    let ledger = try targetLedger()
    if case .known(let chunk) = ticket, try moveAtOnce(chunk, ledger) { return .done }
    let claim = try ledger.claim(
      table: around.work.id, run: around.run, beginning: around.transaction.begin)
    switch claim {
    case .finished:
      hasTicket = false
      try around.transaction.rollback(ledger.connection)
      return .finished
    case .wait(_, let retry):
      returnTicket()
      try around.transaction.rollback(ledger.connection)
      return .waiting(min(max(retry ?? .milliseconds(10), .milliseconds(10)), .milliseconds(100)))
    case .chunk(let chunk):
      inHand = chunk
      try move(chunk, ledger)
      return .done
    }
  }

  /// Claims a chunk by the message that begins to load it; returns false, with nothing open, if it is not free.
  private func moveAtOnce(_ chunk: Chunk, _ ledger: Ledger) throws -> Bool {
    guard !ReadBack.isNeeded(for: around.work.feeds[chunk.feed], around.work) else { return false }
    inHand = chunk
    do {
      let claim = around.transaction.begin + ledger.claiming(chunk, run: around.run)
      try move(chunk, ledger, beginning: claim)
      return true
    } catch is ChunkNotFree {
      inHand = nil
      try around.transaction.rollback(ledger.connection)
      return false
    }
  }

  private func returnTicket() {
    if hasTicket { around.coordinator.tickets.giveBack() }
    hasTicket = false
  }

  /// - Parameter beginning: the statements that begin the transaction and claim the chunk, if that is not done.
  private func move(_ chunk: Chunk, _ ledger: Ledger, beginning: String? = nil) throws {
    let source = try sourceReader(ledger)
    let target = ledger.connection
    var counts: ChunkCounts
    if around.coordinator.isCareful(chunk.number) {
      if let beginning { try ChunkLoad.begin(beginning) { _ = try target.execute($0) } }
      try around.work.staging.map { _ = try target.execute($0.marking(chunk)) }
      counts = try FaultTolerantLoad(work: around.work, sink: sink, source: source, ledger: ledger)
        .run(chunk)
    } else {
      counts = try ChunkLoad(work: around.work, sink: sink, source: source, ledger: ledger)
        .run(chunk, beginning: beginning)
    }
    counts.phases.commit = lastCommit
    let before = PhaseClock.nanoseconds()
    let rejects = try ledger.complete(
      chunk, outcome(counts), run: around.run, lane: number, of: around.work.plan.name,
      ending: around.transaction.commit)
    lastCommit = (PhaseClock.nanoseconds() - before) / 1000
    committed(counts, of: chunk)
    report(rejects)
  }

  private func outcome(_ counts: ChunkCounts) -> ChunkOutcome {
    let warnings = sink.takeWarnings()
    var counts = counts
    counts.warned = warnings.reduce(0) { $0 + $1.count }
    var outcome = ChunkOutcome(counts)
    outcome.quarantined = sink.quarantined
    outcome.warnings = warnings
    outcome.fingerprint = sink.fingerprint
    outcome.table = around.work.staging == nil ? around.work.name : nil
    outcome.columns = around.work.columns
    return outcome
  }

  private func committed(_ counts: ChunkCounts, of chunk: Chunk) {
    hasTicket = false
    around.coordinator.committed(counts, feed: chunk.feed, documents: sink.documents)
  }

  /// The chunk is committed: a log that can't be written is no reason to stop.
  private func report(_ setAside: [QuarantineEntry]) {
    guard !setAside.isEmpty, !around.transaction.isDryRun else { return }
    around.observer(.newlyQuarantined(NewlyQuarantined(rows: setAside)))
    do { try around.errorLog?.append(setAside) } catch {
      around.observer(.warning("the error log is incomplete: \(error)"))
    }
  }

  /// Makes ready for another try; returns whether the failure was no one's fault but a bad row's.
  private func recover(from error: any Error, _ failures: Int) throws -> Bool {
    if around.coordinator.control.stopLevel == .cancel {
      leaveTransaction()
      return false
    }
    if let failure = error as? PostgresError, let chunk = inHand, failure.isRefusalOfRow,
      source?.isUsable == true, around.coordinator.markCareful(chunk.number) <= 3
    {
      leaveTransaction()
      around.observer(
        .searchingBadRows(
          table: around.work.plan.name, chunk: chunk.number, failure: failure.description))
      return true
    }
    guard RunFailure.isTransient(error), failures <= around.settings.maximumRetries else {
      leaveTransaction()
      throw failed(error, failures)
    }
    try settleUnknownCommit(error)
    leaveTransaction()
    try wait(error, failures)
    return false
  }

  /// The answer to a COMMIT was lost: whether it happened is in the ledger.
  private func settleUnknownCommit(_ error: any Error) throws {
    guard (error as? PostgresError)?.commitOutcomeUnknown == true, let chunk = inHand else {
      return
    }
    ledger = nil
    // While the old session is still at it, its row lock keeps everybody else from the chunk.
    guard let record = try? targetLedger().chunk(table: chunk.table, number: chunk.number),
      record.status == .done
    else { return }
    // If it did not happen, another lane may have loaded the chunk meanwhile.
    if record.run == around.run, record.lane == number { committed(record.counts, of: chunk) }
    inHand = nil
  }

  private func wait(_ error: any Error, _ failures: Int) throws {
    let failure = "\(error)"
    let wait = backoff.wait(after: failures)
    if let chunk = inHand, let ledger, ledger.connection.isUsable, !around.transaction.isDryRun {
      try? ledger.noteFailure(chunk, failure, retryIn: wait)
    }
    around.observer(
      .retrying(
        table: around.work.plan.name, chunk: inHand?.number, failure: failure, wait: wait))
    let end = ContinuousClock.now + wait
    while ContinuousClock.now < end, around.coordinator.control.stopLevel == .keepRunning {
      WorkerThread.sleep(min(.milliseconds(50), end - .now))
    }
  }

  /// Leaves nothing open: what can be rolled back is, what can't be is closed.
  private func leaveTransaction() {
    source = nil
    guard let ledger else { return }
    do throws(PostgresError) {
      try around.transaction.rollback(ledger.connection)
    } catch {
      self.ledger = nil
    }
  }

  private func targetLedger() throws -> Ledger {
    if let ledger, ledger.connection.isUsable { return ledger }
    let fresh = try around.targets.take(statements: around.settings.chunkTimeout)
    ledger = fresh
    source = nil
    return fresh
  }

  private func sourceReader(_ ledger: Ledger) throws -> any RowReader {
    if let source, source.isUsable { return source }
    let fresh = try around.source.open(timeout: around.settings.chunkTimeout)
    source = fresh
    around.coordinator.cancels.enter(lane: number, ledger.connection, reading: fresh.cancels)
    return fresh
  }

  private func failed(_ error: any Error, _ failures: Int) -> any Error {
    let place = inHand.map { "\(around.work.plan.name), chunk \($0.number)" }
    return RunFailure.of(error, place: place ?? around.work.plan.name, tries: failures)
  }
}

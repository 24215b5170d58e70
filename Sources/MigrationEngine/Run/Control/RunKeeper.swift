import FoundationEssentials
import MigrationBasics
import MigrationLedger
import Postgres

/// Keeps a run: holds the target's lock, gives signs of life, takes requests, watches limits.
///
/// It works on the thread that began the run, besides the lanes, on a connection of its own.
package final class RunKeeper {
  package private(set) var ledger: Ledger
  package let run: Run
  let errorLog: ErrorLog?
  package let migration: MigrationRun
  /// The server's process that serves the ledger's connection, also when that is lost.
  package private(set) var backend: Int
  package var limits: RunLimits
  /// The row counts of the session when this run continued with it; empty for a session that it began.
  let earlier: [BalanceSheet]
  private var failures = 0
  private var taken = RunAdjustments()
  private var nextBeat = ContinuousClock.now
  private var nextReport = ContinuousClock.now
  private var nextCheckpoint = ContinuousClock.now
  /// The checkpoint that was written last; nil if tables other than `changedTables` may have changed since.
  private var lastCheckpoint: Checkpoint?
  private var changedTables: Set<String> = []
  private var lastCheckpointTime: ContinuousClock.Instant?
  private var nextStallReport = Duration.seconds(30)

  init(_ migration: MigrationRun, ledger: Ledger, run: Run, earlier: [BalanceSheet]) {
    (self.migration, self.ledger, self.run) = (migration, ledger, run)
    self.earlier = earlier
    backend = Int(ledger.connection.facts.backendPID)
    migration.control.statements.enter(lane: 0, [ledger.connection])
    let request = migration.request
    let disk = request.stops.freeDisk > 0 ? TargetDisk(ledger.connection) : nil
    if disk == nil, request.stops.freeDisk > 0 {
      migration.observer(
        .preparing(table: "", step: "the room on the target's disk is not known from here"))
    }
    limits = RunLimits(
      request, started: migration.started, disk: disk,
      rejects: earlier.reduce(0) { $0 + $1.open })
    errorLog =
      request.dryRun
      ? nil
      : request.errorLogFile.flatMap { file in
        migration.session.flatMap { try? ErrorLog(file, session: $0.id, from: ledger) }
      }
  }

  /// Compares the checkpoint file with the ledger, which is right, and writes the log of errors again.
  package func reconcile(_ session: Session) throws {
    guard !migration.request.dryRun else { return }
    if let file = migration.checkpoint {
      if migration.request.fresh { try file.remove() }
      switch try file.reconcile(session, ledger) {
      case .ledgerBehind(let rows):
        migration.observer(
          .warning(
            "the checkpoint file knows \(rows) rows more than the target; was it restored?"))
      case .nothing, .fileMissing, .agrees, .fileBehind, .earlierSession: break
      }
    }
    try errorLog?.rewrite(from: ledger)
    writeCheckpoint(.running)
  }

  /// Waits until the lanes have ended, and does what has to be done meanwhile.
  ///
  /// - Parameter before: what was committed before this run.
  package func watch(
    _ work: TableWork, _ board: LaneBoard, _ crew: LaneCrew, _ before: TableProgress?
  ) throws {
    let begun = ContinuousClock.now
    report(.tableBegan(progressReport(work, before, board, crew.count, begun)))
    while board.lanesWorking > 0 {
      WorkerThread.sleep(.milliseconds(5))
      if migration.control.wish == .cancel { board.cancels.cancelAll() }
      try takeChanges(crew)
      tick(work, board, crew.count, before, begun)
    }
    report(.progress(progressReport(work, before, board, crew.count, begun)))
    check(board.committed.counts, of: work.plan.name, planned: before?.rowEstimate)
    limits.endTable(board.committed.counts)
  }

  /// Takes what other terminals have changed since it was checked last.
  private func takeChanges(_ crew: LaneCrew) throws {
    let changes = migration.control.adjustments
    guard changes != taken else { return }
    taken = changes
    limits.configure(changes)
    if let lanes = changes.lanes?.number { try crew.adjust(to: lanes) }
  }

  /// Takes note of rows that were quarantined when a table's equal rows became one.
  ///
  /// - Parameter last: the highest number in the quarantine before.
  package func merged(_ totals: MergeTotals, of table: String, after last: Int) {
    guard totals.orphans > 0 else { return }
    var counts = ChunkCounts()
    (counts.read, counts.quarantined) = (totals.rows, totals.orphans)
    check(counts, of: table, planned: nil)
    limits.endTable(counts)
    tellErrorLog(of: table, after: last)
  }

  /// Adds the rows of a table that went into the quarantine after a number, and after its chunks.
  func tellErrorLog(of table: String, after last: Int) {
    do { try errorLog?.append(from: ledger, table: table, after: last) } catch {
      migration.observer(.warning("the log of errors is incomplete: \(error)"))
    }
  }

  private func tick(
    _ work: TableWork, _ board: LaneBoard, _ lanes: Int, _ before: TableProgress?,
    _ begun: ContinuousClock.Instant
  ) {
    let now = ContinuousClock.now
    if now >= nextReport {
      nextReport = now + .milliseconds(250)
      report(.progress(progressReport(work, before, board, lanes, begun)))
      check(board.committed.counts, of: work.plan.name, planned: before?.rowEstimate)
      watchSilence(board)
    }
    if now >= nextBeat {
      nextBeat = now + .seconds(1)
      keepAlive(board)
    }
    if now >= nextCheckpoint {
      nextCheckpoint = now + .seconds(2)
      writeCheckpoint(.running)
    }
  }

  /// Lets the current chunks be finished and the run end, unless it is ending already.
  package func stop(_ cause: StopCause) {
    guard migration.control.wish == .goOn else { return }
    migration.control.stop(cause)
    migration.observer(.stopping(cause, atOnce: false))
  }

  /// Writes the checkpoint for people; that it can't be written is no reason to stop.
  ///
  /// One statement asks about the tables that this run worked on since the last time.
  func writeCheckpoint(_ status: Checkpoint.Status) {
    guard let file = migration.checkpoint, let session = migration.session else { return }
    if let table = migration.tableInHand { changedTables.insert(table) }
    do {
      let checkpoint = try ledger.checkpoint(
        session, status: status, since: lastCheckpoint, changed: changedTables)
      (lastCheckpoint, changedTables) = (checkpoint, [])
      lastCheckpointTime = .now
      try file.write(checkpoint)
    } catch {
      if ledger.connection.isUsable {
        migration.observer(.warning("the checkpoint can't be written: \(error)"))
      }
    }
  }

  /// Writes the checkpoint after a table, but not for each of many tables that take no time: the whole file is
  /// written each time, and grows with the tables of the plan.
  package func tableEnded() {
    if let table = migration.tableInHand { changedTables.insert(table) }
    guard let lastCheckpointTime, .now - lastCheckpointTime < .milliseconds(200) else {
      return writeCheckpoint(.running)
    }
  }

  /// Takes note that rows of tables that were done before have moved into the quarantine.
  func earlierTablesChanged() { lastCheckpoint = nil }

  private func keepAlive(_ board: LaneBoard) {
    do {
      try ensureConnection()
      try ledger.heartbeat(run.id)
      failures = 0
    } catch let error as PostgresError where error.nature == .transient {
      failures += 1
      if failures > 10 * max(1, migration.request.tuning.maximumRetries) { board.fail(error) }
    } catch {
      board.fail(error)
    }
  }

  /// Continues through another connection.
  func adopt(_ fresh: Ledger) {
    ledger = fresh
    backend = Int(fresh.connection.facts.backendPID)
    migration.control.statements.enter(lane: 0, [fresh.connection])
  }

  private func watchSilence(_ board: LaneBoard) {
    let silence = board.silence
    guard silence > .seconds(30) else {
      nextStallReport = .seconds(30)
      return
    }
    guard silence >= nextStallReport, migration.control.wish == .goOn else { return }
    nextStallReport = silence + .seconds(60)
    if let report = try? StallWatch(ledger).report(silence) {
      migration.observer(.stalled(report))
    }
  }

  private func report(_ event: RunEvent) { migration.observer(event) }

  /// What was committed before this run, by the ledger, and what its lanes have committed since.
  private func progressReport(
    _ work: TableWork, _ before: TableProgress?, _ board: LaneBoard, _ lanes: Int,
    _ begun: ContinuousClock.Instant
  ) -> TableProgressReport {
    let (counts, chunks) = board.committed
    return TableProgressReport(
      table: work.plan.name, lanes: lanes, rowsPlanned: before?.rowEstimate ?? 0,
      rowsRead: (before?.counts.read ?? 0) + counts.read,
      rowsLoaded: (before?.counts.loaded ?? 0) + counts.loaded,
      rowsRejected: (before?.counts.quarantined ?? 0) + counts.quarantined,
      warnings: (before?.counts.warned ?? 0) + counts.warned, chunks: before?.chunks ?? 0,
      chunksDone: (before?.chunksDone ?? 0) + chunks, elapsed: ContinuousClock.now - begun,
      rowsReadByRun: counts.read)
  }
}

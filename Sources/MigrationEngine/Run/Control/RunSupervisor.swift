import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Supervises a run: gives signs of life, takes requests, watches limits, reports how far it is.
///
/// It works on the thread that began the run, besides the lanes.
final class RunSupervisor {
  let request: RunRequest
  let tools: RunTools
  let session: Session
  let connection: RunConnection
  let checkpoints: CheckpointWriter
  let errorLog: ErrorLog?
  var limits: RunLimits
  /// The row counts of the session when this run continued with it; empty for a session that it began.
  let earlier: [RowCounts]
  /// Tables that this run let pass with more rejects than the session allowed.
  var accepted: [AcceptedRejects] = []
  private var failures = 0
  private var taken: RunSettings
  private var nextBeat = ContinuousClock.now
  private var nextReport = ContinuousClock.now
  private var nextCheckpoint = ContinuousClock.now
  private var nextStallReport = Duration.seconds(30)

  init(
    _ request: RunRequest, _ tools: RunTools, _ session: Session, _ connection: RunConnection,
    tables: [TablePlan], earlier: [RowCounts]
  ) {
    (self.request, self.tools, self.session) = (request, tools, session)
    (self.connection, self.earlier, taken) = (connection, earlier, request.settings)
    checkpoints = CheckpointWriter(
      request, session, connection, tools, tables: tables.map(\.name))
    let watchesDisk = request.settings.freeDisk > 0
    let disk = watchesDisk ? TargetDisk(connection.ledger.connection) : nil
    if disk == nil, watchesDisk {
      tools.observer(
        .preparing(table: "", step: "free space on the target's disk is unknown"))
    }
    limits = RunLimits(
      request, started: tools.started, disk: disk, rejects: earlier.reduce(0) { $0 + $1.open })
    // The log is the migration's as a whole.
    errorLog =
      request.dryRun || request.isPart
      ? nil
      : request.errorLogFile.flatMap {
        try? ErrorLog($0, session: session.id, from: connection.ledger)
      }
  }

  /// Compares the checkpoint file with the ledger, which is right, and writes the log of errors again.
  func reconcile() throws {
    guard !request.dryRun else { return }
    try checkpoints.reconcile()
    try errorLog?.rewrite(from: connection.ledger)
    checkpoints.write(.running)
  }

  /// Waits until the lanes have ended, and does what has to be done meanwhile.
  ///
  /// - Parameter before: what was committed before this run.
  func watch(
    _ work: TableWork, _ coordinator: LaneCoordinator, _ pool: LanePool, _ before: TableProgress?
  ) throws {
    let begun = ContinuousClock.now
    tools.observer(.tableBegan(progressReport(work, before, coordinator, pool.count, begun)))
    while coordinator.lanesWorking > 0 {
      // The lanes of a small table end before a longer wait would.
      WorkerThread.sleep(
        ContinuousClock.now - begun < .milliseconds(50) ? .microseconds(500) : .milliseconds(5))
      if tools.control.stopLevel == .cancel { coordinator.cancels.cancelAll() }
      try takeChanges(pool)
      tick(work, coordinator, pool.count, before, begun)
    }
    tools.observer(.progress(progressReport(work, before, coordinator, pool.count, begun)))
    check(coordinator.committed.counts, of: work.plan.name, planned: before?.rowEstimate)
    limits.endTable(coordinator.committed.counts)
  }

  /// Takes what other terminals have changed since it was checked last.
  private func takeChanges(_ pool: LanePool) throws {
    let settings = tools.control.settings
    guard settings != taken else { return }
    taken = settings
    limits.configure(settings)
    if let lanes = settings[.changed].lanes?.number {
      request.reportShortage(of: lanes, tools)
      try pool.adjust(to: lanes)
    }
  }

  /// Takes note of rows that were quarantined when a table's equal rows became one.
  ///
  /// - Parameter last: the highest number in the quarantine before.
  func merged(_ totals: MergeTotals, of table: String, after last: Int) {
    guard totals.orphans > 0 else { return }
    var counts = ChunkCounts()
    (counts.read, counts.quarantined) = (totals.rows, totals.orphans)
    check(counts, of: table, planned: nil)
    limits.endTable(counts)
    tellErrorLog(of: table, after: last)
  }

  /// Adds the rows of a table that went into the quarantine after a number, and after its chunks.
  func tellErrorLog(of table: String, after last: Int) {
    do {
      try errorLog?.append(from: connection.ledger, table: table, after: last) { rows in
        tools.observer(.newlyQuarantined(NewlyQuarantined(rows: rows)))
      }
    } catch {
      tools.warn("the error log is incomplete: \(error)")
    }
  }

  private func tick(
    _ work: TableWork, _ coordinator: LaneCoordinator, _ lanes: Int, _ before: TableProgress?,
    _ begun: ContinuousClock.Instant
  ) {
    let now = ContinuousClock.now
    if now >= nextReport {
      nextReport = now + .milliseconds(250)
      tools.observer(.progress(progressReport(work, before, coordinator, lanes, begun)))
      check(coordinator.committed.counts, of: work.plan.name, planned: before?.rowEstimate)
      watchSilence(coordinator)
    }
    if now >= nextBeat {
      nextBeat = now + .seconds(1)
      keepAlive(coordinator)
    }
    if now >= nextCheckpoint {
      nextCheckpoint = now + .seconds(2)
      checkpoints.write(.running)
    }
  }

  /// Lets the current chunks be finished and the run end, unless it is ending already.
  func stop(_ cause: StopCause) {
    guard tools.control.stopLevel == .keepRunning else { return }
    tools.control.stop(cause)
    tools.observer(.stopping(cause, atOnce: false))
  }

  private func keepAlive(_ coordinator: LaneCoordinator) {
    do {
      try connection.ensureConnection()
      try connection.ledger.heartbeat(connection.run.id)
      failures = 0
    } catch let error as PostgresError where error.nature == .transient {
      failures += 1
      if failures > 10 * max(1, connection.maximumRetries) { coordinator.fail(error) }
    } catch {
      coordinator.fail(error)
    }
  }

  private func watchSilence(_ coordinator: LaneCoordinator) {
    let silence = coordinator.silence
    guard silence > .seconds(30) else {
      nextStallReport = .seconds(30)
      return
    }
    guard silence >= nextStallReport, tools.control.stopLevel == .keepRunning else { return }
    nextStallReport = silence + .seconds(60)
    if let report = try? StallWatch(connection.ledger).report(silence) {
      tools.observer(.stalled(report))
    }
  }

  /// What was committed before this run, by the ledger, and what its lanes have committed since.
  private func progressReport(
    _ work: TableWork, _ before: TableProgress?, _ coordinator: LaneCoordinator, _ lanes: Int,
    _ begun: ContinuousClock.Instant
  ) -> TableProgressReport {
    let (counts, chunks) = coordinator.committed
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

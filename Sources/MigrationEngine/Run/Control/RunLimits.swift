import MigrationBasics
import MigrationLedger
import MigrationPlan

/// When a run stops on its own: too many rejects, too long, too much memory, too little disk.
package struct RunLimits {
  private let limits: Limits
  private var maximumRejects: Int?
  private var deadline: ContinuousClock.Instant?
  /// Whether the plan has set the deadline, and more follows from it than a pause.
  private var isTimeTrigger = false
  private let triggers: Triggers
  private let started: ContinuousClock.Instant
  private let memoryLimit: Int?
  private let freeDisk: Int
  private let disk: TargetDisk?
  private var hasWarned = false
  /// The share that this command line lets pass, of a table's rows.
  private let accepted: Double?
  /// Open rejects of the session: of earlier runs, and of the tables that this run is done with.
  private var rejectsBefore: Int
  /// Rows of the current table that earlier runs read and rejected.
  private var before = (read: 0, rejected: 0)

  /// - Parameter rejects: rows that wait in the session's quarantine.
  init(_ request: RunRequest, started: ContinuousClock.Instant, disk: TargetDisk?, rejects: Int) {
    (self.disk, freeDisk) = (disk, request.settings.freeDisk)
    (accepted, rejectsBefore) = (request.acceptedShare, rejects)
    (limits, triggers) = (request.plan.limits, request.plan.triggers)
    memoryLimit = request.settings.memoryLimit ?? limits.memoryLimit
    self.started = started
    configure(request.settings)
  }

  /// - Parameter given: what the command line or another terminal allows.
  private mutating func setDeadline(_ given: Duration?) {
    let time = [given, limits.timeLimit].compactMap { $0 }.min()
    deadline = time.map { started + $0 }
    isTimeTrigger = time != nil && time == limits.timeLimit && triggers.action(.time) != .stop
  }

  /// Takes what earlier runs of the session read of a table, and rejected.
  mutating func beginTable(_ sheet: RowCounts?) {
    before = (sheet?.read ?? 0, sheet?.open ?? 0)
  }

  /// Counts a table's rejects for those of the whole session.
  mutating func endTable(_ counts: ChunkCounts) {
    rejectsBefore += counts.quarantined
    before = (0, 0)
    hasWarned = false
  }

  /// Takes the settings that the run begins with, or what they have become meanwhile.
  package mutating func configure(_ settings: RunSettings) {
    maximumRejects = settings.maximumRejects ?? limits.maximumRejects
    setDeadline(settings.timeLimit)
  }

  /// Returns why the run has to stop, if it has to; warns before.
  ///
  /// - Parameter planned: rows of the table, by the estimate of the planning.
  mutating func breach(
    _ counts: ChunkCounts, of table: String, planned: Int, tell: RunObserver
  ) -> StopCause? {
    if let deadline, ContinuousClock.now >= deadline {
      // Who names a time on a command line wants a pause.
      return isTimeTrigger
        ? .limit(.timeout, "the time limit of the plan was reached") : .timeIsUp
    }
    if let memoryLimit, let used = ProcessMemory.now()?.resident, used > memoryLimit {
      return .limit(
        .memory,
        "the process uses \(ByteCount.text(used)) of memory, above the limit of "
          + "\(ByteCount.text(memoryLimit))")
    }
    if let free = disk?.freeByteCount, free < freeDisk {
      return .limit(
        .disk,
        "the target's disk has \(ByteCount.text(free)) free, below the limit of "
          + "\(ByteCount.text(freeDisk))")
    }
    return tooManyRejects(counts, of: table, planned: planned, tell: tell)
  }

  /// Returns why a run can't continue, by what it and earlier runs of the session rejected.
  package mutating func tooManyRejects(
    _ counts: ChunkCounts = ChunkCounts(), of table: String, planned: Int, tell: RunObserver
  ) -> StopCause? {
    let rejects = rejectsBefore + counts.quarantined
    if let maximumRejects, rejects > maximumRejects {
      return .limit(
        .data,
        "\(CountText.of(rejects, "row was", "rows were")) rejected, above the limit of \(GroupedNumber.text(maximumRejects))"
      )
    }
    let (read, rejected) = (before.read + counts.read, before.rejected + counts.quarantined)
    switch judgement(rejected: rejected, of: read, planned: planned) {
    case .stop(let share):
      return .limit(.data, words(rejected, of: read, in: table, share))
    case .warn(let share) where !hasWarned:
      hasWarned = true
      tell(.warning("\(ShareText.measured(share)) of the rows of \(table) are rejected"))
    case .warn, .none: break
    }
    return nil
  }

  /// Judges a table by the plan, and by what the command line accepts of all its rows.
  ///
  /// Bad rows may come first: what is accepted is a share of all rows that are expected.
  package func judgement(rejected: Int, of read: Int, planned: Int = 0) -> Limits.Judgement {
    let found = limits.judgement(rejected: rejected, of: read)
    guard case .stop(let share) = found, let accepted else { return found }
    let least = Double(rejected) / Double(max(read, planned))
    return least > accepted ? found : .warn(share: share)
  }

  /// What is said of a table with too many rejects.
  package func words(_ rejected: Int, of read: Int, in table: String, _ share: Double) -> String {
    let limit = accepted.map { max($0, limits.stopErrorShare) } ?? limits.stopErrorShare
    return
      "\(GroupedNumber.text(rejected)) of \(CountText.of(read, "row")) of \(table) were rejected "
      + "(\(ShareText.measured(share, limit: limit)), the limit is \(ShareText.limit(limit)))"
  }
}

extension Limits {
  /// What the share of a table's rejected rows means for the run.
  package enum Judgement: Equatable {
    case none
    case warn(share: Double)
    case stop(share: Double)
  }

  /// Judges a table; of fewer rows than `leastRows` a share says nothing.
  ///
  /// - Parameter isPart: whether more rows come than were read, so that few say as much as they can.
  package func judgement(rejected: Int, of rows: Int, isPart: Bool = false) -> Judgement {
    guard rows > 0, rejected > 0, isPart || rows >= leastRows else { return .none }
    let share = Double(rejected) / Double(rows)
    if share >= stopErrorShare { return .stop(share: share) }
    return share >= warnErrorShare ? .warn(share: share) : .none
  }
}

/// When a run stops by itself: too many rejects, too long, too much memory, too little disk.
struct RunLimits {
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
  /// Of the tables that this run is done with.
  private var rejectsBefore = 0

  init(_ request: RunRequest, started: ContinuousClock.Instant, disk: TargetDisk?) {
    (self.disk, freeDisk) = (disk, request.stops.freeDisk)
    (limits, triggers) = (request.plan.limits, request.plan.triggers)
    maximumRejects = request.stops.maximumRejects ?? limits.maximumRejects
    memoryLimit = request.stops.memoryLimit ?? limits.memoryLimit
    self.started = started
    setDeadline(request.stops.timeLimit)
  }

  /// - Parameter given: what the command line or another terminal allows.
  private mutating func setDeadline(_ given: Duration?) {
    let time = [given, limits.timeLimit].compactMap { $0 }.min()
    deadline = time.map { started + $0 }
    isTimeTrigger = time != nil && time == limits.timeLimit && triggers.action(.time) != .stop
  }

  /// Counts a table's rejects for those of the whole run.
  mutating func endTable(_ counts: ChunkCounts) {
    rejectsBefore += counts.quarantined
    hasWarned = false
  }

  /// Takes settings that someone changed while the run is under way.
  mutating func configure(_ changes: RunAdjustments) {
    if let rejects = changes.maximumRejects {
      maximumRejects = rejects.number ?? limits.maximumRejects
    }
    if let minutes = changes.maximumMinutes {
      setDeadline(minutes.number.map { .seconds(60 * $0) })
    }
  }

  /// Returns why the run has to stop, if it has to; warns before.
  mutating func breach(_ counts: ChunkCounts, tell: RunObserver) -> StopCause? {
    if let deadline, ContinuousClock.now >= deadline {
      // Who names a time on a command line wants a pause.
      return isTimeTrigger
        ? .limit(.timeout, "the time that the plan allows is up") : .timeIsUp
    }
    let rejects = rejectsBefore + counts.quarantined
    if let maximumRejects, rejects > maximumRejects {
      return .limit(
        .data, "\(rejects) rows were rejected, more than the \(maximumRejects) that are allowed")
    }
    if let memoryLimit, let used = ProcessMemory.now()?.resident, used > memoryLimit {
      return .limit(
        .memory,
        "the program takes \(ByteCount.text(used)) of memory, more than the "
          + "\(ByteCount.text(memoryLimit)) that are allowed")
    }
    if let free = disk?.freeByteCount, free < freeDisk {
      return .limit(
        .disk,
        "the target's disk has \(ByteCount.text(free)) left, less than the "
          + "\(ByteCount.text(freeDisk)) that must stay free")
    }
    switch limits.judgement(rejected: counts.quarantined, of: counts.read) {
    case .stop(let share):
      return .limit(
        .data,
        "\(counts.quarantined) of \(counts.read) rows were rejected "
          + "(\(Self.percent(share)), the limit is \(Self.percent(limits.stopErrorShare)))")
    case .warn(let share) where !hasWarned:
      hasWarned = true
      tell(.warning("\(Self.percent(share)) of the rows are rejected"))
    case .warn, .none: break
    }
    return nil
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}

extension Limits {
  /// What the share of a table's rejected rows means for the run.
  enum Judgement: Equatable {
    case none
    case warn(share: Double)
    case stop(share: Double)
  }

  /// Judges a table; of fewer rows than `leastRows` a share says nothing.
  ///
  /// - Parameter isPart: whether more rows come than were read, so that few say as much as they can.
  func judgement(rejected: Int, of rows: Int, isPart: Bool = false) -> Judgement {
    guard rows > 0, rejected > 0, isPart || rows >= leastRows else { return .none }
    let share = Double(rejected) / Double(rows)
    if share >= stopErrorShare { return .stop(share: share) }
    return share >= warnErrorShare ? .warn(share: share) : .none
  }
}

/// When a run stops by itself: too many rejects, too long, too much memory, too little disk.
struct RunLimits {
  private let limits: Limits
  private var maximumRejects: Int?
  private var deadline: ContinuousClock.Instant?
  private let started: ContinuousClock.Instant
  private var stopShare: Double
  private let memoryLimit: Int?
  private let freeDisk: Int
  private let disk: TargetDisk?
  private var hasWarned = false
  /// Of the tables that this run is done with.
  private var rejectsBefore = 0

  /// A share of fewer rows than this says nothing.
  private static let fewestRows = 1000

  init(_ request: RunRequest, started: ContinuousClock.Instant, disk: TargetDisk?) {
    (self.disk, freeDisk) = (disk, request.stops.freeDisk)
    limits = request.plan.limits
    stopShare = limits.stopErrorShare
    maximumRejects = request.stops.maximumRejects ?? limits.maximumRejects
    deadline = request.timeLimit.map { started + $0 }
    memoryLimit = request.stops.memoryLimit
    self.started = started
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
      let time = [minutes.number.map { .seconds(60 * $0) }, limits.timeLimit].compactMap { $0 }
      deadline = time.min().map { started + $0 }
    }
  }

  /// Returns why the run has to stop, if it has to; warns before.
  mutating func breach(_ counts: ChunkCounts, tell: RunObserver) -> StopCause? {
    if let deadline, ContinuousClock.now >= deadline { return .timeIsUp }
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
    guard counts.read >= Self.fewestRows else { return nil }
    let share = Double(counts.quarantined) / Double(counts.read)
    if share >= stopShare {
      return .limit(
        .data,
        "\(counts.quarantined) of \(counts.read) rows were rejected "
          + "(\(Self.percent(share)), the limit is \(Self.percent(stopShare)))")
    }
    if share >= limits.warnErrorShare, !hasWarned {
      hasWarned = true
      tell(.warning("\(Self.percent(share)) of the rows are rejected"))
    }
    return nil
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }
}

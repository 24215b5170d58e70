import FoundationEssentials

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
  mutating func configure(_ settings: JSONValue) {
    if case .int(let rejects)? = settings["maxRejects"] { maximumRejects = rejects }
    if case .int(let minutes)? = settings["maxMinutes"] {
      deadline = started + .seconds(60 * minutes)
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
    if let memoryLimit, let used = Self.residentBytes(), used > memoryLimit {
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

  /// The memory of this process, from the kernel.
  static func residentBytes() -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
      return nil
    }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Int(fields[1]).map { $0 * 4096 } : nil
  }
}

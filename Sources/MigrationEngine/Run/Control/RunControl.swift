import MigrationBasics
import Postgres
import Synchronization

/// Why a run ends before its work is done.
public enum StopCause: Sendable, Equatable {
  /// Ctrl+C.
  case interrupted
  /// SIGTERM.
  case terminated
  /// `migrate pause` or `migrate stop` from another terminal.
  case requested(by: String)
  /// The time that `--until`, `--max-minutes` or the plan gave is up.
  case timeIsUp
  /// A safety limit of the plan or the command line.
  case limit(ErrorCode, String)

  /// The cause in a few words.
  public var text: String {
    switch self {
    case .interrupted: "Ctrl+C"
    case .terminated: "SIGTERM"
    case .requested(let by): "requested by \(by)"
    case .timeIsUp: "the time limit was reached"
    case .limit(_, let what): what
    }
  }
}

/// The handle with which others stop a run: the signals of the process, limits, other terminals.
///
/// `interrupt` and `terminate` only store atomically, so that a signal handler may call them.
public final class RunControl: Sendable {
  /// How a run should continue.
  enum StopLevel: Int, Comparable {
    case keepRunning
    /// Finish the current chunks.
    case pause
    /// Roll the current chunks back.
    case cancel

    static func < (left: StopLevel, right: StopLevel) -> Bool { left.rawValue < right.rawValue }
  }

  private let asked = Atomic<Int>(0)
  private let signal = Atomic<Int>(0)
  private let firstCause = Mutex<StopCause?>(nil)
  private let settled = Mutex(RunSettings())
  /// What the run itself does on the target, apart from its lanes: an index, for instance.
  package let statements = CancelRegistry()

  public init() {}

  /// Takes the settings that the run begins with.
  func begin(with settings: RunSettings) { settled.withLock { $0 = settings } }

  /// Changes settings of the run; each takes effect at the next chunk or table.
  func adjust(_ adjustments: RunAdjustments) {
    settled.withLock { $0[.changed].merge(adjustments) }
  }

  /// The settings as they are now.
  var settings: RunSettings { settled.withLock { $0 } }

  /// Asks for a pause after the current chunks; asked a second time, cancels them.
  public func interrupt() { signalled(1) }

  /// Does the same as `interrupt` and is distinguished in the outcome.
  public func terminate() { signalled(2) }

  private func signalled(_ number: Int) {
    let before = signal.exchange(number, ordering: .acquiringAndReleasing)
    let stopLevel = before == 0 ? StopLevel.pause : StopLevel.cancel
    asked.max(stopLevel.rawValue, ordering: .acquiringAndReleasing)
  }

  /// Stops for a cause; the first cause is kept.
  package func stop(_ cause: StopCause, once: Bool = false) {
    firstCause.withLock { $0 = $0 ?? cause }
    asked.max((once ? StopLevel.cancel : .pause).rawValue, ordering: .acquiringAndReleasing)
  }

  /// Ends the other lanes because one has failed.
  package func abandon() { asked.max(StopLevel.cancel.rawValue, ordering: .acquiringAndReleasing) }

  var stopLevel: StopLevel { StopLevel(rawValue: asked.load(ordering: .acquiring)) ?? .cancel }

  /// Whether a signal has asked the run to stop.
  var isSignalled: Bool { signal.load(ordering: .acquiring) != 0 }

  /// Why the run was asked to stop, if it was.
  public var cause: StopCause? {
    if let cause = firstCause.withLock({ $0 }) { return cause }
    return switch signal.load(ordering: .acquiring) {
    case 1: .interrupted
    case 2: .terminated
    default: nil
    }
  }
}

/// The connections that lanes are waiting on, so that they can be woken by a cancel request.
package final class CancelRegistry: Sendable {
  private let handles = Mutex<[Int: [any Cancelling]]>([:])

  /// Enters what cancels a lane's reading, and the connection that it writes through.
  package func enter(lane: Int, _ target: Connection, reading cancels: [any Cancelling] = []) {
    let found = cancels + [try? target.cancelHandle()].compactMap { $0 }
    handles.withLock { $0[lane] = found }
  }

  /// Enters the connection of a helper that has no number, and gives it one.
  package func enter(helper connection: Connection) -> Int {
    let found: [any Cancelling]? = (try? connection.cancelHandle()).map { [$0] }
    return handles.withLock { handles in
      let place = min(handles.keys.min() ?? 0, 0) - 1
      handles[place] = found
      return place
    }
  }

  func leave(lane: Int) { handles.withLock { $0[lane] = nil } }

  /// Asks the servers to cancel whatever the lanes are doing.
  func cancelAll() {
    for handle in handles.withLock({ $0.values.flatMap { $0 } }) { try? handle.send() }
  }
}

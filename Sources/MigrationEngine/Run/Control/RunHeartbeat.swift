import MigrationBasics
import MigrationLedger
import Postgres
import Synchronization

/// Gives a run's signs of life and takes what other terminals ask of it, whatever the run is doing.
///
/// It has a thread and a connection of its own: while the run itself searches duplicates or builds
/// an index for an hour, it is still seen to be alive, and can still be asked to pause.
final class RunHeartbeat: Sendable {
  private let run: RunID
  private let control: RunControl
  private let openTarget: @Sendable () throws -> Ledger
  private let observer: RunObserver
  private let signs: SignsOfLife
  /// What else has to be done again and again.
  private let tend: @Sendable () -> Void
  private let isStopped = Atomic<Bool>(false)
  private let thread = Mutex<WorkerThread?>(nil)

  init(
    run: RunID, _ control: RunControl, signs: SignsOfLife, observer: @escaping RunObserver,
    openTarget: @escaping @Sendable () throws -> Ledger, tend: @escaping @Sendable () -> Void
  ) {
    (self.run, self.control, self.observer, self.openTarget) = (run, control, observer, openTarget)
    (self.signs, self.tend) = (signs, tend)
  }

  func start() throws {
    let worker = try WorkerThread { [self] in beat() }
    thread.withLock { $0 = worker }
  }

  /// Ends the thread; afterwards nothing is cancelled any more.
  func stop() {
    isStopped.store(true, ordering: .releasing)
    let worker = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    worker?.join()
  }

  private func beat() {
    var ledger: Ledger?
    var next = ContinuousClock.now
    var hasToldSignal = false
    while !isStopped.load(ordering: .acquiring) {
      if control.stopLevel == .cancel { control.statements.cancelAll() }
      if !hasToldSignal, control.isSignalled, let cause = control.cause {
        hasToldSignal = true
        observer(.stopping(cause, atOnce: control.stopLevel == .cancel))
      }
      if ContinuousClock.now >= next {
        next = .now + .milliseconds(500)
        ledger = beat(through: ledger)
        tend()
      }
      WorkerThread.sleep(.milliseconds(50)) { !isStopped.load(ordering: .acquiring) }
    }
  }

  /// Returns the connection to continue with; a failure is reported by the run's own thread, which has it as well.
  private func beat(through ledger: Ledger?) -> Ledger? {
    do {
      let (ledger, requests) = try signs.time {
        let opened = try ledger ?? openTarget()
        return (opened, try opened.heartbeat(run, memory: ProcessMemory.now()))
      }
      for request in requests {
        obey(request)
        try ledger.take(request)
      }
      return ledger
    } catch {
      return nil
    }
  }

  private func obey(_ request: ControlRequest) {
    switch request.kind {
    case .pause: stop(.requested(by: request.requestedBy), once: false)
    case .stop: stop(.requested(by: request.requestedBy), once: true)
    case .configure:
      let changes = RunAdjustments(request.settings)
      control.adjust(changes)
      observer(.adjusted(changes, by: request.requestedBy))
    }
  }

  private func stop(_ cause: StopCause, once: Bool) {
    let isNew = control.stopLevel == .keepRunning
    control.stop(cause, once: once)
    if isNew { observer(.stopping(cause, atOnce: once)) }
  }
}

import MigrationBasics
import MigrationPlan

/// What a run works with from its start to its end, whatever it finds.
struct RunTools: Sendable {
  let control: RunControl
  let observer: RunObserver
  let source: any RowSource
  let targets: TargetConnections
  let prefetcher: FeedPrefetcher
  /// When the run began; an answer that it waited for before takes none of its time.
  var started = ContinuousClock.now

  init(_ request: RunRequest, _ control: RunControl, _ observer: @escaping RunObserver) throws {
    (self.control, self.observer) = (control, observer)
    source = try request.databases.source.source(
      connectTimeout: request.databases.connectTimeout, reading: request.databases.reading,
      locks: SourceTableLocks(request.plan, patience: request.databases.lockTimeout),
      inLanes: true)
    targets = TargetConnections(request)
    prefetcher = FeedPrefetcher(source) { control.stopLevel == .keepRunning }
  }

  func release() {
    prefetcher.end()
    targets.dropIdle()
    source.release()
  }

  func warn(_ text: String) { observer(.warning(text)) }
}

import Glibc
import MigrationCore
import Synchronization

/// Writes to an output on a thread of its own, so that a reader that does not read holds nothing up.
///
/// After Ctrl+S, or if a pseudo terminal is full, a write waits until the terminal reads. A command that holds locks, or
/// that others steer, must not wait for that. Texts are kept in order until they can be written; of the progress only
/// the last picture is. stdout and stderr share a queue if they lead to the same place.
///
/// The queue lives as long as the process: its thread may wait in a write for ever.
final class OutputQueue: @unchecked Sendable {
  struct Entry {
    let descriptor: Int32
    let text: String
    /// Whether the next picture of the progress replaces it.
    var isProgress = false
    /// Whether it goes to the terminal if the reader has exited.
    var insists = false
  }

  /// How long a terminal may read nothing until nothing waits for it any more.
  private let patience: Duration
  /// How many bytes of text wait at most.
  private let mostBytes: Int

  // All that may change is guarded by `mutex`; `changed` is signalled with each change.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var entries: [Entry] = []
  private var bytes = 0
  /// The descriptor that the thread is writing to.
  private var writing: Int32?
  /// When the thread last began or ended a write.
  private var moved = ContinuousClock.now
  private var isStarted = false
  /// How many texts found no room, and where the last of them belonged.
  private var lost: (count: Int, descriptor: Int32)?
  /// The descriptor of a bar that was queued last, without the end of its line.
  private var bar: Int32?

  init(patience: Duration = .seconds(60), mostBytes: Int = 16 << 20) {
    (self.patience, self.mostBytes) = (patience, mostBytes)
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  private static let atWork = Mutex<[OutputQueue]>([])

  /// Writes what all queues of the process hold, before it exits at a place that knows none of them.
  static func finishAll() {
    for queue in atWork.withLock({ $0 }) { queue.finish() }
  }

  /// Adds a text. Waits only if a reader that reads is far behind.
  func add(_ entry: Entry) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard start() else {
      Self.write(entry)
      return
    }
    if entry.isProgress {
      if entries.last?.isProgress == true { bytes -= entries.removeLast().text.utf8.count }
    } else if !waitUntil({ bytes <= mostBytes }) {
      lost = ((lost?.count ?? 0) + 1, entry.descriptor)
      return
    }
    if !entry.isProgress { closeBar() }
    append(entry)
    if entry.isProgress, !entry.text.hasSuffix("\n") { bar = entry.descriptor }
  }

  /// Waits until all is written; for a terminal that reads nothing not for ever.
  func finish() {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    closeBar()
    if let lost {
      let lines = CountText.of(lost.count, "line was", "lines were")
      append(
        Entry(descriptor: lost.descriptor, text: "\(lines) not shown: the terminal read nothing\n"))
    }
    lost = nil
    moved = .now
    _ = waitUntil { entries.isEmpty && writing == nil }
  }

  private func closeBar() {
    if let bar { append(Entry(descriptor: bar, text: "\n")) }
    bar = nil
  }

  private func append(_ entry: Entry) {
    entries.append(entry)
    bytes += entry.text.utf8.count
    pthread_cond_broadcast(changed)
  }

  /// Returns false if a terminal reads nothing. Whoever reads a pipe slowly wants all of it.
  private func waitUntil(_ isSo: () -> Bool) -> Bool {
    while !isSo() {
      if let writing, isatty(writing) == 1, .now - moved > patience { return false }
      var end = Self.soon()
      pthread_cond_timedwait(changed, mutex, &end)
    }
    return true
  }

  private func start() -> Bool {
    guard !isStarted else { return true }
    // Signals belong to the thread that waits for them. This one may begin before they are blocked for all.
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    isStarted = (try? WorkerThread { [self] in work() }) != nil
    if isStarted { Self.atWork.withLock { $0.append(self) } }
    return isStarted
  }

  private func work() {
    pthread_mutex_lock(mutex)
    while true {
      while entries.isEmpty { pthread_cond_wait(changed, mutex) }
      let batch = entries
      entries = []
      for (place, entry) in batch.enumerated() {
        (writing, moved) = (entry.descriptor, .now)
        bytes -= entry.text.utf8.count
        // A picture that was queued since replaces this one.
        let next = place + 1 < batch.count ? batch[place + 1] : entries.first
        if entry.isProgress, next?.isProgress == true { continue }
        pthread_mutex_unlock(mutex)
        Self.write(entry)
        pthread_mutex_lock(mutex)
        moved = .now
      }
      writing = nil
      pthread_cond_broadcast(changed)
    }
  }

  /// Writes a text in the caller's place, and waits for its reader.
  static func write(_ entry: Entry) {
    guard !writeAll(entry.text, to: entry.descriptor), entry.insists else { return }
    let terminal = open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { return }
    writeAll(entry.text, to: terminal)
    close(terminal)
  }

  /// Returns whether all of it was written.
  @discardableResult
  private static func writeAll(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR || waits(errno, descriptor) { continue }
        guard count > 0 else { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
  }

  /// Waits for the reader of a pipe or terminal that is set to refuse writes instead of letting them wait.
  private static func waits(_ code: Int32, _ descriptor: Int32) -> Bool {
    guard code == EAGAIN else { return false }
    var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&question, 1, -1) >= 0 || errno == EINTR
  }

  private static func soon() -> timespec {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    now.tv_sec += 1
    return now
  }
}

import MigrationBasics
import Postgres
import Synchronization

/// Counts and hashes tables on a thread of its own, while pg_dump works.
final class ContentsCounting: Sendable {
  private let result = Mutex<Result<[DatabaseContents.Table], any Error>>(.success([]))
  private let time = Mutex(0)
  private let isAbandoned = Atomic(false)
  private let cancel: CancelHandle
  private let thread = Mutex<WorkerThread?>(nil)

  init(_ reader: ContentsReader, _ selection: BackupSelection) throws {
    cancel = try reader.connection.cancelHandle()
    let worker = try WorkerThread { [self] in
      let clock = Stopwatch()
      let counted = Result { try count(reader, selection) }
      result.withLock { $0 = counted }
      time.withLock { $0 = clock.milliseconds }
    }
    thread.withLock { $0 = worker }
  }

  /// Waits for the numbers, and says how many milliseconds they took.
  func finish() throws -> (tables: [DatabaseContents.Table], milliseconds: Int) {
    join()
    return (try result.withLock { try $0.get() }, time.withLock { $0 })
  }

  /// Gives the counting up.
  func abandon() {
    isAbandoned.store(true, ordering: .releasing)
    try? cancel.send()
    join()
  }

  private func join() { thread.withLock { $0.take() }?.join() }

  private func count(
    _ reader: ContentsReader, _ selection: BackupSelection
  ) throws -> [DatabaseContents.Table] {
    var tables: [DatabaseContents.Table] = []
    for table in selection.filled {
      if isAbandoned.load(ordering: .acquiring) { return [] }
      tables.append(try reader.table(table))
    }
    tables += selection.empty.map {
      DatabaseContents.Table(schema: $0.schema, name: $0.name, rows: nil, hash: nil, bytes: 0)
    }
    return tables.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
  }
}

import MigrationBasics
import Postgres
import Synchronization

/// A PostgreSQL database that rows are read from, seen by all lanes in one snapshot.
///
/// A holder connection keeps the transaction open that exported the snapshot, and with it the
/// locks that keep the tables as they are. If it dies, the next
/// lane that connects exports a new one: rows are then read in two snapshots, and
/// `isOneMoment` says so.
final class PostgresSource: RowSource {
  private struct Held {
    var holder: Connection?
    var snapshot: Snapshot?
    var count = 0
  }

  private let target: ConnectionString
  private let options: ConnectionOptions
  private let locks: SourceTableLocks
  private let held = Mutex(Held())
  /// Idle connections, with their snapshots.
  private let idle = Mutex<[(connection: Connection, snapshot: Snapshot)]>([])

  /// - Parameter inLanes: whether several sessions read chunks at once.
  init(
    _ target: ConnectionString, options: ConnectionOptions, locks: SourceTableLocks = .none,
    inLanes: Bool = false
  ) {
    (self.target, self.locks) = (target, locks)
    var options = options
    // Rows without a key are distinguished by their order, which must not depend on other readers.
    options.serverSettings["synchronize_seqscans"] = "off"
    options.serverSettings["default_transaction_read_only"] = "on"
    if inLanes {
      // Workers next to each lane would only cost the source's processors.
      options.tuning["max_parallel_workers_per_gather"] = "0"
      // The rows of a chunk are sorted in memory.
      options.tuning["work_mem"] = "32MB"
    }
    options.lockTimeout = locks.patience ?? options.lockTimeout
    self.options = options
  }

  /// More than one snapshot means that the first was lost.
  var isOneMoment: Bool { held.withLock { $0.count } <= 1 }

  func noteChange() {}

  func open(timeout: Duration?) throws -> any RowReader {
    let (connection, snapshot) = try takeIdle(timeout) ?? connect(timeout)
    return PostgresReader(connection) { [weak self] in self?.keep($0, snapshot) }
  }

  /// Connects and takes up the shared snapshot, in a transaction that stays open.
  ///
  /// - Parameter timeout: how long a statement may take; nil is for ever.
  private func connect(_ timeout: Duration?) throws -> (Connection, Snapshot) {
    var options = options
    options.statementTimeout = timeout ?? .zero
    let connection = try Connection(to: target, options: options)
    try connection.takeTextsAsStored()
    for _ in 0..<3 {
      if let snapshot = try takeUp(connection, timeout) { return (connection, snapshot) }
    }
    throw Self.snapshotAlwaysLost
  }

  /// Returns nil if the snapshot was gone, and forgets it.
  private func takeUp(_ connection: Connection, _ timeout: Duration?) throws -> Snapshot? {
    let snapshot = try currentSnapshot(timeout)
    do throws(PostgresError) {
      try connection.begin(seeing: snapshot)
      return snapshot
    } catch {
      guard error.kind == .snapshotGone else { throw error }
      forget(snapshot)
      return nil
    }
  }

  /// Returns a connection that answers, and that sees what the locks still keep as it is.
  ///
  /// A new connection would find out on its own that the holder is gone; this one has to ask.
  private func takeIdle(_ timeout: Duration?) -> (Connection, Snapshot)? {
    guard idle.withLock({ !$0.isEmpty }), let current = heldSnapshot() else { return nil }
    idle.withLock { $0.removeAll { $0.snapshot != current } }
    while let (connection, snapshot) = idle.withLock({ $0.popLast() }) {
      if (try? connection.limitStatements(to: timeout ?? .zero)) != nil {
        return (connection, snapshot)
      }
    }
    return nil
  }

  private func heldSnapshot() -> Snapshot? {
    held.withLock { state in
      // An answer may be on its way that was asked for before; it is waited for as for any other.
      if (try? state.holder?.answers(within: .seconds(86_400))) != true {
        (state.holder, state.snapshot) = (nil, nil)
      }
      return state.snapshot
    }
  }

  /// Asks on the connection that holds the snapshot.
  func answers(within time: Duration) throws -> Bool? {
    try held.withLock { try $0.holder?.answers(within: time) }
  }

  /// Keeps a connection whose transaction is as it was begun.
  private func keep(_ connection: Connection, _ snapshot: Snapshot) {
    guard connection.isUsable, (try? connection.transactionState()) == .inTransaction else {
      return
    }
    idle.withLock { $0.append((connection, snapshot)) }
  }

  private static let snapshotAlwaysLost = MigrationError(
    .coded(.connection), "the source's snapshot is lost each time it is taken",
    reason: "snapshot", remedy: "see the source server's log for what ends its sessions")

  /// Gives the snapshot back, so that the source can clean up rows that it kept for it.
  func release() {
    idle.withLock { $0 = [] }
    held.withLock { state in
      try? state.holder?.close()
      state.holder = nil
      state.snapshot = nil
    }
  }

  /// - Parameter timeout: how long the locks may be waited for; nil is as long as other locks.
  private func currentSnapshot(_ timeout: Duration?) throws -> Snapshot {
    if let snapshot = held.withLock({ $0.snapshot }) { return snapshot }
    return try held.withLock { state in
      if let snapshot = state.snapshot { return snapshot }
      var options = options
      options.idleInTransactionTimeout = .zero
      options.statementTimeout = timeout ?? .zero
      options.applicationName += " snapshot"
      let holder = try Connection(to: target, options: options)
      let snapshot = try holder.exportSnapshot(after: locks.statement(holder))
      (state.holder, state.snapshot) = (holder, snapshot)
      state.count += 1
      return snapshot
    }
  }

  private func forget(_ lost: Snapshot) {
    held.withLock { state in
      guard state.snapshot == lost else { return }
      state.holder = nil
      state.snapshot = nil
    }
  }
}

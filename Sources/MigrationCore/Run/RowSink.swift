import Postgres

/// Takes the source rows of one chunk after the other, and sorts them: loaded or set aside.
///
/// For an ordinary row it allocates nothing; only what is set aside costs memory.
final class RowSink {
  private let work: TableWork
  private let machines: [RowMachine]
  private var feed: FeedWork
  private var machine: RowMachine
  private var looksForLosers = false
  private var rawKey: [UInt8] = []
  private var chunk = 0
  let buffer = CopyBuffer()
  private(set) var read = 0
  private(set) var loaded = 0
  private(set) var bytes = 0
  private(set) var quarantined: [QuarantinedRow] = []

  init?(_ work: TableWork) {
    let machines = work.makeMachines()
    guard let feed = work.feeds.first, let machine = machines.first else { return nil }
    (self.work, self.machines, self.feed, self.machine) = (work, machines, feed, machine)
  }

  /// Makes ready for the rows of a chunk.
  func begin(_ chunk: Chunk) {
    feed = work.feeds[chunk.feed]
    machine = machines[chunk.feed]
    self.chunk = chunk.number
    looksForLosers = work.losers.feeds.contains(chunk.feed)
    (read, loaded, bytes) = (0, 0, 0)
    quarantined = []
    _ = machine.takeWarnings()
    buffer.removeAll()
  }

  /// Takes a row as COPY sent it; returns whether the target row stands in the buffer.
  @discardableResult
  func take(_ row: UnsafeRawBufferPointer) -> Bool {
    read += 1
    bytes += row.count
    if looksForLosers, isLoser(row) { return false }
    switch machine.run(row, into: buffer) {
    case .row:
      loaded += 1
      machine.keepExamples(of: row)
      return true
    case .rejected:
      setAside(row, machine.reject)
      return false
    }
  }

  /// Sets a row aside that was loaded first and that the server refused then.
  func refuse(_ row: UnsafeRawBufferPointer, number: Int, _ refusal: ServerRefusal) {
    loaded -= 1
    quarantined.append(
      refusal.quarantined(key: key(row, number: number), row: machine.sourceRow(row)))
  }

  /// Returns the warnings about the chunk's rows, and starts counting again.
  func takeWarnings() -> [WarningCount] {
    let warnings = machine.takeWarnings()
    return warnings.counts.map { warning, count in
      WarningCount(
        column: warning.column, reason: warning.reason.name, count: count,
        examples: warnings.examples[warning] ?? [])
    }
  }

  var counts: ChunkCounts {
    var counts = ChunkCounts()
    (counts.read, counts.loaded, counts.quarantined) = (read, loaded, quarantined.count)
    counts.bytes = bytes
    return counts
  }

  private func isLoser(_ row: UnsafeRawBufferPointer) -> Bool {
    feed.key.read(row, into: &rawKey)
    guard let winner = work.losers.winner(feed: feed.number, rawKey: rawKey) else { return false }
    quarantined.append(
      QuarantinedRow(
        key: key(row, number: read), row: machine.sourceRow(row), code: .duplicate,
        reason: "duplicate",
        column: winner.columns,
        hint: "another row with the same \(winner.columns) comes first; "
          + "change one of them in the source, or settle this one",
        winner: winner.key))
    return true
  }

  private func setAside(_ row: UnsafeRawBufferPointer, _ reject: RejectReason) {
    quarantined.append(
      QuarantinedRow(
        key: key(row, number: read), row: machine.sourceRow(row), code: reject.code,
        reason: reject.reason.name,
        column: reject.column.isEmpty ? nil : reject.column, value: reject.value,
        hint: reject.check.map { "\($0): \(reject.hint)" } ?? reject.hint))
  }

  /// A row without a key is told by its place in the chunk.
  private func key(_ row: UnsafeRawBufferPointer, number: Int) -> JSONValue {
    let key = machine.key(row)
    return key == .null ? ["chunk": .int(chunk), "row": .int(number)] : key
  }
}

/// Why the server refused a row.
struct ServerRefusal: Sendable {
  let state: SQLState
  let message: String
  let constraint: String?
  let column: String?
  let detail: String?

  init(_ error: PostgresError) {
    state = error.sqlState ?? SQLState("XX000")
    message = error.message
    (constraint, column, detail) = (error.constraint, error.column, error.detail)
  }

  init(
    state: SQLState, message: String, constraint: String?, column: String?, detail: String?
  ) {
    (self.state, self.message) = (state, message)
    (self.constraint, self.column, self.detail) = (constraint, column, detail)
  }

  func quarantined(key: JSONValue, row: JSONValue) -> QuarantinedRow {
    QuarantinedRow(
      key: key, row: row, code: code, reason: reason, column: column, value: detail,
      hint: "the target refused the row: \(message)", winner: winner)
  }

  private var code: ErrorCode {
    switch state.code {
    case "23505", "23P01": .duplicate
    case "23503": .foreignKey
    default: .data
    }
  }

  private var reason: String {
    switch state.code {
    case "23505": "duplicate"
    case "23P01": "exclusion"
    case "23503": "orphan"
    case "23502": "missing"
    case "23514": "checkFailed"
    default: "sqlstate\(state.code)"
    }
  }

  /// The winner's own key is not known here, but what it has in common with the row is.
  private var winner: JSONValue? {
    guard code == .duplicate else { return nil }
    return ["constraint": .optional(constraint), "detail": .optional(detail)]
  }
}

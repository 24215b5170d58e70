import MigrationBasics
import MigrationLedger
import MigrationRows
import Postgres

/// Takes the source rows of one chunk after the other, and sorts them: loaded or quarantined.
///
/// For an ordinary row it allocates nothing; only what is quarantined costs memory.
package final class RowSink {
  private let work: TableWork
  private let machines: [RowMachine]
  private var feed: FeedWork
  private var machine: RowMachine
  private var looksForLosers = false
  private var readsElements = false
  private var rawKey: [UInt8] = []
  private var keys: RowKeyReader
  /// Keys of which this chunk has loaded the one row that is kept of several equal ones.
  private var kept: Set<[UInt8]> = []
  private var chunk = 0
  package let buffer = CopyBuffer()
  package private(set) var read = 0
  package private(set) var loaded = 0
  /// Documents whose elements are the rows.
  package private(set) var documents = 0
  package private(set) var bytes = 0
  package private(set) var quarantined: [QuarantinedRow] = []
  private let fingerprints: FingerprintKey?
  private var hashedFields: [Int]?
  private var sum = Fingerprint.zero
  /// That of the row that was loaded last.
  private(set) var lastFingerprint = Fingerprint.zero
  private var stages = StageSample()

  init?(_ work: TableWork) {
    let machines = work.makeMachines()
    guard let feed = work.feeds.first, let machine = machines.first else { return nil }
    (self.work, self.machines, self.feed, self.machine) = (work, machines, feed, machine)
    keys = RowKeyReader(feed.key)
    // Which rows of a merged table come into the target is not known before all are there.
    fingerprints = work.staging == nil ? work.fingerprints : nil
  }

  /// For each feed's watched values, whether a row had them.
  var hadValues: [[Bool]] { machines.map(\.hadValue) }

  /// Makes ready for the rows of a chunk.
  package func begin(_ chunk: Chunk) {
    feed = work.feeds[chunk.feed]
    machine = machines[chunk.feed]
    keys = RowKeyReader(feed.key)
    kept = []
    self.chunk = chunk.number
    readsElements = feed.program.readsElements
    looksForLosers = work.losers.feeds.contains(chunk.feed)
    (read, loaded, bytes, documents) = (0, 0, 0, 0)
    quarantined = []
    sum = .zero
    stages = StageSample()
    hashedFields = feed.hashedFields
    _ = machine.takeWarnings()
    buffer.removeAll()
  }

  /// Takes a source row, and reports each target row that is then in the buffer: the number
  /// of the element that it was made of, -1 if it was made of the whole row.
  package func take(_ row: UnsafeRawBufferPointer, _ taken: (Int) -> Void) {
    bytes += row.count
    keys.beginRow()
    guard readsElements else {
      if takeOne(row, -1) { taken(-1) }
      return
    }
    documents += 1
    guard machine.open(row) else { return takeDamaged(row) }
    var number = 0
    while machine.next() {
      if takeOne(row, number) { taken(number) }
      number += 1
    }
    if !machine.wasWhole { takeDamaged(row) }
  }

  private func takeOne(_ row: UnsafeRawBufferPointer, _ element: Int) -> Bool {
    read += 1
    if looksForLosers, isLoser(row, element) { return false }
    let isSampled = stages.takesNext(element)
    switch isSampled
      ? machine.run(row, into: buffer, &stages) : machine.run(row, element: element, into: buffer)
    {
    case .row:
      loaded += 1
      if let fingerprints {
        lastFingerprint = fingerprints.hash(machine.hashedBytes(hashedFields))
        sum += lastFingerprint
      }
      if isSampled { stages.ended(.encode) }
      machine.keepExamples(of: row, element: element)
      return true
    case .rejected:
      setAside(row, element, machine.reject)
      return false
    }
  }

  /// A document that can't be read to its end is quarantined as one row.
  private func takeDamaged(_ row: UnsafeRawBufferPointer) {
    read += 1
    setAside(row, -1, RejectReason(.corruptRow, column: ""))
  }

  /// Quarantines a row that was loaded first and that the server refused then.
  ///
  /// - Parameter isOpen: whether the row before was another element of the same document.
  package func refuse(
    _ row: UnsafeRawBufferPointer, element: Int, isOpen: Bool, number: Int,
    _ fingerprint: Fingerprint, _ refusal: ServerRefusal
  ) {
    loaded -= 1
    sum -= fingerprint
    machine.goTo(element, of: row, isOpen: isOpen)
    quarantined.append(
      refusal.quarantined(
        key: key(row, element, number: number), row: machine.sourceRow(row, element: element)))
  }

  /// Takes what the loaded rows add up to as the server stores them; returns how many it stores.
  func settle(_ stored: FingerprintSum) -> Int {
    sum = stored.fingerprint
    return stored.rows
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

  /// What the rows add up to that were loaded; nil if none is made.
  package var fingerprint: Fingerprint? { fingerprints == nil ? nil : sum }

  package var counts: ChunkCounts {
    var counts = ChunkCounts()
    (counts.read, counts.loaded, counts.quarantined) = (read, loaded, quarantined.count)
    counts.bytes = bytes
    stages.enter(into: &counts.phases, rows: read)
    return counts
  }

  private func isLoser(_ row: UnsafeRawBufferPointer, _ element: Int) -> Bool {
    keys.read(row, element: element, into: &rawKey)
    guard let loss = work.losers.loss(feed: feed.number, rawKey: rawKey) else { return false }
    if loss.keptIn == chunk, kept.insert(rawKey).inserted { return false }
    let hint =
      loss.keptIn == nil
      ? "an earlier row has the same \(loss.columns); "
        + "change one of them in the source, and retry"
      : "an equal, earlier row is loaded; remove the copies from the source"
    quarantined.append(
      QuarantinedRow(
        key: key(row, element, number: read), row: machine.sourceRow(row, element: element),
        code: .duplicate, reason: "duplicate", column: loss.columns, hint: hint,
        winner: loss.winner))
    return true
  }

  private func setAside(
    _ row: UnsafeRawBufferPointer, _ element: Int, _ reject: RejectReason
  ) {
    quarantined.append(
      QuarantinedRow(
        key: key(row, element, number: read), row: machine.sourceRow(row, element: element),
        code: reject.code, reason: reject.reason.name,
        column: reject.column.isEmpty ? nil : reject.column, value: reject.value,
        hint: reject.check.map { "\($0): \(reject.hint)" } ?? reject.hint))
  }

  /// A row without a key is identified by its place in the chunk.
  private func key(_ row: UnsafeRawBufferPointer, _ element: Int, number: Int) -> JSONValue {
    let key = machine.key(row, element: element)
    return key == .null ? ["chunk": .int(chunk), "row": .int(number)] : key
  }
}

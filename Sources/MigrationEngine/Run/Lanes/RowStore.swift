import MigrationBasics
import MigrationRows
import Postgres

/// The rows of one chunk, as they came and as they are to be sent.
package final class RowStore {
  /// The form of the rows that are to be sent.
  package let form: CopyForm
  /// Where the source row of a row lies, which of its elements the row is (-1 for none), and how many rows were read
  /// when it came.
  private struct Origin {
    let bytes: Range<Int>
    let element: Int
    let number: Int
  }

  private var source: [UInt8] = []
  private var origins: [Origin] = []
  private var encodedEnds: [Int] = []
  package private(set) var fingerprints: [Fingerprint] = []
  private let encoded = CopyBuffer(flushThreshold: 4 << 20)

  package init(_ form: CopyForm) { self.form = form }

  /// How many rows are ready to be sent.
  package var count: Int { encodedEnds.count }

  /// How many bytes are held.
  package var byteCount: Int { source.count + encoded.count }

  /// Runs a source row through a sink and keeps what is not quarantined of it.
  package func add(_ row: UnsafeRawBufferPointer, through sink: RowSink) {
    sink.buffer.removeAll()
    var kept: Range<Int>?
    sink.take(row) { element in
      add(
        row, element: element, encoded: sink.buffer, sink.lastFingerprint, kept: &kept,
        number: sink.read)
      sink.buffer.removeAll()
    }
  }

  /// Keeps a row with what it became.
  ///
  /// - Parameter kept: where the source row lies here, so that one of many elements lies here once.
  package func add(
    _ row: UnsafeRawBufferPointer, element: Int, encoded buffer: CopyBuffer,
    _ fingerprint: Fingerprint, kept: inout Range<Int>?, number: Int = 0
  ) {
    buffer.withBytes { encoded.append($0) }
    encodedEnds.append(encoded.count)
    fingerprints.append(fingerprint)
    let bytes = kept ?? source.count..<source.count + row.count
    if kept == nil { source.append(contentsOf: row) }
    kept = bytes
    origins.append(Origin(bytes: bytes, element: element, number: number))
  }

  /// Keeps what a row became, and not the row.
  package func add(encoded buffer: CopyBuffer) {
    var none: Range<Int>? = source.count..<source.count
    add(
      UnsafeRawBufferPointer(start: nil, count: 0), element: -1, encoded: buffer, .zero,
      kept: &none)
  }

  /// Lends a source row, with the number of its element that is the row, and its number in the chunk.
  package func withSourceRow(_ row: Int, _ body: (UnsafeRawBufferPointer, Int, Int) -> Void) {
    let origin = origins[row]
    source.withUnsafeBytes {
      body(UnsafeRawBufferPointer(rebasing: $0[origin.bytes]), origin.element, origin.number)
    }
  }

  /// Whether two rows were made of one source row.
  package func areOfOneSource(_ row: Int, _ other: Int?) -> Bool {
    other.map { origins[$0].bytes == origins[row].bytes } ?? false
  }

  /// Adds the fingerprints of runs of rows.
  package func sum(of ranges: [Range<Int>]) -> FingerprintSum {
    var sum = FingerprintSum()
    for row in ranges.joined() { sum.add(fingerprints[row]) }
    return sum
  }

  /// Returns the runs of rows between those that are omitted.
  package func ranges(without bad: Set<Int>) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for row in bad.sorted() {
      if start < row { ranges.append(start..<row) }
      start = row + 1
    }
    if start < count { ranges.append(start..<count) }
    return ranges
  }

  /// Sends runs of rows in one COPY; returns how many rows the server took.
  ///
  /// - Parameter mark: a statement to run directly before.
  package func send(
    _ ranges: [Range<Int>], _ statement: String, _ target: Connection, after mark: String? = nil
  ) throws(PostgresError) -> Int {
    let copy = try target.copyInOnOwnPath(statement, after: mark)
    let frame = CopyBuffer(flushThreshold: 64)
    form.begin(frame)
    try copy.send(frame)
    for range in ranges where !range.isEmpty {
      let bytes = start(of: range.lowerBound)..<encodedEnds[range.upperBound - 1]
      try encoded.withBytes { all throws(PostgresError) in
        try copy.write(UnsafeRawBufferPointer(rebasing: all[bytes]))
      }
    }
    form.end(frame)
    try copy.send(frame)
    return try copy.finish()
  }

  /// Sends rows with their number as a first column more.
  func sendNumbered(
    _ rows: ArraySlice<Int>, _ statement: String, _ target: Connection
  ) throws(PostgresError) -> Int {
    let copy = try target.copyInOnOwnPath(statement)
    let buffer = CopyBuffer()
    form.begin(buffer)
    for row in rows {
      appendNumbered(row, to: buffer)
      try copy.sendIfFull(buffer)
    }
    form.end(buffer)
    try copy.send(buffer)
    return try copy.finish()
  }

  private func appendNumbered(_ row: Int, to buffer: CopyBuffer) {
    encoded.withBytes { all in
      let bytes = UnsafeRawBufferPointer(rebasing: all[start(of: row)..<encodedEnds[row]])
      form.append(bytes, behind: [.number(row)], to: buffer)
    }
  }

  private func start(of row: Int) -> Int { row == 0 ? 0 : encodedEnds[row - 1] }
}

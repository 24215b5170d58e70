import MigrationBasics
import Postgres

/// Runs a program over one row after the other; each lane has its own.
///
/// Source bytes are read where they lie. `reject` and what the closures are lent do not need the
/// source row any more, and are good until the next call. After the largest row has been through, `run` allocates
/// nothing.
package final class RowMachine {
  package enum Verdict: Sendable {
    /// The target row is in the buffer.
    case row
    /// The buffer is as it was; `reject` says why.
    case rejected
  }

  package let program: RowProgram
  // Behind a pointer, because stored properties of a class are checked at each access.
  package let engine: UnsafeMutablePointer<RowEngine>
  private var examples: [WarningCounts.Warning: [JSONValue]] = [:]
  // The engine reads the tables' memory.
  private let lookups: [LookupTable]

  /// Makes a machine; the look-up tables are in the order of the program's `references`.
  package init(_ program: RowProgram, lookups: [LookupTable] = []) {
    precondition(
      lookups.count == program.references.count, "a machine needs one table for each reference")
    (self.program, self.lookups) = (program, lookups)
    engine = .allocate(capacity: 1)
    engine.initialize(to: RowEngine(program.memory, lookups: lookups.map(\.view)))
  }

  deinit {
    engine.pointee.free()
    engine.deinitialize(count: 1)
    engine.deallocate()
  }

  /// Transforms one source row, the body of a binary COPY row or a document, and appends the target
  /// row, the body of a binary COPY row too.
  @inlinable package func run(_ row: UnsafeRawBufferPointer, into buffer: CopyBuffer) -> Verdict {
    guard engine.pointee.run(row) else { return .rejected }
    send(to: buffer)
    return .row
  }

  /// Transforms a COPY row of which some target columns read another row than the others.
  ///
  /// - Parameter others: the rows that those columns read, by the columns' places.
  @inlinable package func run(
    _ row: [UInt8], except others: [Int: [UInt8]], into buffer: CopyBuffer
  ) -> Verdict {
    var bytes = row
    var places = [Range<Int>](repeating: 0..<row.count, count: program.targetColumns.count)
    for (column, other) in others {
      places[column] = bytes.count..<bytes.count + other.count
      bytes += other
    }
    return bytes.withUnsafeBytes { all in
      let rows = places.map { UnsafeRawBufferPointer(rebasing: all[$0]) }
      guard engine.pointee.run(rows, program.explanation.ranges) else { return .rejected }
      send(to: buffer)
      return .row
    }
  }

  /// Appends the row that was made last, in the form in which rows are sent.
  @inlinable @inline(__always)
  package func send(to buffer: CopyBuffer) {
    switch program.copyForm {
    case .binary: buffer.append(engine.pointee.output.bytes)
    case .text: buffer.append(engine.pointee.writeLine())
    }
  }

  /// The row that the last successful `run` made, lent until the next one.
  package func withTargetRow<Value>(
    _ body: (UnsafeRawBufferPointer) throws -> Value
  ) rethrows -> Value {
    try withExtendedLifetime(self) { try body(engine.pointee.output.bytes) }
  }

  /// The fields of the row that was made last, as its fingerprint is made of them; lent until the
  /// next one.
  ///
  /// - Parameter fields: their places, -1 for null; nil for all as they are.
  @inlinable @inline(__always)
  package func hashedBytes(_ fields: [Int]?) -> UnsafeRawBufferPointer {
    if let fields { return engine.pointee.chosenFields(fields) }
    return UnsafeRawBufferPointer(rebasing: engine.pointee.output.bytes.dropFirst(2))
  }

  /// Lends the values of a unique set's columns in the last row, as bytes that are equal where the
  /// values are; nil if one is null, because nulls never collide.
  package func withUniqueKey<Value>(
    _ set: Int, _ body: (UnsafeRawBufferPointer) throws -> Value
  ) rethrows -> Value? {
    guard let key = engine.pointee.uniqueKey(program.uniqueColumns[set]) else { return nil }
    return try withExtendedLifetime(self) { try body(key) }
  }

  /// Why the last row was rejected.
  package var reject: RejectReason {
    let state = engine.pointee
    let column = Int(state.rejectColumn)
    let hasColumn = column >= 0
    return RejectReason(
      state.rejectReason, column: hasColumn ? program.targetColumns[column] : "",
      sources: hasColumn ? program.explanation.sources[column] : [],
      check: state.rejectCheck >= 0 ? program.checkNames[Int(state.rejectCheck)] : nil,
      value: TextForm.string(state.rejectValue))
  }

  /// The warnings about rows that were let through since the last `takeWarnings`.
  package var warnings: WarningCounts {
    engine.pointee.warnings.current(columns: program.targetColumns)
  }

  /// Returns the warnings so far and starts counting again.
  package func takeWarnings() -> WarningCounts {
    var counts = engine.pointee.warnings.take(columns: program.targetColumns)
    counts.examples = examples
    examples = [:]
    return counts
  }

  /// Keeps the key of the row that was run last, for warnings that have few examples yet.
  @inlinable @inline(__always)
  package func keepExamples(of row: UnsafeRawBufferPointer, element: Int) {
    if engine.pointee.warnings.rareCount > 0 { keepRareExamples(of: row, element) }
  }

  @inline(never)
  private func keepRareExamples(of row: UnsafeRawBufferPointer, _ element: Int) {
    let warnings = engine.pointee.warnings.rareWarnings(columns: program.targetColumns)
    let key = key(row, element: element)
    for warning in warnings where key != .null { examples[warning, default: []].append(key) }
  }

  /// Returns the whole source row, to be kept with a rejected row; null if it is damaged.
  package func sourceRow(_ row: UnsafeRawBufferPointer, element: Int = -1) -> JSONValue {
    if program.memory.documents != nil { return documentRow(row, element) }
    guard engine.pointee.decode(row) else { return .null }
    return .object(
      JSONObject(
        program.sourceColumns.enumerated().map { index, name in
          (name, SlotJSON.value(engine.pointee.slots[index]))
        }))
  }

  /// Returns the key of a source row; null if it is damaged or the table has no key.
  package func key(_ row: UnsafeRawBufferPointer, element: Int = -1) -> JSONValue {
    if program.memory.documents != nil { return documentKey(row, element) }
    guard !program.keyColumns.isEmpty, engine.pointee.decode(row) else { return .null }
    return .object(
      JSONObject(
        program.keyColumns.map { index in
          (program.sourceColumns[index], SlotJSON.value(engine.pointee.slots[index]))
        }))
  }
}

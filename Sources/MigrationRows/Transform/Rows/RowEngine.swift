/// Takes one row after the other through a program: decode, run, convert, check, write.
///
/// The stages are kept apart, so that a COPY row or a document can fill the slots. The engine is
/// plain memory behind a pointer that `RowMachine` owns: no reference counting and no exclusivity
/// checks are in the path of a row. Once its arena and its output have grown to the largest row,
/// it allocates nothing.
package struct RowEngine {
  package let memory: ProgramMemory
  package let lookups: UnsafeMutablePointer<LookupView>
  let converter: Converter
  /// Converts JSON to the server's spelling.
  package let canonical: UnsafeMutablePointer<JSONCanonical>
  package let slots: UnsafeMutablePointer<Slot>
  /// The values of the target's columns, converted.
  let targets: UnsafeMutablePointer<Slot>
  package var arena = Arena()
  package var output: RowOutput
  package var line = CopyLine()
  /// For each watched value, whether a row had it.
  package let hadValue: UnsafeMutablePointer<Bool>
  package var warnings: WarningTally
  /// Of a document whose array's elements are the rows: those, and where the arena stood before.
  package var elements = ElementRows()
  var documentMark = Arena.Mark()

  // Why the last row was rejected.
  var rejectReason = Reason.corruptRow
  var rejectColumn: Int32 = -1
  var rejectCheck: Int32 = -1
  var rejectValue = Slot.null

  init(_ memory: ProgramMemory, lookups: [LookupView]) {
    self.memory = memory
    self.lookups = .allocate(capacity: max(lookups.count, 1))
    for (index, view) in lookups.enumerated() { (self.lookups + index).initialize(to: view) }
    slots = .allocate(capacity: max(memory.slots.count, 1))
    for (index, slot) in memory.slots.enumerated() { (slots + index).initialize(to: slot) }
    targets = .allocate(capacity: max(memory.columns.count, 1))
    targets.initialize(repeating: .null, count: max(memory.columns.count, 1))
    hadValue = .allocate(capacity: max(memory.watched.count, 1))
    hadValue.initialize(repeating: false, count: max(memory.watched.count, 1))
    canonical = .allocate(capacity: 1)
    canonical.initialize(to: JSONCanonical())
    // The first zone is the plan's.
    converter = Converter(
      zone: memory.zones[0], words: memory.words.baseAddress.unsafelyUnwrapped,
      keepsTexts: memory.documents != nil, canonical: canonical)
    output = RowOutput()
    warnings = WarningTally(
      columns: memory.columns.count, mostPerRow: memory.ops.count + memory.checks.count)
  }

  /// Frees everything; the engine can't be used afterwards.
  package mutating func free() {
    lookups.deallocate()
    slots.deallocate()
    targets.deallocate()
    hadValue.deallocate()
    arena.free()
    output.free()
    line.free()
    warnings.free()
    canonical.pointee.free()
    elements.free()
    canonical.deallocate()
  }

  /// Takes a source row through all stages; the result is in `output`.
  @inline(__always)
  package mutating func run(_ row: UnsafeRawBufferPointer) -> Bool {
    arena.reset()
    return decode(row) && runDecoded()
  }

  /// Takes what is in the source's slots through the stages behind decoding.
  @inline(__always)
  mutating func runDecoded() -> Bool {
    guard applyRules(), write() else { return false }
    warnings.keepRow()
    return true
  }

  /// Makes each target column's value of a source row of its own.
  ///
  /// - Parameter ranges: the instructions of each column.
  package mutating func run(_ rows: [UnsafeRawBufferPointer], _ ranges: [Range<Int>]) -> Bool {
    arena.reset()
    warnings.forgetRow()
    for (column, range) in ranges.enumerated() {
      guard decode(rows[column]), runOps(from: range.lowerBound, to: range.upperBound) >= 0,
        convert(column)
      else { return false }
    }
    guard check(), write() else { return false }
    warnings.keepRow()
    return true
  }

  /// Makes the columns' values of what is in the source's slots.
  @inline(__always)
  package mutating func applyRules() -> Bool {
    warnings.forgetRow()
    return runOps(from: 0, to: memory.ops.count) >= 0 && convert() && check()
  }

  /// Fills the source's slots from a source row.
  @inline(__always)
  package mutating func decode(_ row: UnsafeRawBufferPointer) -> Bool {
    if let shape = memory.documents { return decode(row, shape.pointee) }
    return decodeFields(row)
  }

  /// Fills the source's slots from the fields of a COPY row.
  @inline(__always)
  private mutating func decodeFields(_ row: UnsafeRawBufferPointer) -> Bool {
    let forms = memory.sourceForms
    guard let start = row.baseAddress, row.count >= 2,
      Int(start.int16(0)) == forms.count
    else { return reject(.corruptRow) }
    var offset = 2
    let end = row.count
    var index = 0
    while index < forms.count {
      guard offset &+ 4 <= end else { return reject(.corruptRow) }
      let length = Int(start.int32(offset))
      offset &+= 4
      if length < 0 {
        guard length == -1 else { return reject(.corruptRow) }
        slots[index] = .null
      } else {
        guard length <= end &- offset else { return reject(.corruptRow) }
        let slot = forms[index].decode(start + offset, length)
        guard slot.kind != .failed else { return reject(.corruptRow) }
        slots[index] = slot
        offset &+= length
      }
      index &+= 1
    }
    return offset == end || reject(.corruptRow)
  }

  /// Brings the columns' values into the columns' types.
  @inline(__always)
  mutating func convert() -> Bool {
    var index = 0
    while index < memory.columns.count {
      if !convert(index) { return false }
      index &+= 1
    }
    return true
  }

  @inline(__always)
  mutating func convert(_ index: Int) -> Bool {
    let column = memory.columns[index]
    let value = slots[Int(column.place)]
    let target = converter.convert(value, to: column.type, in: &arena)
    targets[index] = target
    if target.kind == .failed {
      return reject(target.reason, column: Int32(truncatingIfNeeded: index), value: value)
    }
    if target.isNull, column.isNotNull {
      return reject(.missing, column: Int32(truncatingIfNeeded: index))
    }
    return true
  }

  /// Writes the target row.
  @inline(__always)
  package mutating func write() -> Bool {
    noteValues()
    let columns = memory.columns
    output.begin(fields: columns.count)
    var index = 0
    while index < columns.count {
      output.append(targets[index], columns[index].type.form)
      index &+= 1
    }
    return true
  }

  /// Writes the target row once more as a line of text, and lends it until the next one.
  mutating func writeLine() -> UnsafeRawBufferPointer {
    line.begin()
    for index in 0..<memory.columns.count {
      line.append(targets[index], isFirst: index == 0, in: &arena)
    }
    line.end()
    return line.bytes
  }

  /// Notes why the row can't continue; returns false for the caller to return.
  @inline(never)
  package mutating func reject(_ reason: Reason, column: Int32 = -1, value: Slot = .null) -> Bool {
    (rejectReason, rejectColumn, rejectCheck) = (reason, column, -1)
    rejectValue = kept(value)
    return false
  }
}

extension RowEngine {
  /// A value whose bytes stay where they are when the source row has gone.
  private mutating func kept(_ value: Slot) -> Slot {
    switch value.kind {
    case .numeric, .text, .uuid, .json, .jsonb, .bytes, .array, .raw, .objectID, .document, .list,
      .other:
      var copy = value
      copy.bits = UInt64(UInt(bitPattern: arena.copy(value.start, value.length)))
      return copy
    default: return value
    }
  }
}

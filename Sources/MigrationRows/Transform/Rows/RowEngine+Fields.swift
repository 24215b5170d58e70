/// What is made of the fields of the row that was written last.
extension RowEngine {
  /// Puts fields of the row that was written together, in another order; -1 represents null.
  mutating func chosenFields(_ fields: [Int]) -> UnsafeRawBufferPointer {
    let row = output.bytes
    guard let start = row.baseAddress else { return row }
    let columns = memory.columns.count
    let place = arena.reserve(row.count + 4 * fields.count + 8 * (columns + 1))
    // First the places where the fields begin.
    let offsets = place.bindMemory(to: Int.self, capacity: columns + 1)
    offsets[0] = 2
    for column in 0..<columns {
      offsets[column + 1] = offsets[column] + 4 + max(0, Int(start.int32(offsets[column])))
    }
    let result = place + 8 * (columns + 1)
    var count = 0
    for field in fields {
      guard field >= 0 else {
        result.put32(-1, count)
        count += 4
        continue
      }
      let length = offsets[field + 1] - offsets[field]
      (result + count).copyMemory(from: start + offsets[field], byteCount: length)
      count += length
    }
    return UnsafeRawBufferPointer(start: result, count: count)
  }

  /// Puts the values of the row that was written together so that equal ones give equal bytes; nil
  /// where one is null. It reads the output, because the source row may have gone.
  mutating func uniqueKey(_ columns: [Int]) -> UnsafeRawBufferPointer? {
    let row = output.bytes
    guard let start = row.baseAddress else { return nil }
    let place = arena.reserve(row.count + 8 * columns.count)
    var count = 0
    for column in columns {
      var offset = 2
      for _ in 0..<column { offset += 4 + max(0, Int(start.int32(offset))) }
      let length = Int(start.int32(offset))
      guard length >= 0 else { return nil }
      if memory.columns[column].type.form == .numeric {
        // 1.0 and 1.00 are equal, so the display scale does not count, nor do zeros at the end.
        count += NumericView(start + offset + 4).writeKey(to: place + count)
      } else {
        (place + count).copyMemory(from: start + offset, byteCount: 4 + length)
        count += 4 + length
      }
    }
    return UnsafeRawBufferPointer(start: place, count: count)
  }
}

extension NumericView {
  /// Writes the number so that equal ones give equal bytes, whatever their display scale.
  func writeKey(to place: UnsafeMutableRawPointer) -> Int {
    var (first, end) = (0, digitCount)
    while first < end, digit(first) == 0 { first += 1 }
    while end > first, digit(end - 1) == 0 { end -= 1 }
    place.put32(Int32(truncatingIfNeeded: end - first), 0)
    place.put16(first == end ? 0 : Int16(truncatingIfNeeded: weight - first), 4)
    place.put16(first == end && isFinite ? 0 : Int16(bitPattern: sign), 6)
    for index in first..<end {
      place.put16(Int16(truncatingIfNeeded: digit(index)), 8 + 2 * (index - first))
    }
    return 8 + 2 * (end - first)
  }

  /// Appends the number as `writeKey` writes it.
  package func appendKey(to key: inout [UInt8]) {
    let space = 8 + 2 * digitCount
    withUnsafeTemporaryAllocation(byteCount: space, alignment: 4) { place in
      guard let start = place.baseAddress else { return }
      key.append(contentsOf: UnsafeRawBufferPointer(start: start, count: writeKey(to: start)))
    }
  }
}

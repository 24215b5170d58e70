extension Converter {
  /// Keeps a text that only the server reads; makes one of a list if the type is an array's.
  func foreign(_ slot: Slot, _ type: TargetType, in arena: inout Arena) -> Slot {
    guard slot.kind != .text, type.accepts(slot.kind) else {
      return slot.kind == .text
        ? convert(slot, to: TargetType(form: .text), in: &arena) : failure(slot, .noConversion)
    }
    let texts = array(slot, to: type.elementsAsTexts, in: &arena)
    return texts.kind == .array ? ArrayText.make(texts, in: &arena) : texts
  }

  /// Makes an array, or a JSON array, into an array of a column's element type.
  func array(_ slot: Slot, to type: TargetType, in arena: inout Arena) -> Slot {
    switch slot.kind {
    case .array: return convertArray(slot, to: type, in: &arena)
    case .json, .jsonb: return parseArray(slot, to: type, in: &arena)
    case .list: return listArray(slot, to: type, in: &arena)
    default: return failure(slot, .notAnArray)
    }
  }

  private func convertArray(_ slot: Slot, to type: TargetType, in arena: inout Arena) -> Slot {
    guard var reader = ArrayReader(slot.start, slot.length),
      let form = WireForm(oid: reader.elementOID)
    else { return .failed(.notAnArray) }
    // The flag of nulls may be set although there are none any more; the server clears it.
    let isSame =
      reader.elementOID == type.elementOID && type.limit < 0 && slot.start.int32(4) == 0
    if isSame && form != .text && form != .json { return slot }
    let elements = slots(reader.count, in: &arena)
    for index in 0..<reader.count {
      elements[index] = convertElement(reader.next(form), to: type, in: &arena)
      if elements[index].kind == .failed { return elements[index] }
    }
    let header = 12 + 8 * reader.dimensions
    return write(elements, reader.count, type, in: &arena) { place in
      place.copyMemory(from: slot.start, byteCount: header)
      return header
    }
  }

  private func parseArray(_ slot: Slot, to type: TargetType, in arena: inout Arena) -> Slot {
    let count = Self.elementCount(slot)
    guard count >= 0 else { return .failed(.notAnArray) }
    let elements = slots(count, in: &arena)
    var scan = JSONScan(slot.start, slot.length)
    scan.skipBlanks()
    for index in 0..<count {
      // Past the bracket or the comma.
      scan.offset += 1
      scan.skipBlanks()
      let value = JSONPart.take(&scan, isChecked: slot.kind == .jsonb, in: &arena)
      scan.skipBlanks()
      elements[index] = convertElement(value, to: type, in: &arena)
      if elements[index].kind == .failed { return elements[index] }
    }
    return write(elements, count, type, in: &arena) { Self.flatHeader(count, to: $0) }
  }

  private func listArray(_ slot: Slot, to type: TargetType, in arena: inout Arena) -> Slot {
    var counting = BSONScan(slot.start, slot.length)
    var count = 0
    while counting.next() { count += 1 }
    guard counting.isSound else { return .failed(.corruptRow) }
    let elements = slots(count, in: &arena)
    var scan = BSONScan(slot.start, slot.length)
    var index = 0
    while index < count, scan.next() {
      let value = BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
      elements[index] = convertElement(value, to: type, in: &arena)
      if elements[index].kind == .failed { return elements[index] }
      index += 1
    }
    return write(elements, count, type, in: &arena) { Self.flatHeader(count, to: $0) }
  }

  /// Writes the header of an array of one dimension and returns its length.
  private static func flatHeader(_ count: Int, to place: UnsafeMutableRawPointer) -> Int {
    place.put32(count == 0 ? 0 : 1, 0)
    guard count > 0 else { return 12 }
    place.put32(Int32(truncatingIfNeeded: count), 12)
    place.put32(1, 16)
    return 20
  }

  /// Arrays hold plain values: nothing that is itself an array.
  private func convertElement(_ slot: Slot, to type: TargetType, in arena: inout Arena) -> Slot {
    type.element.accepts(slot.kind) || slot.kind == .failed
      ? convert(slot, to: type.element, in: &arena) : .failed(.notAnArray)
  }

  /// Counts the elements of a JSON array; -1 if the text is none.
  private static func elementCount(_ slot: Slot) -> Int {
    guard JSONScan.problem(slot.start, slot.length) == nil else { return -1 }
    var scan = JSONScan(slot.start, slot.length)
    scan.skipBlanks()
    guard scan.takes(UInt8(ascii: "[")) else { return -1 }
    scan.skipBlanks()
    if scan.takes(UInt8(ascii: "]")) { return 0 }
    var count = 0
    repeat {
      scan.skipBlanks()
      guard scan.skipValue(depth: 0) else { return -1 }
      scan.skipBlanks()
      count += 1
    } while scan.takes(UInt8(ascii: ","))
    return count
  }

  private func slots(_ count: Int, in arena: inout Arena) -> UnsafeMutablePointer<Slot> {
    let byteCount = max(1, count) * MemoryLayout<Slot>.stride
    let place = arena.reserve(byteCount)
    arena.take(byteCount)
    return place.bindMemory(to: Slot.self, capacity: count)
  }

  private func write(
    _ elements: UnsafeMutablePointer<Slot>, _ count: Int, _ type: TargetType,
    in arena: inout Arena, header: (UnsafeMutableRawPointer) -> Int
  ) -> Slot {
    var bound = 64
    var hasNull: Int32 = 0
    for index in 0..<count {
      bound += 4 + FieldWriter.bound(elements[index])
      if elements[index].isNull { hasNull = 1 }
    }
    let place = arena.reserve(bound)
    var size = header(place)
    place.put32(hasNull, 4)
    place.put32(Int32(bitPattern: type.elementOID), 8)
    for index in 0..<count {
      size += FieldWriter.write(elements[index], type.elementForm, to: place + size)
    }
    arena.take(size)
    return Slot(.array, UnsafeRawPointer(place), size)
  }
}

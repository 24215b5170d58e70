extension RowEngine {
  /// Runs an instruction that makes or checks a value; returns false when the row is rejected.
  @inline(never)
  mutating func runValue(_ op: ValueOp, _ counter: Int) -> Bool {
    switch op {
    case .concatenate(let span, let separator, let to):
      slots[Int(to)] = concatenate(span, separator: slots[Int(separator)])
    case .part(let from, let path, let to):
      let value = slots[Int(from)]
      return settle(part(value, path), of: value, into: to, .quarantine, counter)
    case .field(let from, let root, let path, let to):
      if slots[Int(from)].isThere {
        slots[Int(to)] = slots[Int(from)]
        return true
      }
      let value = slots[Int(root)]
      return settle(part(value, path), of: value, into: to, .quarantine, counter)
    case .identity(let from, let namespace, let to):
      slots[Int(to)] = identity(slots[Int(from)], namespace: slots[Int(namespace)])
    case .lookup(let from, let table, let to):
      slots[Int(to)] = lookUp(slots[Int(from)], Int(table))
    case .orphan(let span, let to, let policy):
      let value = firstValue(span)
      if value.isNull {
        slots[Int(to)] = .null
        return true
      }
      return settleFailure(.orphan, of: value, into: to, policy, counter)
    }
    return true
  }

  private mutating func concatenate(_ span: Span32, separator: Slot) -> Slot {
    var bound = 0
    for index in 0..<Int(span.count) {
      bound += TextForm.bound(slots[listed(span, index)]) + separator.length
    }
    let place = arena.reserve(bound)
    var count = 0
    var hasPart = false
    for index in 0..<Int(span.count) {
      let part = slots[listed(span, index)]
      if part.isNull { continue }
      if hasPart {
        (place + count).copyMemory(from: separator.start, byteCount: separator.length)
        count += separator.length
      }
      count += TextForm.write(part, to: place + count)
      hasPart = true
    }
    guard hasPart else { return .null }
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }

  /// The number of the slot at a place of a list.
  @inline(__always)
  package func listed(_ span: Span32, _ index: Int) -> Int {
    Int(memory.lists[Int(span.first) &+ index])
  }

  private func firstValue(_ span: Span32) -> Slot {
    for index in 0..<Int(span.count) {
      let slot = slots[listed(span, index)]
      if !slot.isNull { return slot }
    }
    return .null
  }

  private mutating func part(_ value: Slot, _ path: Span32) -> Slot {
    BSONPart.find(value, path: keys(of: path), in: &arena)
  }

  private mutating func identity(_ value: Slot, namespace: Slot) -> Slot {
    if value.isNull || value.kind == .uuid { return value }
    if value.kind == .objectID { return ObjectIDUUID.make(value.start, in: &arena) }
    // Some fields hold ObjectIds, and others the digits of them.
    if memory.documents != nil, let id = ObjectIDUUID.read(value, in: &arena) {
      return ObjectIDUUID.make(id, in: &arena)
    }
    let text = TextForm.make(value, in: &arena)
    if text.length == 36, let uuid = UUIDText.read(text.start, text.length, in: &arena) {
      return Slot(.uuid, uuid, 16)
    }
    let uuid = UUIDText.versionFive(
      namespace: namespace.start, text.start, text.length, in: &arena)
    return Slot(.uuid, uuid, 16)
  }

  private mutating func lookUp(_ value: Slot, _ table: Int) -> Slot {
    if value.isNull { return .null }
    let shape = memory.lookupShapes[table]
    let key = lookupKey(value, shape.key)
    // What is no value of the column's type can't be the key of a row.
    guard !key.isNull, key.kind != .failed,
      let found = lookups[table].find(key.start, key.length)
    else { return .null }
    switch shape.result {
    case .uuid: return found.count == 16 ? Slot(.uuid, found.start, 16) : .null
    case .integer: return found.count == 8 ? .int(found.start.int64(0)) : .null
    case .text, .padded, .number, .date, .time, .timestamp, .timestamptz, .bool:
      return Slot(.text, found.start, found.count)
    }
  }

  /// Brings a value into the form in which a look-up table has the values of its key column.
  private mutating func lookupKey(_ value: Slot, _ form: LookupForm) -> Slot {
    func converted(_ type: WireForm) -> Slot {
      converter.convert(value, to: TargetType(form: type), in: &arena)
    }
    switch form {
    case .uuid: return converted(.uuid)
    case .integer: return bytes(of: converted(.int8), count: 8)
    case .text: return TextForm.make(value, in: &arena)
    case .padded:
      let text = TextForm.make(value, in: &arena)
      return Slot(.text, text.start, text.start.length(text.length, without: UInt8(ascii: " ")))
    case .number: return digits(of: converted(.numeric))
    case .date: return bytes(of: converted(.date), count: 4)
    case .time: return bytes(of: converted(.time), count: 8)
    case .timestamp: return bytes(of: converted(.timestamp), count: 8)
    case .timestamptz: return bytes(of: converted(.timestamptz), count: 8)
    case .bool: return bytes(of: converted(.bool), count: 1)
    }
  }

  /// The last bytes of a value that is kept as a number, the highest first.
  private mutating func bytes(of value: Slot, count: Int) -> Slot {
    guard !value.isNull, value.kind != .failed else { return value }
    let place = arena.reserve(8)
    place.put64(value.number, 0)
    arena.take(8)
    return Slot(.bytes, UnsafeRawPointer(place + (8 - count)), count)
  }

  /// The text of a numeric without zeros at the end of its decimal places.
  private mutating func digits(of number: Slot) -> Slot {
    let text = TextForm.make(number, in: &arena)
    guard text.kind == .text else { return text }
    var hasPoint = false
    for index in 0..<text.length where text.start.byte(index) == UInt8(ascii: ".") {
      hasPoint = true
    }
    guard hasPoint else { return text }
    let length = text.start.length(text.length, without: UInt8(ascii: "0"))
    return Slot(.text, text.start, text.start.length(length, without: UInt8(ascii: ".")))
  }

  mutating func runCondition(_ op: ConditionOp) {
    switch op {
    case .isNull(let from, let to): slots[Int(to)] = .bool(slots[Int(from)].isNull)
    case .equalsAny(let from, let span, let to):
      slots[Int(to)] = .bool(equalsAny(slots[Int(from)], span))
    case .hasPrefix(let from, let prefix, let to):
      let (text, start) = (TextForm.make(slots[Int(from)], in: &arena), slots[Int(prefix)])
      slots[Int(to)] = .bool(
        text.kind == .text && text.count >= start.count
          && text.start.equals(start.start, start.length))
    case .atMost(let from, let bound, let to):
      slots[Int(to)] = .bool(isAtMost(slots[Int(from)], slots[Int(bound)]))
    case .not(let from, let to): slots[Int(to)] = .bool(!slots[Int(from)].isTrue)
    case .all(let span, let to):
      var holds = true
      for index in 0..<Int(span.count) where !slots[listed(span, index)].isTrue { holds = false }
      slots[Int(to)] = .bool(holds)
    case .any(let span, let to):
      var holds = false
      for index in 0..<Int(span.count) where slots[listed(span, index)].isTrue { holds = true }
      slots[Int(to)] = .bool(holds)
    }
  }

  private mutating func isAtMost(_ value: Slot, _ bound: Slot) -> Bool {
    guard !value.isNull, !bound.isNull else { return false }
    return SlotOrder.compare(value, bound, converter, in: &arena).map { $0 <= 0 } ?? false
  }

  private mutating func equalsAny(_ value: Slot, _ span: Span32) -> Bool {
    for index in 0..<Int(span.count) {
      let other = slots[listed(span, index)]
      if value.isNull || other.isNull {
        if value.isNull && other.isNull { return true }
        continue
      }
      if SlotOrder.compare(value, other, converter, in: &arena) == 0 { return true }
    }
    return false
  }
}

extension UnsafeRawPointer {
  /// How many of some bytes are left without those at the end that are all the same.
  fileprivate func length(_ count: Int, without last: UInt8) -> Int {
    var count = count
    while count > 0, byte(count - 1) == last { count -= 1 }
    return count
  }
}

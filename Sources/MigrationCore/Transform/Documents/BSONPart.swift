/// Follows paths into documents where they lie.
enum BSONPart {
  /// Follows a path of keys, or numbers from zero in arrays; null where it leads nowhere.
  ///
  /// Of a key that comes twice the last counts, as everywhere.
  static func find(
    _ slot: Slot, path: UnsafeBufferPointer<Slot>, in arena: inout Arena
  ) -> Slot {
    var value = slot
    for step in path {
      switch value.kind {
      case .document: value = member(of: value, key: step, in: &arena)
      case .list: value = element(of: value, number: step, in: &arena)
      default: return .null
      }
      if value.isNull || value.kind == .failed { return value }
    }
    return value
  }

  private static func member(of slot: Slot, key: Slot, in arena: inout Arena) -> Slot {
    var scan = BSONScan(slot.start, slot.length)
    var found = Slot.null
    while scan.next() {
      if scan.keyLength == key.length, scan.key.equals(key.start, key.length) {
        found = BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
      }
    }
    return scan.isSound ? found : .failed(.corruptRow)
  }

  private static func element(of slot: Slot, number: Slot, in arena: inout Arena) -> Slot {
    guard let wanted = index(number) else { return .null }
    var scan = BSONScan(slot.start, slot.length)
    var index = 0
    while scan.next() {
      if index == wanted {
        return BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
      }
      index += 1
    }
    return scan.isSound ? .null : .failed(.corruptRow)
  }

  private static func index(_ step: Slot) -> Int? {
    guard step.count > 0, step.count < 10 else { return nil }
    var index = 0
    for offset in 0..<step.length {
      guard ASCII.isDigit(step.start.byte(offset)) else { return nil }
      index = index * 10 + Int(step.start.byte(offset) - 0x30)
    }
    return index
  }
}

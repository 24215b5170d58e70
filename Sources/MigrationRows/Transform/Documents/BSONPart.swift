import MigrationBasics

/// Follows paths into documents where they lie.
enum BSONPart {
  /// Follows a path of keys, or numbers from zero in arrays; null if there is nothing.
  ///
  /// Where the path leads through what is there and has no keys, or through an array without saying
  /// which element, the value is a failure: it would be lost else. Of a key that comes twice the last
  /// counts, as everywhere.
  static func find(
    _ slot: Slot, path: UnsafeBufferPointer<Slot>, in arena: inout Arena
  ) -> Slot {
    var value = slot
    for (number, step) in path.enumerated() {
      switch value.kind {
      case .null, .failed: return value
      case .document: value = member(of: value, key: step, in: &arena)
      case .list:
        guard let index = index(step) else { return withoutNumber(value) }
        value = element(of: value, number: index, in: &arena)
      case .text, .json, .jsonb:
        let rest = UnsafeBufferPointer(rebasing: path[number...])
        return JSONPart.find(in: value, path: rest, in: &arena)
      default: return .failed(.notJSON)
      }
    }
    return value
  }

  static func member(of slot: Slot, key: Slot, in arena: inout Arena) -> Slot {
    var scan = BSONScan(slot.start, slot.length)
    var found = Slot.null
    while scan.next() {
      if scan.keyLength == key.length, scan.key.equals(key.start, key.length) {
        found = BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
      }
    }
    return scan.isSound ? found : .failed(.corruptRow)
  }

  static func element(of slot: Slot, number: Int, in arena: inout Arena) -> Slot {
    var scan = BSONScan(slot.start, slot.length)
    var index = 0
    while scan.next() {
      if index == number {
        return BSONSlot.make(scan.type, scan.value, scan.valueLength, in: &arena)
      }
      index += 1
    }
    return scan.isSound ? .null : .failed(.corruptRow)
  }

  /// What a key that is no number finds in an array: nothing if the array is empty.
  private static func withoutNumber(_ slot: Slot) -> Slot {
    var scan = BSONScan(slot.start, slot.length)
    if scan.next() { return .failed(.pathIntoArray) }
    return scan.isSound ? .null : .failed(.corruptRow)
  }

  /// The number of an element that a key represents; nil for other keys.
  static func index(_ step: Slot) -> Int? {
    guard step.count > 0, step.count < 10 else { return nil }
    var index = 0
    for offset in 0..<step.length {
      guard ASCII.isDigit(step.start.byte(offset)) else { return nil }
      index = index * 10 + Int(step.start.byte(offset) - 0x30)
    }
    return index
  }
}

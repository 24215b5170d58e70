import Glibc

/// Fills a `LookupTable`.
package final class LookupTableBuilder {
  package struct Parts {
    package let slots: UnsafeMutablePointer<LookupSlot>
    let slotCount: Int
    package let entries: UnsafeMutableRawPointer
    let entryBytes: Int
    package let count: Int

    package init(
      slots: UnsafeMutablePointer<LookupSlot>, slotCount: Int, entries: UnsafeMutableRawPointer,
      entryBytes: Int, count: Int
    ) {
      self.slots = slots
      self.slotCount = slotCount
      self.entries = entries
      self.entryBytes = entryBytes
      self.count = count
    }

  }

  private var slots: UnsafeMutablePointer<LookupSlot>
  private var slotCount: Int
  private var entries: UnsafeMutableRawPointer
  private var capacity: Int
  /// The first unit stays free, because entry zero means a free place.
  private var used = 8
  private var isFinished = false
  /// How many entries there are so far.
  package private(set) var count = 0

  package init() {
    slotCount = 64
    slots = Self.emptySlots(slotCount)
    capacity = 4096
    entries = Self.resized(nil, capacity)
  }

  deinit {
    guard !isFinished else { return }
    slots.deallocate()
    free(entries)
  }

  /// How much memory the entries take so far.
  package var byteCount: Int { slotCount * MemoryLayout<LookupSlot>.stride + used }

  /// Adds an entry; returns false, and changes nothing, if the key is already there.
  @discardableResult
  package func insert(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    precondition(!isFinished, "a finished table takes no entries")
    let size = (8 + key.count + value.count + 7) & ~7
    makeRoom(size)
    let entry = entries + used
    entry.storeBytes(of: UInt32(truncatingIfNeeded: key.count), as: UInt32.self)
    entry.storeBytes(
      of: UInt32(truncatingIfNeeded: value.count), toByteOffset: 4, as: UInt32.self)
    if let start = key.baseAddress { (entry + 8).copyMemory(from: start, byteCount: key.count) }
    if let start = value.baseAddress {
      (entry + 8 + key.count).copyMemory(from: start, byteCount: value.count)
    }
    let view = LookupView(slots: slots, mask: slotCount - 1, entries: entries)
    guard view.find(UnsafeRawPointer(entry + 8), key.count) == nil else { return false }
    place(UInt32(used / 8), hash: LookupView.hash(UnsafeRawPointer(entry + 8), key.count))
    used += size
    count += 1
    return true
  }

  /// Adds an entry with a text as its key.
  @discardableResult
  package func insert(key: String, value: [UInt8]) -> Bool {
    var key = key
    return key.withUTF8 { key in
      value.withUnsafeBytes { insert(key: UnsafeRawBufferPointer(key), value: $0) }
    }
  }

  /// Returns the table; the builder takes nothing after that.
  package func finish() -> LookupTable {
    precondition(!isFinished, "a table is finished once")
    isFinished = true
    return LookupTable(
      owning: Parts(
        slots: slots, slotCount: slotCount, entries: Self.resized(entries, used), entryBytes: used,
        count: count))
  }

  private func makeRoom(_ size: Int) {
    if used + size > capacity {
      capacity = max(capacity + capacity / 2, used + size)
      entries = Self.resized(entries, capacity)
    }
    if (count + 1) * 4 > slotCount * 3 { growSlots() }
  }

  /// Large blocks are moved by remapping their pages, so growing never needs the memory twice.
  private static func resized(
    _ block: UnsafeMutableRawPointer?, _ byteCount: Int
  ) -> UnsafeMutableRawPointer {
    guard let resized = realloc(block, byteCount) else {
      preconditionFailure("no memory for a lookup table of \(byteCount) bytes")
    }
    return resized
  }

  private func growSlots() {
    slots.deallocate()
    slotCount *= 2
    slots = Self.emptySlots(slotCount)
    var offset = 8
    while offset < used {
      let entry = UnsafeRawPointer(entries + offset)
      let keyCount = Int(entry.load(as: UInt32.self))
      let valueCount = Int(entry.load(fromByteOffset: 4, as: UInt32.self))
      place(UInt32(offset / 8), hash: LookupView.hash(entry + 8, keyCount))
      offset += (8 + keyCount + valueCount + 7) & ~7
    }
  }

  private func place(_ entry: UInt32, hash: UInt64) {
    var index = Int(truncatingIfNeeded: hash) & (slotCount - 1)
    while slots[index].entry != 0 { index = (index + 1) & (slotCount - 1) }
    slots[index] = LookupSlot(hash: UInt32(truncatingIfNeeded: hash >> 32), entry: entry)
  }

  private static func emptySlots(_ count: Int) -> UnsafeMutablePointer<LookupSlot> {
    let slots = UnsafeMutablePointer<LookupSlot>.allocate(capacity: count)
    slots.initialize(repeating: LookupSlot(hash: 0, entry: 0), count: count)
    return slots
  }
}

import Glibc

/// Finds values by keys, both of them bytes, in a few flat blocks of memory.
///
/// A table is filled by a `LookupTableBuilder` and never changes after that, so any number of
/// threads may read it. For each entry it holds eight bytes of hash table (twice that when half
/// empty), eight of lengths, and the bytes themselves.
package final class LookupTable: @unchecked Sendable {
  package let view: LookupView
  private let slots: UnsafeMutablePointer<LookupSlot>
  private let entries: UnsafeMutableRawPointer
  /// How many entries there are.
  package let count: Int
  /// How much memory the table takes.
  package let byteCount: Int

  init(owning parts: LookupTableBuilder.Parts) {
    (slots, entries, count) = (parts.slots, parts.entries, parts.count)
    byteCount = parts.slotCount * MemoryLayout<LookupSlot>.stride + parts.entryBytes
    view = LookupView(
      slots: UnsafePointer(slots), mask: parts.slotCount - 1,
      entries: UnsafeRawPointer(entries))
  }

  deinit {
    slots.deallocate()
    free(entries)
  }

  /// Lends the value of a key to a closure; nil if the key is not there.
  package func find<Value>(
    _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Value
  ) rethrows -> Value? {
    try withExtendedLifetime(self) {
      let found = withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { empty in
        view.find(key.baseAddress ?? UnsafeRawPointer(empty.baseAddress), key.count)
      }
      guard let found else { return nil }
      return try body(UnsafeRawBufferPointer(start: found.start, count: found.count))
    }
  }
}

/// A place of the hash table: part of a key's hash, and where its entry lies in units of 8 bytes.
package struct LookupSlot {
  package var hash: UInt32
  /// Zero if the place is free.
  package var entry: UInt32
}

/// A view of a table that owns nothing, for the row program.
package struct LookupView: BitwiseCopyable {
  package let slots: UnsafePointer<LookupSlot>
  package let mask: Int
  package let entries: UnsafeRawPointer

  /// Finds the bytes that are behind a key; nil if the key is not there.
  @inline(__always)
  package func find(_ key: UnsafeRawPointer?, _ count: Int) -> (
    start: UnsafeRawPointer, count: Int
  )? {
    guard let key else { return nil }
    let hash = Self.hash(key, count)
    let tag = UInt32(truncatingIfNeeded: hash >> 32)
    var index = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[index]
      if slot.entry == 0 { return nil }
      if slot.hash == tag {
        let entry = entries + Int(slot.entry) &* 8
        let keyCount = Int(entry.load(as: UInt32.self))
        if keyCount == count, (entry + 8).equals(key, count) {
          let valueCount = Int(entry.load(fromByteOffset: 4, as: UInt32.self))
          return (entry + 8 + keyCount, valueCount)
        }
      }
      index = (index &+ 1) & mask
    }
  }

  /// Mixes the bytes of a key, eight at a time.
  @inline(__always)
  package static func hash(_ key: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var hash = UInt64(truncatingIfNeeded: count) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset < count {
      var word: UInt64 = 0
      if offset &+ 8 <= count {
        word = key.word(offset)
      } else {
        while offset < count {
          word = word << 8 | UInt64(key.byte(offset))
          offset &+= 1
        }
      }
      let (high, low) = (hash ^ word).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
      hash = high ^ low
      offset &+= 8
    }
    hash = (hash ^ hash >> 32) &* 0x9FB2_1C65_1E98_DF25
    return hash ^ hash >> 29
  }
}

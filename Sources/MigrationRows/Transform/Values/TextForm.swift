import MigrationBasics

/// Writes any value as text: for text columns, keys of look-ups, digests, reports.
package enum TextForm {
  /// How many bytes `write` may need.
  package static func bound(_ slot: Slot) -> Int {
    switch slot.kind {
    case .numeric: slot.numeric.textBound
    case .text, .json, .jsonb: slot.length
    case .bytes, .raw: 2 * slot.length + 2
    case .array: JSONValueText.bound(slot)
    case .document, .list, .other: BSONJSON.bound(slot)
    default: 64
    }
  }

  /// Writes a value that is neither null nor failed, and returns how many bytes it took.
  package static func write(_ slot: Slot, to place: UnsafeMutableRawPointer) -> Int {
    switch slot.kind {
    case .null, .failed: return 0
    case .bool:
      place.put(slot.isTrue ? "true" : "false", 0)
      return slot.isTrue ? 4 : 5
    case .int: return IntegerText.write(slot.number, to: place)
    case .single, .double: return RealText.write(slot, to: place)
    case .numeric: return slot.numeric.write(to: place)
    case .text, .json, .jsonb:
      place.copyMemory(from: slot.start, byteCount: slot.length)
      return slot.length
    case .uuid:
      UUIDText.write(slot.start, to: place)
      return UUIDText.count
    case .date: return TimeText.writeDate(slot.number, to: place)
    case .time: return TimeText.writeTime(slot.number, to: place)
    case .timestamp, .timestamptz:
      let zoned = slot.kind == .timestamptz
      return TimeText.writeTimestamp(slot.number, zoned: zoned, style: .postgres, to: place)
    case .bytes, .raw:
      place.put("\\x", 0)
      ASCII.writeHex(slot.start, slot.length, to: place + 2)
      return 2 + 2 * slot.length
    case .array: return JSONValueText.write(slot, to: place).count
    case .objectID:
      ASCII.writeHex(slot.start, 12, to: place)
      return 24
    case .document, .list, .other:
      var json = BSONJSON(to: place, nuls: .escape)
      json.write(slot)
      return json.count
    }
  }

  /// Makes a text slot of a value; text, null and failures stay what they are.
  @inline(__always)
  package static func make(_ slot: Slot, in arena: inout Arena) -> Slot {
    switch slot.kind {
    case .text, .null, .failed: slot
    case .json, .jsonb: Slot(.text, slot.start, slot.length)
    default: makeSlow(slot, in: &arena)
    }
  }

  @inline(never)
  private static func makeSlow(_ slot: Slot, in arena: inout Arena) -> Slot {
    let place = arena.reserve(bound(slot))
    let count = write(slot, to: place)
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }

  /// Returns a value as a string, for reports; nil for null.
  package static func string(_ slot: Slot) -> String? {
    guard !slot.isNull else { return nil }
    if slot.kind == .failed { return slot.reason.name }
    return withUnsafeTemporaryAllocation(byteCount: max(bound(slot), 1), alignment: 1) { space in
      guard let place = space.baseAddress else { return nil }
      let count = write(slot, to: place)
      return String(decoding: space.prefix(count), as: UTF8.self)
    }
  }
}

/// Writes floating point numbers, as few digits as distinguish them from their neighbours.
enum RealText {
  /// The standard library knows the shortest digits, but only as a string; it owns memory when it
  /// is longer than 15 bytes.
  static func write(_ slot: Slot, to place: UnsafeMutableRawPointer) -> Int {
    let real = slot.real
    guard real.isFinite else {
      return NumericSpecial.write(real, to: place)
    }
    var text =
      slot.kind == .single
      ? Float(bitPattern: UInt32(truncatingIfNeeded: slot.bits)).description : real.description
    return text.withUTF8 { bytes in
      var count = bytes.count
      // PostgreSQL writes whole numbers without a point.
      if count > 2, bytes[count - 1] == 0x30, bytes[count - 2] == 0x2E { count -= 2 }
      if let start = bytes.baseAddress { place.copyMemory(from: start, byteCount: count) }
      return count
    }
  }
}

/// Writes what is not a number.
enum NumericSpecial {
  static func write(_ real: Double, to place: UnsafeMutableRawPointer) -> Int {
    if real.isNaN {
      place.put("NaN", 0)
      return 3
    }
    place.put(real < 0 ? "-Infinity" : "Infinity", 0)
    return real < 0 ? 9 : 8
  }
}

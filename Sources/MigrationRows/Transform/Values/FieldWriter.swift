/// Writes converted values as fields of a binary row: a length, then the value.
enum FieldWriter {
  /// How many bytes the value may need, its length not counted.
  @inline(__always)
  static func bound(_ slot: Slot) -> Int { slot.length &+ 16 }

  /// Writes a value whose kind belongs to the form, and returns how many bytes that took.
  @inline(__always)
  static func write(_ slot: Slot, _ form: WireForm, to place: UnsafeMutableRawPointer) -> Int {
    if slot.isNull {
      place.put32(-1, 0)
      return 4
    }
    switch form {
    case .bool:
      place.put32(1, 0)
      place.put(slot.isTrue ? 1 : 0, 4)
      return 5
    case .int2:
      place.put32(2, 0)
      place.put16(Int16(truncatingIfNeeded: slot.number), 4)
      return 6
    case .int4, .oid, .date, .float4:
      place.put32(4, 0)
      place.put32(Int32(truncatingIfNeeded: slot.number), 4)
      return 8
    case .int8, .float8, .time, .timestamp, .timestamptz:
      place.put32(8, 0)
      place.put64(slot.number, 4)
      return 12
    case .jsonb:
      place.put32(slot.count &+ 1, 0)
      // The version of jsonb's binary form.
      place.put(1, 4)
      (place + 5).copyMemory(from: slot.start, byteCount: slot.length)
      return 5 &+ slot.length
    case .char:
      place.put32(1, 0)
      place.put(slot.length == 0 ? 0 : slot.start.byte(0), 4)
      return 5
    default:
      place.put32(slot.count, 0)
      (place + 4).copyMemory(from: slot.start, byteCount: slot.length)
      return 4 &+ slot.length
    }
  }
}

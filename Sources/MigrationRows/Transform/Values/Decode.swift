extension WireForm {
  /// Makes a slot of a field that is not null; `failed` if its length can't be.
  @inline(__always)
  package func decode(_ field: UnsafeRawPointer, _ length: Int) -> Slot {
    switch self {
    case .text: return Slot(.text, field, length)
    case .int4:
      if length == 4 { return .int(Int64(field.int32(0))) }
    case .int8:
      if length == 8 { return .int(field.int64(0)) }
    case .numeric:
      if NumericView.isWellFormed(field, length) { return Slot(.numeric, field, length) }
    case .uuid:
      if length == 16 { return Slot(.uuid, field, 16) }
    case .timestamp:
      if length == 8 { return Slot(.timestamp, field.int64(0)) }
    case .timestamptz:
      if length == 8 { return Slot(.timestamptz, field.int64(0)) }
    case .bool:
      if length == 1 { return .bool(field.byte(0) != 0) }
    case .jsonb:
      // A version number, so far always 1, is before the text.
      if length >= 1, field.byte(0) == 1 { return .canonicalJSON(field + 1, length - 1) }
    default: return decodeRare(field, length)
    }
    return .failed(.corruptRow)
  }

  @inline(never)
  private func decodeRare(_ field: UnsafeRawPointer, _ length: Int) -> Slot {
    switch self {
    case .int2:
      if length == 2 { return .int(Int64(field.int16(0))) }
    case .oid:
      if length == 4 { return .int(Int64(UInt32(bitPattern: field.int32(0)))) }
    case .float4:
      if length == 4 {
        return Slot(kind: .single, bits: UInt64(UInt32(bitPattern: field.int32(0))))
      }
    case .float8:
      if length == 8 { return Slot(kind: .double, bits: UInt64(bitPattern: field.int64(0))) }
    case .date:
      if length == 4 { return Slot(.date, Int64(field.int32(0))) }
    case .time:
      if length == 8 { return Slot(.time, field.int64(0)) }
    case .padded:
      var count = length
      while count > 0, field.byte(count - 1) == 0x20 { count -= 1 }
      return Slot(.text, field, count)
    case .char:
      if length == 1 { return Slot(.text, field, field.byte(0) == 0 ? 0 : 1) }
    case .array:
      if case .some = ArrayReader(field, length) { return Slot(.array, field, length) }
    default: return Slot(kind, field, length)
    }
    return .failed(.corruptRow)
  }
}

import Mongo

/// Makes slots of BSON values; `docs/types.md` has the conversion of each type.
enum BSONSlot {
  /// Makes a slot of a value whose length a scan has checked.
  @inline(__always)
  static func make(
    _ type: UInt8, _ value: UnsafeRawPointer, _ length: Int, in arena: inout Arena
  ) -> Slot {
    switch type {
    case BSONTag.objectID: return Slot(.objectID, value, 12)
    case BSONTag.string: return Slot(.text, value + 4, length &- 5)
    case BSONTag.date: return date(value)
    case BSONTag.int32: return .int(Int64(value.little32(0)))
    case BSONTag.int64: return .int(value.little64(0))
    case BSONTag.double:
      return Slot(kind: .double, bits: UInt64(bitPattern: value.little64(0)))
    case BSONTag.bool: return .bool(value.byte(0) != 0)
    case BSONTag.null, BSONTag.undefined: return .presentNull
    case BSONTag.array: return Slot(.list, value, length)
    case BSONTag.document: return Slot(.document, value, length)
    default: return rare(type, value, length, in: &arena)
    }
  }

  /// Milliseconds since 1970; what PostgreSQL's calendar does not reach stays as it is.
  @inline(__always)
  private static func date(_ value: UnsafeRawPointer) -> Slot {
    let milliseconds = value.little64(0)
    let (moment, overflow) = (milliseconds &- 946_684_800_000)
      .multipliedReportingOverflow(by: 1000)
    guard !overflow, milliseconds > Int64.min / 2, TimeLimits.isInRange(moment) else {
      return Slot(other: BSONTag.date, value, 8)
    }
    return Slot(.timestamptz, moment)
  }

  @inline(never)
  private static func rare(
    _ type: UInt8, _ value: UnsafeRawPointer, _ length: Int, in arena: inout Arena
  ) -> Slot {
    switch type {
    case BSONTag.decimal128: return decimal(value, in: &arena)
    case BSONTag.binary: return binary(value, length)
    case BSONTag.javascript, BSONTag.symbol: return Slot(.text, value + 4, length - 5)
    default: return Slot(other: type, value, length)
    }
  }

  private static func decimal(_ value: UnsafeRawPointer, in arena: inout Arena) -> Slot {
    let text = arena.reserve(Decimal128.textBound)
    let count = Decimal128(reading: value).write(to: text)
    arena.take(Decimal128.textBound)
    return NumericMaker.make(UnsafeRawPointer(text), count, in: &arena)
  }

  /// The subtypes 3 and 4 are uuids, whose bytes are taken as they are.
  static func binary(_ value: UnsafeRawPointer, _ length: Int) -> Slot {
    let subtype = value.byte(4)
    // The oldest subtype has a second length before its bytes.
    let header = subtype == 2 && length >= 9 ? 9 : 5
    let isUUID = (subtype == 3 || subtype == 4) && length == 21
    return Slot(isUUID ? .uuid : .bytes, value + header, length - header)
  }
}

extension Slot {
  /// A BSON value that has no counterpart in PostgreSQL and no form but its extended JSON.
  package init(other type: UInt8, _ value: UnsafeRawPointer, _ length: Int) {
    self.init(.other, value, length)
    tag = type
  }
}

import MigrationBasics
import Mongo

/// Writes BSON as JSON, so that numbers stay numbers and people can read the rest.
///
/// Whole doubles keep a point, dates become ISO 8601 texts, ObjectIds and uuids texts. What has no
/// such form is written as extended JSON. `docs/types.md` has the table.
struct BSONJSON {
  /// What to do with the NULs of texts.
  enum NULs {
    /// They are a problem: no jsonb can hold them.
    case refuse
    /// They become escapes, which a text column can hold. Nothing is a problem then: the bytes
    /// of a text that is not UTF-8 go through as they are, for the column to refuse.
    case escape
    case strip
    case replace
  }

  private let place: UnsafeMutableRawPointer
  private let nuls: NULs
  private(set) var count = 0
  var problem: Reason?
  private var depth = 0
  /// Whether there was a NUL to strip or replace.
  private(set) var hadNUL = false

  init(to place: UnsafeMutableRawPointer, nuls: NULs = .refuse) {
    (self.place, self.nuls) = (place, nuls)
  }

  /// No more bytes than this does a document, list or other value take.
  ///
  /// The worst are regular expressions without a pattern, of four bytes, and texts full of control
  /// characters.
  @inline(__always)
  static func bound(_ slot: Slot) -> Int { 14 &* slot.length &+ 80 }

  /// Writes the value of a slot of a kind that only documents have.
  mutating func write(_ slot: Slot) {
    switch slot.kind {
    case .document: level(slot.start, slot.length, isArray: false)
    case .list: level(slot.start, slot.length, isArray: true)
    default: other(slot.tag, slot.start, slot.length)
    }
  }

  mutating func level(_ start: UnsafeRawPointer, _ length: Int, isArray: Bool) {
    // No server stores such a document, and it must not use up the thread's stack.
    guard depth < BSONLimits.depth else {
      problem = .corruptRow
      return
    }
    depth += 1
    defer { depth -= 1 }
    var scan = BSONScan(start, length)
    put(isArray ? "[" : "{")
    var isFirst = true
    while problem == nil, scan.next() {
      if !isFirst { put(",") }
      isFirst = false
      if !isArray {
        string(scan.key, scan.keyLength)
        put(":")
      }
      value(scan.type, scan.value, scan.valueLength)
    }
    put(isArray ? "]" : "}")
    if !scan.isSound { problem = .corruptRow }
  }

  private mutating func value(_ type: UInt8, _ value: UnsafeRawPointer, _ length: Int) {
    switch type {
    case BSONTag.string, BSONTag.javascript, BSONTag.symbol: string(value + 4, length - 5)
    case BSONTag.objectID: hex(value, 12)
    case BSONTag.int32: integer(Int64(value.little32(0)))
    case BSONTag.int64: integer(value.little64(0))
    case BSONTag.double: double(value)
    case BSONTag.bool: put(value.byte(0) != 0 ? "true" : "false")
    case BSONTag.null, BSONTag.undefined: put("null")
    case BSONTag.document: level(value, length, isArray: false)
    case BSONTag.array: level(value, length, isArray: true)
    default: rare(type, value, length)
    }
  }

  private mutating func rare(_ type: UInt8, _ value: UnsafeRawPointer, _ length: Int) {
    switch type {
    case BSONTag.decimal128: decimal(value)
    case BSONTag.date: date(value)
    case BSONTag.binary:
      count += JSONValueText.write(BSONSlot.binary(value, length), to: place + count).count
    default: other(type, value, length)
    }
  }
}

// The pieces.
extension BSONJSON {
  mutating func put(_ text: StaticString) {
    place.put(text, count)
    count += text.utf8CodeUnitCount
  }

  mutating func integer(_ number: Int64) {
    count += IntegerText.write(number, to: place + count)
  }

  mutating func hex(_ start: UnsafeRawPointer, _ length: Int) {
    put("\"")
    ASCII.writeHex(start, length, to: place + count)
    count += 2 * length
    put("\"")
  }

  mutating func string(_ start: UnsafeRawPointer, _ length: Int) {
    let (written, failure) = JSONText.writeString(start, length, to: place + count)
    if let failure { return odd(start, length, failure) }
    count += written
  }

  /// Writes a text that JSON can't hold as it is.
  private mutating func odd(_ start: UnsafeRawPointer, _ length: Int, _ failure: Reason) {
    let isText = TextScan.isUTF8(start, length)
    if nuls == .refuse || nuls != .escape && !isText {
      problem = isText ? failure : .badUTF8
      return
    }
    hadNUL = hadNUL || failure == .nulByte
    count += JSONText.writeString(start, length, nuls: nuls, to: place + count)
  }

  private mutating func double(_ value: UnsafeRawPointer) {
    let slot = Slot(kind: .double, bits: UInt64(bitPattern: value.little64(0)))
    guard slot.real.isFinite else {
      put("\"")
      count += TextForm.write(slot, to: place + count)
      return put("\"")
    }
    let first = count
    count += TextForm.write(slot, to: place + count)
    // The point distinguishes it from a whole number.
    for offset in first..<count {
      let byte = UnsafeRawPointer(place).byte(offset)
      if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") { return }
    }
    put(".0")
  }

  private mutating func decimal(_ value: UnsafeRawPointer) {
    let number = Decimal128(reading: value)
    guard number.isFinite else {
      put("\"")
      count += number.write(to: place + count)
      return put("\"")
    }
    count += number.write(to: place + count)
  }

  /// Writes a date of the years 1 to 9999 as a text, others as the number that they are.
  private mutating func date(_ value: UnsafeRawPointer) {
    let milliseconds = value.little64(0)
    guard (-62_135_596_800_000..<253_402_300_800_000).contains(milliseconds) else {
      return other(BSONTag.date, value, 8)
    }
    put("\"")
    count += TimeText.writeTimestamp(
      (milliseconds - 946_684_800_000) * 1000, zoned: true, style: .iso8601, to: place + count)
    put("\"")
  }
}

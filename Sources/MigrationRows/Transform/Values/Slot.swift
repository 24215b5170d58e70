/// What a slot holds.
package enum SlotKind: UInt8, BitwiseCopyable {
  case null
  case bool
  case int
  case single
  case double
  /// A number in PostgreSQL's own decimal form; see `NumericView`.
  case numeric
  case text
  case uuid
  /// Days since 2000-01-01; `Int32.max` and `.min` are the infinities.
  case date
  /// Microseconds since midnight.
  case time
  /// Microseconds since 2000-01-01 without a zone; `Int64.max` and `.min` are the infinities.
  case timestamp
  /// Microseconds since 2000-01-01 in UTC; `Int64.max` and `.min` are the infinities.
  case timestamptz
  /// JSON text that is checked only for what type json demands.
  case json
  /// JSON text that jsonb accepts.
  case jsonb
  case bytes
  /// A PostgreSQL array in its binary form.
  case array
  /// A value in the binary form of a type that is only passed on.
  case raw
  /// The twelve bytes of a MongoDB ObjectId.
  case objectID
  /// A BSON document, embedded in another.
  case document
  /// A BSON array.
  case list
  /// A BSON value without a counterpart in PostgreSQL; `tag` is its type byte.
  case other
  /// No value: the way to one failed for the reason in `bits`.
  case failed
}

/// A value on its way through the row program: 16 bytes that own nothing.
///
/// What does not fit lies in the source row, in the program's constants or in the machine's arena,
/// all of which outlive the row's way through the machine.
package struct Slot: BitwiseCopyable {
  package var bits: UInt64
  package var count: Int32
  package var kind: SlotKind
  /// The BSON type of an `other` value; of a `jsonb` one, whether it is spelled as jsonb shows it; of
  /// `null`, whether it is in the document.
  package var tag: UInt8 = 0

  @inline(__always)
  package init(kind: SlotKind, bits: UInt64 = 0, count: Int = 0) {
    (self.kind, self.bits, self.count) = (kind, bits, Int32(truncatingIfNeeded: count))
  }

  @inline(__always)
  package init(_ kind: SlotKind, _ start: UnsafeRawPointer, _ count: Int) {
    self.init(kind: kind, bits: UInt64(UInt(bitPattern: start)), count: count)
  }

  @inline(__always)
  package init(_ kind: SlotKind, _ number: Int64) {
    self.init(kind: kind, bits: UInt64(bitPattern: number))
  }

  @inline(__always) package static var null: Slot { Slot(kind: .null) }
  /// A null that is in the document, other than that of a field which is not there.
  @inline(__always)
  static var presentNull: Slot {
    var slot = Slot(kind: .null)
    slot.tag = 1
    return slot
  }
  @inline(__always) package static func int(_ number: Int64) -> Slot { Slot(.int, number) }
  @inline(__always) package static func bool(_ bool: Bool) -> Slot {
    Slot(kind: .bool, bits: bool ? 1 : 0)
  }
  @inline(__always)
  package static func double(_ double: Double) -> Slot {
    Slot(kind: .double, bits: double.bitPattern)
  }
  @inline(__always)
  package static func failed(_ reason: Reason) -> Slot {
    Slot(kind: .failed, bits: UInt64(reason.rawValue))
  }

  /// A jsonb as `JSONCanonical` writes it.
  @inline(__always)
  static func canonicalJSON(_ start: UnsafeRawPointer, _ count: Int) -> Slot {
    var slot = Slot(.jsonb, start, count)
    slot.tag = 1
    return slot
  }

  @inline(__always) package var isNull: Bool { kind == .null }
  /// Whether a document has the field, if only with null.
  @inline(__always) package var isThere: Bool { kind != .null || tag == 1 }
  /// Whether this is a jsonb in the server's own spelling.
  @inline(__always) var isCanonicalJSON: Bool { kind == .jsonb && tag == 1 }
  @inline(__always) package var number: Int64 { Int64(bitPattern: bits) }
  @inline(__always) var isTrue: Bool { bits != 0 }
  @inline(__always) package var length: Int { Int(count) }

  /// The value of a `single` or `double`.
  @inline(__always)
  package var real: Double {
    kind == .single
      ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      : Double(bitPattern: bits)
  }

  /// Where the bytes lie, for kinds that have bytes.
  @inline(__always)
  package var start: UnsafeRawPointer {
    // Made from a pointer in `init`, so never zero if a kind has bytes.
    UnsafeRawPointer(bitPattern: UInt(bits)).unsafelyUnwrapped
  }

  @inline(__always) package var numeric: NumericView { NumericView(start) }

  /// Why there is no value.
  package var reason: Reason { Reason(rawValue: UInt8(truncatingIfNeeded: bits)) ?? .corruptRow }
}

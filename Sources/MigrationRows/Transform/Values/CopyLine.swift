/// A row in the text format of COPY, for tables with a type that has no binary form here.
///
/// Fields are between tabs, a line break ends the row, `\\N` is null, and a backslash goes before
/// what would mean one of these: https://www.postgresql.org/docs/current/sql-copy.html
package struct CopyLine {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private var count = 0

  init() {
    capacity = 1024
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  package func free() { base.deallocate() }

  /// What was written since `begin`.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  package mutating func begin() { count = 0 }

  /// Appends a field: a value that was converted to its column's type.
  package mutating func append(_ slot: Slot, isFirst: Bool, in arena: inout Arena) {
    let text: Slot =
      slot.kind == .array ? ArrayText.make(slot, in: &arena) : TextForm.make(slot, in: &arena)
    reserve(2 * text.length + 3)
    if !isFirst { put(UInt8(ascii: "\t")) }
    guard !text.isNull else {
      put(UInt8(ascii: "\\"))
      put(UInt8(ascii: "N"))
      return
    }
    for offset in 0..<text.length { escape(text.start.byte(offset)) }
  }

  package mutating func end() {
    reserve(1)
    put(UInt8(ascii: "\n"))
  }

  @inline(__always)
  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\\"):
      put(byte)
      put(byte)
    case UInt8(ascii: "\n"):
      put(UInt8(ascii: "\\"))
      put(UInt8(ascii: "n"))
    case UInt8(ascii: "\r"):
      put(UInt8(ascii: "\\"))
      put(UInt8(ascii: "r"))
    case UInt8(ascii: "\t"):
      put(UInt8(ascii: "\\"))
      put(UInt8(ascii: "t"))
    default: put(byte)
    }
  }

  @inline(__always)
  private mutating func put(_ byte: UInt8) {
    base.put(byte, count)
    count &+= 1
  }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if count &+ more > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = larger
  }
}

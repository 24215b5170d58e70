/// The bytes of the row that is being written.
package struct RowOutput {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  package private(set) var count = 0

  init() {
    capacity = 16 * 1024
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  package func free() { base.deallocate() }

  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  @inline(__always)
  package mutating func begin(fields: Int) {
    count = 2
    base.put16(Int16(truncatingIfNeeded: fields), 0)
  }

  @inline(__always)
  package mutating func append(_ slot: Slot, _ form: WireForm) {
    let bound = FieldWriter.bound(slot)
    if count &+ bound > capacity { grow(bound) }
    count &+= FieldWriter.write(slot, form, to: base + count)
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

/// Memory for values that are made on a row's way; emptied, not freed, before the next row.
///
/// It grows until the largest row has been through and allocates nothing after that. Bytes that
/// were taken stay where they are until `reset`.
package struct Arena {
  private var base: UnsafeMutableRawPointer
  private var used = Arena.header
  private var capacity: Int
  /// Blocks that became too small for this row; each begins with the address of the one before.
  private var retired: UnsafeMutableRawPointer?

  /// The first bytes of a block are kept free for the list of retired ones.
  fileprivate static var header: Int { 16 }

  init(capacity: Int = 16 * 1024) {
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: 16)
  }

  /// Frees everything; the arena can't be used afterwards.
  package mutating func free() {
    freeRetired()
    base.deallocate()
  }

  @inline(__always)
  package mutating func reset() {
    used = Arena.header
    if retired != nil { freeRetired() }
  }

  /// A state to come back to.
  package struct Mark {
    fileprivate var base: UnsafeMutableRawPointer?
    fileprivate var used = Arena.header
  }

  package var mark: Mark { Mark(base: base, used: used) }

  /// Gives back what was taken since a mark; blocks that became too small stay until `reset`.
  @inline(__always)
  mutating func rewind(to mark: Mark) { used = mark.base == base ? mark.used : Arena.header }

  /// Makes space for a number of bytes and returns where they begin; `take` makes them stay.
  @inline(__always)
  mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if used &+ count > capacity { grow(count) }
    return base + used
  }

  @inline(__always)
  package mutating func take(_ count: Int) { used &+= (count &+ 7) & ~7 }

  @inline(__always)
  package mutating func copy(_ start: UnsafeRawPointer, _ count: Int) -> UnsafeMutableRawPointer {
    let place = reserve(count &+ 8)
    place.copyMemory(from: start, byteCount: count)
    take(count)
    return place
  }

  @inline(never)
  private mutating func grow(_ count: Int) {
    base.storeBytes(of: retired, as: UnsafeMutableRawPointer?.self)
    retired = base
    capacity = max(capacity * 2, count + 4096)
    base = .allocate(byteCount: capacity, alignment: 16)
    used = Arena.header
  }

  private mutating func freeRetired() {
    while let block = retired {
      retired = block.load(as: UnsafeMutableRawPointer?.self)
      block.deallocate()
    }
  }
}

import Glibc
import MigrationBasics

/// The members of objects that are being written, where they are in the memory of the text.
package struct JSONMembers {
  package struct Member: BitwiseCopyable {
    /// The place of the key's opening quote.
    package var start: Int
    /// Where the value ends.
    package var end = 0
    /// How many bytes the key has when nothing in it is escaped.
    package var keyLength = 0
    var hasEscapes = false

    init(start: Int) { self.start = start }
  }

  private var list: UnsafeMutablePointer<Member>
  private var capacity = 64
  package var count = 0

  init() { list = .allocate(capacity: capacity) }

  package func free() { list.deallocate() }

  package subscript(index: Int) -> Member { list[index] }

  package mutating func append(_ member: Member) {
    if count == capacity { grow() }
    (list + count).initialize(to: member)
    count += 1
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Member>.allocate(capacity: capacity * 2)
    larger.update(from: list, count: count)
    list.deallocate()
    (list, capacity) = (larger, capacity * 2)
  }

  /// Whether the last member belongs behind the one before, and has another key.
  func lastIsInOrder(from first: Int, _ text: UnsafeMutableRawPointer) -> Bool {
    count - first < 2 || Self.order(list[count - 2], list[count - 1], text) < 0
  }

  /// Whether the next member has the same key; of such the last counts.
  package func isRepeated(_ index: Int, _ text: UnsafeMutableRawPointer) -> Bool {
    index + 1 < count && Self.order(list[index], list[index + 1], text) == 0
  }

  /// Sorts the members of the innermost object by their keys, equal ones as they came.
  ///
  /// A heap sort: it needs no memory, and is not slow whatever the order was.
  package func sort(from first: Int, _ text: UnsafeMutableRawPointer) {
    let (heap, size) = (list + first, count - first)
    for root in stride(from: size / 2 - 1, through: 0, by: -1) { sink(root, heap, size, text) }
    for last in stride(from: size - 1, to: 0, by: -1) {
      (heap[0], heap[last]) = (heap[last], heap[0])
      sink(0, heap, last, text)
    }
  }

  private func sink(
    _ root: Int, _ heap: UnsafeMutablePointer<Member>, _ size: Int, _ text: UnsafeMutableRawPointer
  ) {
    var root = root
    while 2 * root + 1 < size {
      var child = 2 * root + 1
      if child + 1 < size, Self.isBefore(heap[child], heap[child + 1], text) { child += 1 }
      guard Self.isBefore(heap[root], heap[child], text) else { return }
      (heap[root], heap[child]) = (heap[child], heap[root])
      root = child
    }
  }

  private static func isBefore(
    _ one: Member, _ two: Member, _ text: UnsafeMutableRawPointer
  ) -> Bool {
    let order = order(one, two, text)
    return order < 0 || (order == 0 && one.start < two.start)
  }

  /// PostgreSQL's order of keys: the shorter first, then by bytes.
  private static func order(
    _ one: Member, _ two: Member, _ text: UnsafeMutableRawPointer
  ) -> Int {
    if one.keyLength != two.keyLength { return one.keyLength < two.keyLength ? -1 : 1 }
    let (left, right) = (text + one.start + 1, text + two.start + 1)
    if !one.hasEscapes, !two.hasEscapes { return Int(memcmp(left, right, one.keyLength)) }
    var (first, second) = (KeyBytes(left), KeyBytes(right))
    for _ in 0..<one.keyLength {
      let (byte, other) = (first.next(), second.next())
      if byte != other { return byte < other ? -1 : 1 }
    }
    return 0
  }

  /// The bytes of a key with escapes.
  private struct KeyBytes {
    private var place: UnsafeRawPointer

    init(_ start: UnsafeMutableRawPointer) { place = UnsafeRawPointer(start) }

    mutating func next() -> UInt8 {
      let byte = place.byte(0)
      guard byte == UInt8(ascii: "\\") else {
        place += 1
        return byte
      }
      let letter = place.byte(1)
      guard letter == UInt8(ascii: "u") else {
        place += 2
        return JSONPart.plain(letter)
      }
      // All that is written like this is below 0x20.
      let value = (ASCII.hexValue(place.byte(4)) ?? 0) << 4 | (ASCII.hexValue(place.byte(5)) ?? 0)
      place += 6
      return value
    }
  }
}

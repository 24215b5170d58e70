/// Walks the elements of a PostgreSQL array in its binary form.
struct ArrayReader {
  private let start: UnsafeRawPointer
  private let end: Int
  private var offset: Int
  let dimensions: Int
  let elementOID: UInt32
  /// How many elements there are in all.
  let count: Int

  /// Reads the header; nil if it contradicts itself.
  init?(_ start: UnsafeRawPointer, _ length: Int) {
    guard length >= 12 else { return nil }
    let dimensions = Int(start.int32(0))
    guard dimensions >= 0, dimensions <= 6, length >= 12 + 8 * dimensions else { return nil }
    var count = dimensions == 0 ? 0 : 1
    for index in 0..<dimensions {
      let size = Int(start.int32(12 + 8 * index))
      // Every element takes four bytes at least.
      guard size >= 0, count * size <= length / 4 else { return nil }
      count *= size
    }
    (self.start, end, offset) = (start, length, 12 + 8 * dimensions)
    (self.dimensions, self.count) = (dimensions, count)
    elementOID = UInt32(bitPattern: start.int32(8))
  }

  func size(of dimension: Int) -> Int { Int(start.int32(12 + 8 * dimension)) }

  /// Takes the next element; a `failed` slot if the bytes are damaged.
  mutating func next(_ form: WireForm) -> Slot {
    guard offset + 4 <= end else { return .failed(.corruptRow) }
    let length = Int(start.int32(offset))
    offset += 4
    if length == -1 { return .null }
    guard length >= 0, length <= end - offset else { return .failed(.corruptRow) }
    defer { offset += length }
    return form.decode(start + offset, length)
  }
}

/// Writes an array as PostgreSQL's array literal: `{"a","b",NULL}`, with bounds if they do not
/// begin at 1.
///
/// Every element is between quotes, which is allowed for all types and spares all exceptions:
/// https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
enum ArrayText {
  static func make(_ slot: Slot, in arena: inout Arena) -> Slot {
    guard var reader = ArrayReader(slot.start, slot.length),
      let form = WireForm(oid: reader.elementOID)
    else { return .failed(.notAnArray) }
    guard reader.dimensions > 0 else {
      let place = arena.reserve(2)
      place.put("{}", 0)
      arena.take(2)
      return Slot(.text, UnsafeRawPointer(place), 2)
    }
    // The elements' own texts go into the arena before the literal, which must be in one piece.
    let texts = arena.reserve(reader.count * MemoryLayout<Slot>.stride)
      .bindMemory(to: Slot.self, capacity: max(reader.count, 1))
    arena.take(reader.count * MemoryLayout<Slot>.stride)
    var bound = 64 * (reader.dimensions + 1)
    for index in 0..<reader.count {
      texts[index] = TextForm.make(reader.next(form), in: &arena)
      bound += 2 * texts[index].length + 8 + 2 * reader.dimensions
    }
    let place = arena.reserve(bound)
    var count = writeBounds(reader, slot.start, to: place)
    for index in 0..<reader.count {
      count += open(index, reader, to: place + count)
      count += write(texts[index], to: place + count)
      count += close(index, reader, to: place + count)
    }
    arena.take(count)
    return Slot(.text, UnsafeRawPointer(place), count)
  }

  /// Writes `[0:2][1:3]=` if a dimension does not begin at 1.
  private static func writeBounds(
    _ reader: ArrayReader, _ header: UnsafeRawPointer, to place: UnsafeMutableRawPointer
  ) -> Int {
    let lower = { (dimension: Int) in Int64(header.int32(16 + 8 * dimension)) }
    guard (0..<reader.dimensions).contains(where: { lower($0) != 1 }) else { return 0 }
    var count = 0
    for dimension in 0..<reader.dimensions {
      place.put(UInt8(ascii: "["), count)
      count += 1 + IntegerText.write(lower(dimension), to: place + count + 1)
      place.put(UInt8(ascii: ":"), count)
      let upper = lower(dimension) + Int64(reader.size(of: dimension)) - 1
      count += 1 + IntegerText.write(upper, to: place + count + 1)
      place.put(UInt8(ascii: "]"), count)
      count += 1
    }
    place.put(UInt8(ascii: "="), count)
    return count + 1
  }

  /// Writes a comma, and a brace for each dimension that begins with an element.
  private static func open(
    _ index: Int, _ reader: ArrayReader, to place: UnsafeMutableRawPointer
  ) -> Int {
    var count = 0
    if index > 0 {
      place.put(UInt8(ascii: ","), 0)
      count = 1
    }
    for _ in 0..<edges(index, reader) {
      place.put(UInt8(ascii: "{"), count)
      count += 1
    }
    return count
  }

  private static func close(
    _ index: Int, _ reader: ArrayReader, to place: UnsafeMutableRawPointer
  ) -> Int {
    let braces = edges(index + 1, reader)
    for brace in 0..<braces { place.put(UInt8(ascii: "}"), brace) }
    return braces
  }

  /// How many dimensions begin at an element, which is where as many before it end.
  private static func edges(_ index: Int, _ reader: ArrayReader) -> Int {
    var (edges, size) = (0, 1)
    for dimension in (0..<reader.dimensions).reversed() {
      size *= reader.size(of: dimension)
      if size == 0 || index % size != 0 { break }
      edges += 1
    }
    return edges
  }

  private static func write(_ text: Slot, to place: UnsafeMutableRawPointer) -> Int {
    guard !text.isNull, text.kind != .failed else {
      place.put("NULL", 0)
      return 4
    }
    place.put(UInt8(ascii: "\""), 0)
    var count = 1
    for offset in 0..<text.length {
      let byte = text.start.byte(offset)
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        place.put(UInt8(ascii: "\\"), count)
        count += 1
      }
      place.put(byte, count)
      count += 1
    }
    place.put(UInt8(ascii: "\""), count)
    return count + 1
  }
}

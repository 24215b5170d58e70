import MigrationBasics

/// The uuids that represent ObjectIds: version 8, with all twelve bytes in them, time first.
///
/// The id's bytes follow each other as they are, with the version behind the sixth and the variant
/// behind the eighth; the last three bytes are zero. So uuids sort as their ids do, and back again
/// needs no table:
///
///     65a1b2c3 d4e5 f607 1829 3a4b  →  65a1b2c3-d4e5-8f60-8718-293a4b000000
enum ObjectIDUUID {
  static func write(_ id: UnsafeRawPointer, to place: UnsafeMutableRawPointer) {
    place.copyMemory(from: id, byteCount: 6)
    place.put(0x80 | id.byte(6) >> 4, 6)
    place.put(id.byte(6) << 4 | id.byte(7) >> 4, 7)
    place.put(0x80 | id.byte(7) & 0x0F, 8)
    (place + 9).copyMemory(from: id + 8, byteCount: 4)
    place.put(0, 13)
    place.put(0, 14)
    place.put(0, 15)
  }

  /// Makes the uuid of an id in the arena.
  @inline(__always)
  static func make(_ id: UnsafeRawPointer, in arena: inout Arena) -> Slot {
    let place = arena.reserve(16)
    arena.take(16)
    write(id, to: place)
    return Slot(.uuid, UnsafeRawPointer(place), 16)
  }

  /// Returns the id that a uuid was made of; nil for a uuid that was not made of one.
  static func id(of uuid: [UInt8]) -> [UInt8]? {
    guard uuid.count == 16, uuid[6] & 0xF0 == 0x80, uuid[8] & 0xF0 == 0x80,
      uuid[13...].allSatisfy({ $0 == 0 })
    else { return nil }
    return uuid[..<6] + [uuid[6] << 4 | uuid[7] >> 4, uuid[7] << 4 | uuid[8] & 0x0F] + uuid[9..<13]
  }

  /// Reads the 24 digits that people write an id with; nil for anything else.
  static func read(_ text: Slot, in arena: inout Arena) -> UnsafeRawPointer? {
    guard text.kind == .text, text.count == 24 else { return nil }
    let place = arena.reserve(12)
    for index in 0..<12 {
      guard let high = ASCII.hexValue(text.start.byte(2 * index)),
        let low = ASCII.hexValue(text.start.byte(2 * index + 1))
      else { return nil }
      place.put(high << 4 | low, index)
    }
    arena.take(12)
    return UnsafeRawPointer(place)
  }
}

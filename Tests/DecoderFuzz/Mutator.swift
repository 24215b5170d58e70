/// Damages bytes in the ways that disks, networks and enemies do.
struct Mutator {
  var random: SeededRandom

  /// Damages bytes between no time and a few; no time keeps the sound ones in the mix.
  mutating func mutate(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
    var mutated = bytes
    for _ in 0..<random.below(4) {
      guard !mutated.isEmpty else { return mutated }
      mutateOnce(&mutated, with: other)
    }
    return mutated
  }

  private mutating func mutateOnce(_ bytes: inout [UInt8], with other: [UInt8]) {
    let place = random.below(bytes.count)
    switch random.below(9) {
    case 0: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1: bytes[place] = UInt8(truncatingIfNeeded: random.next())
    case 2: bytes.removeLast(random.below(bytes.count))
    case 3: writeLength(to: &bytes, at: place)
    case 4: bytes[place] = Self.types[random.below(Self.types.count)]
    case 5:
      bytes.replaceSubrange(
        place..<min(bytes.count, place + random.below(30)), with: piece(of: other))
    case 6: bytes.insert(contentsOf: random.bytes(upTo: 9), at: place)
    case 7: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(9)))
    default: bytes[place] = 0
    }
  }

  private mutating func piece(of other: [UInt8]) -> ArraySlice<UInt8> {
    let start = random.below(other.count)
    return other[start..<min(other.count, start + random.below(40))]
  }

  /// Writes one of the lengths that break decoders over four bytes.
  private mutating func writeLength(to bytes: inout [UInt8], at place: Int) {
    let near = Int32(truncatingIfNeeded: bytes.count + random.below(11) - 5)
    let lengths: [Int32] = [0, 1, 4, 5, -1, .min, .max, .max - 4, near, 1 << 24]
    let length = lengths[random.below(lengths.count)]
    for index in 0..<4 where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: length >> (8 * Int32(index)))
    }
  }

  private static let types: [UInt8] = Array(0...0x14) + [0x7F, 0xFF]
}

/// Random numbers that come again: the seed is in the test, so a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func bytes(upTo count: Int, from alphabet: [UInt8]? = nil) -> [UInt8] {
    (0..<Int.random(in: 0...count, using: &self)).map { _ in
      alphabet?.randomElement(using: &self) ?? UInt8.random(in: 0...255, using: &self)
    }
  }

  /// Changes, removes, repeats or adds a few bytes.
  mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &self) {
      let place = Int.random(in: 0...result.count, using: &self)
      switch Int.random(in: 0..<4, using: &self) {
      case 0 where place < result.count: result[place] = UInt8.random(in: 0...255, using: &self)
      case 1 where place < result.count: result.remove(at: place)
      case 2: result.insert(contentsOf: result.prefix(place).suffix(8), at: place)
      default: result.insert(UInt8.random(in: 0...127, using: &self), at: place)
      }
    }
    return result
  }
}

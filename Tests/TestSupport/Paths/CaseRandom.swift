/// Random choices that come again: a case is known by its seed.
public struct CaseRandom: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from zero that is less than another.
  mutating func number(_ end: Int) -> Int { Int.random(in: 0..<end, using: &self) }

  /// Whether something happens that does so many times in a hundred.
  mutating func chance(_ percent: Int) -> Bool { number(100) < percent }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[number(list.count)] }
}

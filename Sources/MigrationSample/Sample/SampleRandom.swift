/// A generator of numbers that are the same on every machine for the same seed: SplitMix64.
///
/// Each row has a generator of its own, seeded by table and row, so that a row can be made, or made
/// again, without making those before it.
package struct SampleRandom {
  private var state: UInt64

  init(seed: UInt64, table: Int, row: Int, purpose: UInt64 = 0) {
    let place = Self.mix(seed &+ UInt64(table) &* 0xD1B5_4A32_D192_ED03 &+ purpose)
    state = Self.mix(place &+ UInt64(truncatingIfNeeded: row) &* 0xA24B_AED4_963E_E407)
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// Returns a number from 0 up to but without a bound.
  package mutating func below(_ bound: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(max(1, bound))).high)
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// Returns true once in so many times, on average.
  package mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

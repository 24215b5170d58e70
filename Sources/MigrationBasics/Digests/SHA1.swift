/// SHA-1, which version 5 uuids are made with; not for anything that must be secret.
package struct SHA1 {
  private var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
    0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0
  )
  private var blocks = BlockFeeder()

  package init() {}

  package mutating func update(_ start: UnsafeRawPointer, _ count: Int) {
    var state = state
    blocks.feed(start, count) { Self.compress(&state, $0) }
    self.state = state
  }

  /// Writes the 20 bytes of the digest.
  package mutating func finish(to place: UnsafeMutableRawPointer) {
    var state = state
    blocks.finish { Self.compress(&state, $0) }
    let words = (state.0, state.1, state.2, state.3, state.4)
    place.put32(Int32(bitPattern: words.0), 0)
    place.put32(Int32(bitPattern: words.1), 4)
    place.put32(Int32(bitPattern: words.2), 8)
    place.put32(Int32(bitPattern: words.3), 12)
    place.put32(Int32(bitPattern: words.4), 16)
  }

  private static func compress(
    _ state: inout (UInt32, UInt32, UInt32, UInt32, UInt32), _ block: UnsafeRawPointer
  ) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
      for index in 0..<16 { words[index] = UInt32(bitPattern: block.int32(index * 4)) }
      for index in 16..<80 {
        let mix = words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16]
        words[index] = mix << 1 | mix >> 31
      }
      var (a, b, c, d, e) = state
      for index in 0..<80 {
        let (choice, constant) = round(index, b, c, d)
        let next = (a << 5 | a >> 27) &+ choice &+ e &+ constant &+ words[index]
        (e, d, c, b, a) = (d, c, b << 30 | b >> 2, a, next)
      }
      state.0 &+= a
      state.1 &+= b
      state.2 &+= c
      state.3 &+= d
      state.4 &+= e
    }
  }

  @inline(__always)
  private static func round(
    _ index: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32
  ) -> (choice: UInt32, constant: UInt32) {
    switch index / 20 {
    case 0: ((b & c) | (~b & d), 0x5A82_7999)
    case 1: (b ^ c ^ d, 0x6ED9_EBA1)
    case 2: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
    default: (b ^ c ^ d, 0xCA62_C1D6)
    }
  }
}

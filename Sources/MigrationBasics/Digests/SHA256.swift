/// SHA-256, for keyed digests of personal data and checksums of files.
package struct SHA256: BitwiseCopyable {
  package typealias State = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)
  private var state: State = (
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
    0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19
  )
  private var blocks = BlockFeeder()

  package init() {}

  package static var size: Int { 32 }

  package mutating func update(_ start: UnsafeRawPointer, _ count: Int) {
    var state = state
    blocks.feed(start, count) { Self.compress(&state, $0) }
    self.state = state
  }

  /// Writes the 32 bytes of the digest.
  package mutating func finish(to place: UnsafeMutableRawPointer) {
    var state = state
    blocks.finish { Self.compress(&state, $0) }
    withUnsafeBytes(of: &state) { words in
      for index in 0..<8 {
        place.put32(words.loadUnaligned(fromByteOffset: index * 4, as: Int32.self), index * 4)
      }
    }
  }

  private static func compress(_ state: inout State, _ block: UnsafeRawPointer) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
      for index in 0..<16 { words[index] = UInt32(bitPattern: block.int32(index * 4)) }
      for index in 16..<64 {
        let (old, recent) = (words[index - 15], words[index - 2])
        let one = rotate(old, 7) ^ rotate(old, 18) ^ old >> 3
        let two = rotate(recent, 17) ^ rotate(recent, 19) ^ recent >> 10
        words[index] = words[index - 16] &+ one &+ words[index - 7] &+ two
      }
      var (a, b, c, d, e, f, g, h) = state
      for index in 0..<64 {
        let mixE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
        let first = h &+ mixE &+ ((e & f) ^ (~e & g)) &+ sha256Constants[index] &+ words[index]
        let mixA = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
        let second = mixA &+ ((a & b) ^ (a & c) ^ (b & c))
        (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
      }
      state.0 &+= a
      state.1 &+= b
      state.2 &+= c
      state.3 &+= d
      state.4 &+= e
      state.5 &+= f
      state.6 &+= g
      state.7 &+= h
    }
  }

  @inline(__always)
  private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word >> bits | word << (32 - bits)
  }
}

/// HMAC over SHA-256 (RFC 2104), prepared once for a key.
package struct HMACSHA256: Sendable, BitwiseCopyable {
  private let inner: SHA256
  private let outer: SHA256

  package init(key: [UInt8]) {
    var padded = [UInt8](repeating: 0, count: 64)
    if key.count <= 64 {
      padded.replaceSubrange(0..<key.count, with: key)
    } else {
      padded.withUnsafeMutableBytes { space in
        key.withUnsafeBytes { bytes in
          guard let place = space.baseAddress, let start = bytes.baseAddress else { return }
          var digest = SHA256()
          digest.update(start, bytes.count)
          digest.finish(to: place)
        }
      }
    }
    inner = Self.start(padded, 0x36)
    outer = Self.start(padded, 0x5C)
  }

  private static func start(_ key: [UInt8], _ mask: UInt8) -> SHA256 {
    var digest = SHA256()
    key.map { $0 ^ mask }.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { digest.update(start, bytes.count) }
    }
    return digest
  }

  /// Writes the 32 bytes of the digest of a message.
  package func digest(_ start: UnsafeRawPointer, _ count: Int, to place: UnsafeMutableRawPointer) {
    var inner = inner
    inner.update(start, count)
    inner.finish(to: place)
    var outer = outer
    outer.update(UnsafeRawPointer(place), SHA256.size)
    outer.finish(to: place)
  }
}

private let sha256Constants: [UInt32] = SHA256.constants

extension SHA256 {
  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  ///
  /// Computed in whole numbers: the root of `prime << 96` has 32 bits behind the point.
  package static var constants: [UInt32] {
    var primes: [UInt64] = []
    var candidate: UInt64 = 2
    while primes.count < 64 {
      if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
      candidate += 1
    }
    return primes.map { UInt32(truncatingIfNeeded: cubeRoot($0)) }
  }

  /// The whole part of the cube root of `prime << 96`.
  private static func cubeRoot(_ prime: UInt64) -> UInt64 {
    let target = UInt128(prime) << 96
    var root: UInt64 = 0
    for bit in stride(from: 35, through: 0, by: -1) {
      let trial = root | 1 << UInt64(bit)
      let wide = UInt128(trial)
      if wide * wide * wide <= target { root = trial }
    }
    return root
  }
}

/// Cuts bytes into the 64-byte blocks that SHA-1 and SHA-256 work on, and pads the last.
struct BlockFeeder: BitwiseCopyable {
  private var pending = (
    UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0)
  )
  private var pendingCount = 0
  private var total: UInt64 = 0

  @inline(__always)
  mutating func feed(
    _ start: UnsafeRawPointer, _ count: Int, _ compress: (UnsafeRawPointer) -> Void
  ) {
    total &+= UInt64(count)
    var offset = 0
    while offset < count {
      if pendingCount == 0, count - offset >= 64 {
        compress(start + offset)
        offset += 64
        continue
      }
      let part = min(64 - pendingCount, count - offset)
      withUnsafeMutableBytes(of: &pending) { space in
        let piece = UnsafeRawBufferPointer(start: start + offset, count: part)
        UnsafeMutableRawBufferPointer(rebasing: space[pendingCount...]).copyMemory(from: piece)
      }
      (pendingCount, offset) = (pendingCount + part, offset + part)
      if pendingCount == 64 { flush(compress) }
    }
  }

  /// Appends the end mark, zeros and the length in bits.
  @inline(__always)
  mutating func finish(_ compress: (UnsafeRawPointer) -> Void) {
    let bits = total &* 8
    append(0x80, compress)
    while pendingCount != 56 { append(0, compress) }
    for shift in stride(from: 56, through: 0, by: -8) {
      append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)), compress)
    }
  }

  private mutating func append(_ byte: UInt8, _ compress: (UnsafeRawPointer) -> Void) {
    withUnsafeMutableBytes(of: &pending) { $0[pendingCount] = byte }
    pendingCount += 1
    if pendingCount == 64 { flush(compress) }
  }

  private mutating func flush(_ compress: (UnsafeRawPointer) -> Void) {
    withUnsafeBytes(of: &pending) { block in
      if let start = block.baseAddress { compress(start) }
    }
    pendingCount = 0
  }
}

import CZlib

/// Decompresses gzip data of one or more members, as they come from concatenated files.
final class Inflater {
  /// What a step made of its input.
  struct Step {
    let consumed: Int
    let produced: Int
  }

  enum Failure: Error { case damaged, noMemory }

  private let stream: UnsafeMutablePointer<z_stream>
  /// Whether the data so far ends with the end of a member, and may end there.
  private(set) var isBetweenMembers = true

  /// 15 bits of window, and 16 for gzip's header and checksum.
  private static let gzipWindow: Int32 = 15 + 16

  init() throws(Failure) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, Self.gzipWindow, ZLIB_VERSION, size) == Z_OK else {
      throw .noMemory
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Decompresses what fits; the caller continues with what was not consumed.
  func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(Failure) -> Step {
    if isBetweenMembers, !input.isEmpty {
      guard inflateReset(stream) == Z_OK else { throw .damaged }
      isBetweenMembers = false
    }
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(output.count)
    let result = CZlib.inflate(stream, Z_NO_FLUSH)
    let step = Step(
      consumed: input.count - Int(stream.pointee.avail_in),
      produced: output.count - Int(stream.pointee.avail_out))
    switch result {
    case Z_OK, Z_BUF_ERROR: return step
    case Z_STREAM_END:
      isBetweenMembers = true
      return step
    case Z_MEM_ERROR: throw .noMemory
    default: throw .damaged
    }
  }
}

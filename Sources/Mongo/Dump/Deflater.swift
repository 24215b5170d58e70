import CZlib

/// Compresses bytes as one gzip member.
final class Deflater {
  enum Failure: Error { case noMemory }

  private let stream: UnsafeMutablePointer<z_stream>
  private static let gzipWindow: Int32 = 15 + 16
  private static let memoryLevel: Int32 = 8
  private static let outputSize = 64 * 1024

  init() throws(Failure) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let size = Int32(MemoryLayout<z_stream>.size)
    let result = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.gzipWindow, Self.memoryLevel,
      Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    guard result == Z_OK else { throw .noMemory }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Compresses bytes, and with `isLast` ends the member; appends what comes out.
  func deflate(_ input: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]) {
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(input.count)
    var isFull = true
    while isFull {
      let part = [UInt8](unsafeUninitializedCapacity: Self.outputSize) { buffer, count in
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        _ = CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        count = buffer.count - Int(stream.pointee.avail_out)
      }
      isFull = stream.pointee.avail_out == 0
      output.append(contentsOf: part)
    }
  }
}

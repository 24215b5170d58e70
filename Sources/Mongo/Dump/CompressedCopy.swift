import Glibc

/// Copies a file into a gzipped one, which comes to be whole or not at all, and reads such a copy.
public enum CompressedCopy {
  /// - Throws: `DumpError` if the one can't be read or the other not written; also if it exists.
  public static func write(_ source: String, to path: String) throws(DumpError) {
    let descriptor = try DumpError.opening(source)
    defer { close(descriptor) }
    let output = try DumpOutput(path, compressed: true)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return try output.finish() }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system("could not read", source) }
      try buffer.withRawBytes { bytes throws(DumpError) in
        try output.write(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
    }
  }

  /// Hands over what a file holds, decompressed if it is gzipped, part by part.
  public static func decompress(_ path: String, _ take: (ArraySlice<UInt8>) -> Void)
    throws(DumpError)
  {
    let file = try DumpFile(path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    var offset: Int64 = 0
    while true {
      let count = try file.read(into: buffer, at: offset)
      guard count > 0 else { return }
      offset += Int64(count)
      take(Array(buffer[..<count])[...])
    }
  }
}

import Glibc

/// Copies a file into a gzipped one, which comes to be whole or not at all.
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
}

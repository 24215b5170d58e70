extension SHA256 {
  /// Returns the digest of bytes in hexadecimal, for checksums of files.
  static func hexadecimal(of bytes: some Sequence<UInt8>) -> String {
    var digest = SHA256()
    Array(bytes).withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { digest.update(start, bytes.count) }
    }
    return withUnsafeTemporaryAllocation(byteCount: 3 * size, alignment: 4) { space in
      guard let place = space.baseAddress else { return "" }
      digest.finish(to: place)
      ASCII.writeHex(UnsafeRawPointer(place), size, to: place + size)
      return String(decoding: space[size...], as: UTF8.self)
    }
  }
}

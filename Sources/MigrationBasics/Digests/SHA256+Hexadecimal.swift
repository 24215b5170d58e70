extension SHA256 {
  /// Returns the digest of bytes in hexadecimal, for checksums of files.
  package static func hexadecimal(of bytes: some Sequence<UInt8>) -> String {
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

extension HMACSHA256 {
  /// Returns the digest of a text in hexadecimal.
  package func hexadecimal(of text: String) -> String {
    var text = text
    return text.withUTF8 { text in
      withUnsafeTemporaryAllocation(byteCount: 3 * SHA256.size, alignment: 8) { space in
        guard let place = space.baseAddress, let start = text.baseAddress else { return "" }
        digest(UnsafeRawPointer(start), text.count, to: place)
        ASCII.writeHex(UnsafeRawPointer(place), SHA256.size, to: place + SHA256.size)
        return String(decoding: space[SHA256.size...], as: UTF8.self)
      }
    }
  }
}

import CXXHash

/// Hashes rows under the key of a session.
///
/// The hash is XXH3 with 128 bits. It finds whatever goes wrong on its own; it does not protect against
/// an attacker who knows the key.
package final class FingerprintKey: Sendable {
  package static let size = 16

  private nonisolated(unsafe) let secret: UnsafeMutableRawPointer

  package init(_ bytes: [UInt8]) {
    secret = .allocate(byteCount: cxxhash_secret_size, alignment: 64)
    cxxhash_make_secret(bytes, bytes.count, secret)
  }

  deinit { secret.deallocate() }

  /// Draws a key.
  package static func draw() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<size).map { _ in generator.next() }
  }

  /// Hashes the fields of a row, each as COPY sends it: its length, then its bytes.
  @inline(__always)
  package func hash(_ fields: UnsafeRawBufferPointer) -> Fingerprint {
    let value = cxxhash_of(fields.baseAddress, fields.count, secret)
    return Fingerprint(high: value.high, low: value.low)
  }
}

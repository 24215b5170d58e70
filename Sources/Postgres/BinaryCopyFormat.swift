/// The frame of a COPY in binary format.
///
/// https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-BINARY-FORMAT
public enum BinaryCopyFormat {
  static let signature: [UInt8] = [
    0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00,
  ]
  static let trailer: [UInt8] = [0xFF, 0xFF]

  /// Returns the length of the header that a stream begins with; nil if there is none to read.
  static func headerLength(_ bytes: UnsafeRawBufferPointer) -> Int? {
    let fixed = signature.count + 8
    guard bytes.count >= fixed, bytes.prefix(signature.count).elementsEqual(signature) else {
      return nil
    }
    let flags = bytes.bigEndian(at: signature.count, as: UInt32.self)
    let extensionLength = bytes.bigEndian(at: signature.count + 4, as: UInt32.self)
    // The upper half of the flags are those that a reader must know, and there are none.
    guard flags >> 16 == 0, Int(extensionLength) <= bytes.count - fixed else { return nil }
    return fixed + Int(extensionLength)
  }
}

extension CopyBuffer {
  /// Appends what a binary COPY begins with: signature, no flags, no extension.
  public func appendBinaryHeader() {
    (BinaryCopyFormat.signature + [UInt8](repeating: 0, count: 8)).withUnsafeBytes(append)
  }

  /// Appends what a binary COPY ends with.
  public func appendBinaryTrailer() {
    BinaryCopyFormat.trailer.withUnsafeBytes(append)
  }
}

extension UnsafeRawBufferPointer {
  /// Reads a big-endian integer; the caller has checked that it lies inside.
  @inlinable
  func bigEndian<Number: FixedWidthInteger>(at offset: Int, as: Number.Type) -> Number {
    Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}

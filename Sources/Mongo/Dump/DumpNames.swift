/// Collection names as mongodump turns them into file names.
enum DumpNames {
  /// The longest name that leaves space for `.metadata.json.gz` in the 255 bytes of a file name.
  private static let longest = 238
  private static let kept = 208

  /// Writes bytes that a file name cannot hold as `%` and two digits; cuts what is too long.
  ///
  /// A cut name ends in `%24` and 27 characters, by which mongorestore knows to take the name from
  /// the metadata.
  static func escape(_ name: String) -> String {
    var escaped: [UInt8] = []
    for byte in name.utf8 {
      if isPlain(byte) {
        escaped.append(byte)
      } else {
        escaped.append(UInt8(ascii: "%"))
        escaped.append(contentsOf: Hex.encode([byte]).map { $0 >= 0x61 ? $0 - 0x20 : $0 })
      }
    }
    guard escaped.count > longest else { return String(decoding: escaped, as: UTF8.self) }
    var checksum = CRC64()
    escaped.withRawBytes { checksum.update($0) }
    let digits = String(checksum.value, radix: 36)
    let mark = String(repeating: "0", count: 27 - digits.count) + digits
    return String(decoding: escaped.prefix(kept), as: UTF8.self) + "%24" + mark
  }

  /// Reads `%` and two digits as a byte; nil if they are not digits or give no UTF-8.
  static func unescape(_ name: String) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(name.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let decoded = Hex.decode(rest.prefix(2)), decoded.count == 1 else { return nil }
      bytes.append(contentsOf: decoded)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: "~"):
      true
    default: false
    }
  }
}

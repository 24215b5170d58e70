/// The CRC-64 of ECMA-182, reflected, by which archives show that a collection is complete.
struct CRC64 {
  private var state = ~UInt64(0)

  /// The checksum of the bytes so far.
  var value: UInt64 { ~state }

  /// Eight tables, so that eight bytes go in one step.
  private static let tables: [UInt64] = {
    var tables = [UInt64](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt64(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xC96C_5795_D787_0F42 : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = tables[Int(before & 0xFF)] ^ before >> 8
    }
    return tables
  }()

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var crc = state
    var offset = 0
    Self.tables.withUnsafeBufferPointer { tables in
      while offset + 8 <= bytes.count {
        let word = crc ^ bytes.uint64(at: offset)
        crc = 0
        for lane in 0..<8 {
          crc ^= tables[(7 - lane) * 256 + Int(word >> (8 * UInt64(lane)) & 0xFF)]
        }
        offset += 8
      }
      while offset < bytes.count {
        crc = tables[Int((crc ^ UInt64(bytes[offset])) & 0xFF)] ^ crc >> 8
        offset += 1
      }
    }
    state = crc
  }
}

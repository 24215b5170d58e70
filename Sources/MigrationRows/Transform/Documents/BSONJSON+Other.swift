// Values that PostgreSQL has no type for.
extension BSONJSON {
  /// Writes extended JSON.
  mutating func other(_ type: UInt8, _ value: UnsafeRawPointer, _ length: Int) {
    switch type {
    case BSONTag.date:
      put("{\"$date\":{\"$numberLong\":\"")
      integer(value.little64(0))
      put("\"}}")
    case BSONTag.timestamp:
      put("{\"$timestamp\":{\"t\":")
      integer(Int64(UInt32(bitPattern: value.little32(4))))
      put(",\"i\":")
      integer(Int64(UInt32(bitPattern: value.little32(0))))
      put("}}")
    case BSONTag.minKey: put("{\"$minKey\":1}")
    case BSONTag.maxKey: put("{\"$maxKey\":1}")
    case BSONTag.regex: regex(value, length)
    case BSONTag.dbPointer:
      put("{\"$dbPointer\":{\"$ref\":")
      string(value + 4, length - 17)
      put(",\"$id\":{\"$oid\":")
      hex(value + length - 12, 12)
      put("}}}")
    case BSONTag.javascriptWithScope: scopedCode(value, length)
    default: problem = .corruptRow
    }
  }

  private mutating func regex(_ value: UnsafeRawPointer, _ length: Int) {
    var pattern = 0
    while value.byte(pattern) != 0 { pattern += 1 }
    put("{\"$regularExpression\":{\"pattern\":")
    string(value, pattern)
    put(",\"options\":")
    string(value + pattern + 1, length - pattern - 2)
    put("}}")
  }

  private mutating func scopedCode(_ value: UnsafeRawPointer, _ length: Int) {
    let code = Int(value.little32(4))
    guard code >= 1, code <= length - 13 else {
      problem = .corruptRow
      return
    }
    put("{\"$code\":")
    string(value + 8, code - 1)
    put(",\"$scope\":")
    level(value + 8 + code, length - 8 - code, isArray: false)
    put("}")
  }
}

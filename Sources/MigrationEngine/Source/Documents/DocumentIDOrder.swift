import MigrationRows

/// Compares ids as MongoDB sorts them: by type first, numbers of all types with each other.
///
/// The ids are given as `RowKey` reads them: the type byte, the value, and if an element is the
/// row its number. Documents and arrays are compared by their bytes, which is an order too, if
/// not MongoDB's own.
enum DocumentIDOrder {
  static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard let one = left.first, let two = right.first else { return left.count < right.count }
    let (first, second) = (rank(one), rank(two))
    guard first == second else { return first < second }
    return left.withUnsafeBytes { left in
      right.withUnsafeBytes { right in
        guard let one = left.baseAddress, let two = right.baseAddress else { return false }
        return precedes(one, left.count, two, right.count)
      }
    }
  }

  private static func precedes(
    _ left: UnsafeRawPointer, _ leftCount: Int, _ right: UnsafeRawPointer, _ rightCount: Int
  ) -> Bool {
    if let one = number(left), let two = number(right), one != two { return one < two }
    switch left.byte(0) {
    case BSONTag.date, BSONTag.timestamp:
      let (one, two) = (left.little64(1), right.little64(1))
      let isDate = left.byte(0) == BSONTag.date
      if one != two {
        return isDate ? one < two : UInt64(bitPattern: one) < UInt64(bitPattern: two)
      }
    // The length is first, and then what is sorted by.
    case BSONTag.string, BSONTag.symbol:
      return bytesPrecede(left + 5, leftCount - 5, right + 5, rightCount - 5)
    case BSONTag.binary:
      let (one, two) = (left.little32(1), right.little32(1))
      if one != two { return one < two }
    default: break
    }
    return bytesPrecede(left, leftCount, right, rightCount)
  }

  private static func bytesPrecede(
    _ left: UnsafeRawPointer, _ leftCount: Int, _ right: UnsafeRawPointer, _ rightCount: Int
  ) -> Bool {
    let shared = min(leftCount, rightCount)
    for offset in 0..<max(shared, 0) where left.byte(offset) != right.byte(offset) {
      return left.byte(offset) < right.byte(offset)
    }
    return leftCount < rightCount
  }

  private static func number(_ id: UnsafeRawPointer) -> Double? {
    switch id.byte(0) {
    case BSONTag.int32: Double(id.little32(1))
    case BSONTag.int64: Double(id.little64(1))
    case BSONTag.double: Double(bitPattern: UInt64(bitPattern: id.little64(1)))
    default: nil
    }
  }

  /// https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/
  private static func rank(_ type: UInt8) -> Int {
    switch type {
    case BSONTag.minKey: 1
    case BSONTag.null, BSONTag.undefined: 2
    case BSONTag.double, BSONTag.int32, BSONTag.int64, BSONTag.decimal128: 3
    case BSONTag.string, BSONTag.symbol: 4
    case BSONTag.document: 5
    case BSONTag.array: 6
    case BSONTag.binary: 7
    case BSONTag.objectID: 8
    case BSONTag.bool: 9
    case BSONTag.date: 10
    case BSONTag.timestamp: 11
    case BSONTag.regex: 12
    case BSONTag.maxKey: 14
    default: 13
    }
  }
}

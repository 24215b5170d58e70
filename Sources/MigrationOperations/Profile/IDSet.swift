import Mongo

/// The ids of a collection, eight bytes each: enough to find those that match no row.
///
/// A digest represents each id. Two ids share one so rarely (once in a hundred thousand times for
/// ten million ids) that a profile may say "at least".
final class IDSet {
  private var digests: [UInt64] = []
  private var isSorted = true

  func insert(_ id: FieldView) {
    digests.append(Self.digest(id))
    isSorted = false
  }

  func contains(_ id: FieldView) -> Bool {
    if !isSorted { sort() }
    let wanted = Self.digest(id)
    var low = 0
    var high = digests.count
    while low < high {
      let middle = (low + high) / 2
      if digests[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < digests.count && digests[low] == wanted
  }

  private func sort() {
    digests.sort()
    isSorted = true
  }

  /// Mixes type and bytes. Numbers of all types count by their value, as MongoDB compares them, and
  /// a text of 24 hexadecimal digits as the ObjectId, as the rules take it.
  private static func digest(_ id: FieldView) -> UInt64 {
    switch id.type {
    case .int32, .int64: return mix(1, UInt64(bitPattern: id.payload))
    case .double:
      let whole = Int64(exactly: id.double).map(UInt64.init(bitPattern:))
      return mix(1, whole ?? id.double.bitPattern)
    case .objectID: return digest(id.raw, seed: 2)
    case .string where id.text.count == 24:
      guard let objectID = ObjectID(String(decoding: id.text, as: UTF8.self)) else {
        return digest(id.raw, seed: 3)
      }
      return objectID.bytes.withUnsafeBytes { digest($0, seed: 2) }
    default: return digest(id.raw, seed: UInt64(id.typeByte) << 8)
    }
  }

  private static func digest(_ bytes: some Sequence<UInt8>, seed: UInt64) -> UInt64 {
    var (hash, count) = (mix(0x9E37_79B9_7F4A_7C15, seed), 0 as UInt64)
    for byte in bytes { (hash, count) = ((hash ^ UInt64(byte)) &* 0x100_0000_01B3, count + 1) }
    return mix(hash, count)
  }

  private static func mix(_ seed: UInt64, _ value: UInt64) -> UInt64 {
    let product = (seed ^ value).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }
}

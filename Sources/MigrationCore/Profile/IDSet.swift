import Mongo

/// The ids of a collection, eight bytes each: enough to find those that point nowhere.
///
/// A digest stands for each id. Two ids share one so rarely (once in a hundred thousand times for
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

  /// Mixes type and bytes; numbers of all types count by their value, as MongoDB compares them.
  private static func digest(_ id: FieldView) -> UInt64 {
    switch id.type {
    case .int32, .int64: return mix(1, UInt64(bitPattern: id.payload))
    case .double:
      let whole = Int64(exactly: id.double).map(UInt64.init(bitPattern:))
      return mix(1, whole ?? id.double.bitPattern)
    default:
      var hash = mix(0x9E37_79B9_7F4A_7C15, UInt64(id.typeByte))
      for byte in id.raw { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      return mix(hash, UInt64(id.raw.count))
    }
  }

  private static func mix(_ seed: UInt64, _ value: UInt64) -> UInt64 {
    let product = (seed ^ value).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }
}

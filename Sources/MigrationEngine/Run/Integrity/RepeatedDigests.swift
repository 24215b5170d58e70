import MigrationRows

/// Which of many values come more than once, at sixteen bytes a value or less.
///
/// A digest of 64 bits represents a value. Two values of one digest are taken for repeated although
/// they differ, so that what is found has to be compared exactly; nothing repeated is missed.
final class RepeatedDigests {
  private var slots = [UInt64](repeating: 0, count: 1 << 12)
  private var count = 0
  private var repeated: Set<UInt64> = []

  /// Whether no value came twice.
  var isEmpty: Bool { repeated.isEmpty }

  func insert(_ value: [UInt8]) {
    let digest = Self.digest(value)
    if count * 2 > slots.count { grow() }
    if Self.put(digest, into: &slots) { count += 1 } else { repeated.insert(digest) }
  }

  /// Gives back the memory for the values that came once.
  func finish() { slots = [] }

  /// Whether a value came more than once, or has the digest of one that did.
  func contains(_ value: [UInt8]) -> Bool { repeated.contains(Self.digest(value)) }

  /// Puts a digest into a table of open addressing; false if it is there already.
  private static func put(_ digest: UInt64, into slots: inout [UInt64]) -> Bool {
    var index = Int(truncatingIfNeeded: digest) & (slots.count - 1)
    while slots[index] != 0 {
      if slots[index] == digest { return false }
      index = (index + 1) & (slots.count - 1)
    }
    slots[index] = digest
    return true
  }

  private func grow() {
    var larger = [UInt64](repeating: 0, count: slots.count * 2)
    for digest in slots where digest != 0 { _ = Self.put(digest, into: &larger) }
    slots = larger
  }

  private static func digest(_ value: [UInt8]) -> UInt64 {
    let digest = value.withUnsafeBytes { bytes in
      bytes.baseAddress.map { LookupView.hash($0, bytes.count) } ?? 0
    }
    // Zero marks a free place.
    return digest == 0 ? 1 : digest
  }
}

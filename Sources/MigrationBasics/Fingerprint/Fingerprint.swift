/// A number of 128 bits that represents rows: the sum of their hashes, in any order.
package struct Fingerprint: Sendable, Hashable {
  package static let zero = Fingerprint(high: 0, low: 0)
  package static let size = 16

  package var high: UInt64
  package var low: UInt64

  package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// Reads sixteen bytes, the highest first; nil if there are not as many.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.size else { return nil }
    func word(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: word(0..<8), low: word(8..<16))
  }

  package var bytes: [UInt8] {
    [high, low].flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
  }

  package var hexadecimal: String { bytes.map(Self.digits).joined() }

  /// Sums wrap around, so that what was added can be taken away again.
  @inline(__always)
  package static func += (sum: inout Fingerprint, other: Fingerprint) {
    let (low, carries) = sum.low.addingReportingOverflow(other.low)
    sum.low = low
    sum.high = sum.high &+ other.high &+ (carries ? 1 : 0)
  }

  package static func -= (sum: inout Fingerprint, other: Fingerprint) {
    let (low, borrows) = sum.low.subtractingReportingOverflow(other.low)
    sum.low = low
    sum.high = sum.high &- other.high &- (borrows ? 1 : 0)
  }
}

/// A number of rows, and what they add up to.
package struct FingerprintSum: Sendable, Hashable {
  package var rows = 0
  package var fingerprint = Fingerprint.zero

  package init() {}

  package init(rows: Int, _ fingerprint: Fingerprint) {
    (self.rows, self.fingerprint) = (rows, fingerprint)
  }

  @inline(__always)
  package mutating func add(_ row: Fingerprint) {
    rows &+= 1
    fingerprint += row
  }

  package mutating func remove(_ row: Fingerprint) {
    rows -= 1
    fingerprint -= row
  }

  package static func += (sum: inout FingerprintSum, other: FingerprintSum) {
    sum.rows += other.rows
    sum.fingerprint += other.fingerprint
  }

  package static func -= (sum: inout FingerprintSum, other: FingerprintSum) {
    sum.rows -= other.rows
    sum.fingerprint -= other.fingerprint
  }
}

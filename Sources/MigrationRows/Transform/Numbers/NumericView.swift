/// A PostgreSQL numeric in its binary form, read where it lies.
///
/// Four 16-bit fields (number of digits, weight of the first digit, sign, display scale) stand
/// before digits to the base 10000. All values here are exact; nothing passes through a double.
package struct NumericView {
  package let base: UnsafeRawPointer

  static var headerSize: Int { 8 }
  static var positive: UInt16 { 0 }
  package static var negative: UInt16 { 0x4000 }
  package static var notANumber: UInt16 { 0xC000 }
  package static var infinity: UInt16 { 0xD000 }
  static var minusInfinity: UInt16 { 0xF000 }

  @inline(__always) package init(_ base: UnsafeRawPointer) { self.base = base }

  @inline(__always) var digitCount: Int { Int(base.int16(0)) }
  @inline(__always) package var weight: Int { Int(base.int16(2)) }
  @inline(__always) package var sign: UInt16 { UInt16(bitPattern: base.int16(4)) }
  @inline(__always) var displayScale: Int { Int(base.int16(6)) }
  @inline(__always) func digit(_ index: Int) -> Int { Int(base.int16(8 &+ index &* 2)) }

  package var isFinite: Bool { sign == Self.positive || sign == Self.negative }
  var isNegative: Bool { sign == Self.negative }
  var isZero: Bool { firstDigit == digitCount }

  /// Whether bytes of this length are a numeric as a server sends it, and takes it.
  static func isWellFormed(_ start: UnsafeRawPointer, _ count: Int) -> Bool {
    guard count >= headerSize else { return false }
    let view = NumericView(start)
    let digits = view.digitCount
    guard digits >= 0, count == headerSize &+ 2 &* digits, view.displayScale & ~0x3FFF == 0 else {
      return false
    }
    switch view.sign {
    case positive, negative, notANumber, infinity, minusInfinity: break
    default: return false
    }
    var index = 0
    while index < digits {
      guard UInt(bitPattern: view.digit(index)) < 10000 else { return false }
      index &+= 1
    }
    return true
  }

  /// The index of the first digit that is not zero.
  private var firstDigit: Int {
    var index = 0
    while index < digitCount, digit(index) == 0 { index += 1 }
    return index
  }

  /// How many decimal places the value needs.
  var neededScale: Int {
    var last = digitCount - 1
    while last >= 0, digit(last) == 0 { last -= 1 }
    // A zero has no last digit, whatever its weight is.
    guard last >= 0, last > weight else { return 0 }
    var (zeros, rest) = (0, digit(last))
    while rest % 10 == 0 { (zeros, rest) = (zeros + 1, rest / 10) }
    return (last - weight) * 4 - zeros
  }

  /// How many decimal digits are before the point; negative for 0.01 and smaller.
  var integerDigits: Int {
    let first = firstDigit
    guard first < digitCount else { return Int.min / 2 }
    let value = digit(first)
    let width = value >= 1000 ? 4 : value >= 100 ? 3 : value >= 10 ? 2 : 1
    return (weight - first) * 4 + width
  }

  /// The digit that represents 10000 to the given power.
  @inline(__always)
  private func digit(power: Int) -> Int {
    let index = weight &- power
    return index >= 0 && index < digitCount ? digit(index) : 0
  }

  /// Compares two numbers; as in PostgreSQL, NaN equals itself and is above everything.
  package static func compare(_ left: NumericView, _ right: NumericView) -> Int {
    let (leftRank, rightRank) = (left.rank, right.rank)
    if leftRank != rightRank { return leftRank < rightRank ? -1 : 1 }
    guard left.isFinite, leftRank != 0 else { return 0 }
    let order = compareMagnitudes(left, right)
    return left.isNegative ? -order : order
  }

  private var rank: Int {
    switch sign {
    case Self.notANumber: 3
    case Self.infinity: 2
    case Self.minusInfinity: -2
    case Self.negative: isZero ? 0 : -1
    default: isZero ? 0 : 1
    }
  }

  private static func compareMagnitudes(_ left: NumericView, _ right: NumericView) -> Int {
    var power = max(left.weight, right.weight)
    let end = min(left.weight - left.digitCount, right.weight - right.digitCount)
    while power > end {
      let (one, two) = (left.digit(power: power), right.digit(power: power))
      if one != two { return one < two ? -1 : 1 }
      power -= 1
    }
    return 0
  }

  /// The value as a whole number; nil if it has decimal places or does not fit.
  var wholeNumber: Int64? {
    guard isFinite, neededScale == 0 else { return nil }
    var magnitude: UInt64 = 0
    var power = weight
    while power >= 0 {
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10000)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit(power: power)))
      if overflow || carry { return nil }
      magnitude = sum
      power -= 1
    }
    if isNegative { return magnitude > 1 << 63 ? nil : Int64(truncatingIfNeeded: 0 &- magnitude) }
    return Int64(exactly: magnitude)
  }
}

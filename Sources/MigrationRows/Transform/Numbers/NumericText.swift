extension NumericView {
  /// The longest text that `write` makes.
  var textBound: Int { 16 + 4 * max(1, digitCount, weight + 1) + max(displayScale, 0) + 4 }

  /// Writes the number as PostgreSQL shows it and returns how many bytes that took.
  package func write(to place: UnsafeMutableRawPointer) -> Int {
    switch sign {
    case Self.notANumber:
      place.put("NaN", 0)
      return 3
    case Self.infinity:
      place.put("Infinity", 0)
      return 8
    case Self.minusInfinity:
      place.put("-Infinity", 0)
      return 9
    default: return writeFinite(to: place)
    }
  }

  private func writeFinite(to place: UnsafeMutableRawPointer) -> Int {
    var count = 0
    if isNegative {
      place.put(UInt8(ascii: "-"), 0)
      count = 1
    }
    count = writeWhole(to: place, count)
    guard displayScale > 0 else { return count }
    place.put(UInt8(ascii: "."), count)
    count += 1
    var (power, left) = (-1, displayScale)
    while left > 0 {
      var group = digitOrZero(power: power)
      var divisor = 1000
      while divisor > 0, left > 0 {
        place.put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: group / divisor), count)
        group %= divisor
        (divisor, left, count) = (divisor / 10, left - 1, count + 1)
      }
      power -= 1
    }
    return count
  }

  private func writeWhole(to place: UnsafeMutableRawPointer, _ start: Int) -> Int {
    var (count, begun) = (start, false)
    var power = weight
    while power >= 0 {
      let group = digitOrZero(power: power)
      var divisor = 1000
      while divisor > 0 {
        let digit = group / divisor % 10
        if digit != 0 || begun || (power == 0 && divisor == 1) {
          place.put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit), count)
          (count, begun) = (count + 1, true)
        }
        divisor /= 10
      }
      power -= 1
    }
    if count == start {
      place.put(UInt8(ascii: "0"), count)
      count += 1
    }
    return count
  }

  @inline(__always)
  private func digitOrZero(power: Int) -> Int {
    let index = weight &- power
    return index >= 0 && index < digitCount ? digit(index) : 0
  }
}

/// Writes whole numbers.
enum IntegerText {
  static var bound: Int { 20 }

  @inline(__always)
  static func write(_ number: Int64, to place: UnsafeMutableRawPointer) -> Int {
    var magnitude = number.magnitude
    var count = 0
    var probe = magnitude
    repeat { (probe, count) = (probe / 10, count &+ 1) } while probe > 0
    if number < 0 {
      place.put(UInt8(ascii: "-"), 0)
      count &+= 1
    }
    var index = count
    repeat {
      index &-= 1
      place.put(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: magnitude % 10), index)
      magnitude /= 10
    } while magnitude > 0
    return count
  }
}

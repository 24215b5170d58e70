/// Writes dates and times.
enum TimeText {
  /// Longer than any date or time in text.
  static var bound: Int { 48 }

  /// What is between date and time, and behind them.
  enum Style {
    /// `2024-05-01 12:30:00+00`, as PostgreSQL shows it with its zone set to UTC.
    case postgres
    /// `2024-05-01T12:30:00Z`, for JSON.
    case iso8601
  }

  @inline(__always)
  private static func two(_ value: Int, _ place: UnsafeMutableRawPointer, _ at: Int) {
    place.put(0x30 &+ UInt8(truncatingIfNeeded: value / 10), at)
    place.put(0x30 &+ UInt8(truncatingIfNeeded: value % 10), at &+ 1)
  }

  static func writeDate(_ days: Int64, to place: UnsafeMutableRawPointer) -> Int {
    if let count = writeInfinity(
      days, TimeLimits.dateInfinity, TimeLimits.dateMinusInfinity, to: place)
    {
      return count
    }
    let date = CivilDate(days: Int(days))
    let count = writeDay(date, to: place)
    return date.year > 0 ? count : writeEra(to: place, count)
  }

  static func writeTime(_ microseconds: Int64, to place: UnsafeMutableRawPointer) -> Int {
    let seconds = Int(microseconds / 1_000_000)
    two(seconds / 3600, place, 0)
    place.put(UInt8(ascii: ":"), 2)
    two(seconds / 60 % 60, place, 3)
    place.put(UInt8(ascii: ":"), 5)
    two(seconds % 60, place, 6)
    var fraction = Int(microseconds % 1_000_000)
    guard fraction > 0 else { return 8 }
    var width = 6
    while fraction % 10 == 0 { (fraction, width) = (fraction / 10, width - 1) }
    place.put(UInt8(ascii: "."), 8)
    var index = width
    while index > 0 {
      place.put(0x30 &+ UInt8(truncatingIfNeeded: fraction % 10), 8 + index)
      (fraction, index) = (fraction / 10, index - 1)
    }
    return 9 + width
  }

  static func writeTimestamp(
    _ timestamp: Int64, zoned: Bool, style: Style, to place: UnsafeMutableRawPointer
  ) -> Int {
    if let count = writeInfinity(timestamp, .max, .min, to: place) { return count }
    let (days, microseconds) = TimeLimits.split(timestamp)
    let date = CivilDate(days: Int(days))
    var count = writeDay(date, to: place)
    place.put(UInt8(ascii: style == .iso8601 ? "T" : " "), count)
    count += 1 + writeTime(microseconds, to: place + count + 1)
    if zoned {
      switch style {
      case .iso8601:
        place.put(UInt8(ascii: "Z"), count)
        count += 1
      case .postgres:
        place.put("+00", count)
        count += 3
      }
    }
    return date.year > 0 ? count : writeEra(to: place, count)
  }

  private static func writeDay(_ date: CivilDate, to place: UnsafeMutableRawPointer) -> Int {
    var year = date.year > 0 ? date.year : 1 - date.year
    var width = 4
    var probe = year / 10000
    while probe > 0 { (probe, width) = (probe / 10, width + 1) }
    var index = width
    while index > 0 {
      index -= 1
      place.put(0x30 &+ UInt8(truncatingIfNeeded: year % 10), index)
      year /= 10
    }
    place.put(UInt8(ascii: "-"), width)
    two(date.month, place, width + 1)
    place.put(UInt8(ascii: "-"), width + 3)
    two(date.day, place, width + 4)
    return width + 6
  }

  private static func writeEra(to place: UnsafeMutableRawPointer, _ count: Int) -> Int {
    place.put(" BC", count)
    return count + 3
  }

  private static func writeInfinity(
    _ value: Int64, _ plus: Int64, _ minus: Int64, to place: UnsafeMutableRawPointer
  ) -> Int? {
    if value == plus {
      place.put("infinity", 0)
      return 8
    }
    guard value == minus else { return nil }
    place.put("-infinity", 0)
    return 9
  }
}

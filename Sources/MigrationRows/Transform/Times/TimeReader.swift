import MigrationBasics

/// Reads dates and times as ISO 8601 and PostgreSQL write them: `2024-05-01`, `2024-05-01 12:30`,
/// `2024-05-01T12:30:00.5+02:00`, `0044-03-15 BC`, `infinity`; strictly, to the last byte.
struct TimeReader {
  private let start: UnsafeRawPointer
  private let count: Int
  private var offset = 0

  init(_ start: UnsafeRawPointer, _ count: Int) { (self.start, self.count) = (start, count) }

  /// Reads a date, a timestamp or a timestamp with a zone, whichever the text is.
  static func read(_ start: UnsafeRawPointer, _ count: Int) -> Slot {
    if ASCII.equalsIgnoringCase(start, count, "infinity") { return Slot(.timestamp, Int64.max) }
    if ASCII.equalsIgnoringCase(start, count, "-infinity") { return Slot(.timestamp, Int64.min) }
    var reader = TimeReader(start, count)
    return reader.readMoment()
  }

  /// Reads a time of day.
  static func readTime(_ start: UnsafeRawPointer, _ count: Int) -> Slot {
    var reader = TimeReader(start, count)
    guard let time = reader.takeClock(), reader.isAtEnd else { return .failed(.notATime) }
    return Slot(.time, time)
  }

  /// Whether everything has been read.
  var isAtEnd: Bool { offset == count }

  private mutating func readMoment() -> Slot {
    guard var date = takeDate() else { return .failed(.notADate) }
    var time: Int64?
    var zone: Int64?
    if takes(UInt8(ascii: "T")) || (!isEra && takes(UInt8(ascii: " "))) {
      guard let clock = takeClock() else { return .failed(.notADate) }
      time = clock
      if !isAtEnd, !isEra {
        guard let offset = takeZone() else { return .failed(.notADate) }
        zone = offset
      }
    }
    if isEra {
      offset += 3
      date.year = 1 - date.year
    }
    guard isAtEnd, date.isValid, date.year != 0 || isBeforeChrist else { return .failed(.notADate) }
    return Self.slot(date, time: time, zone: zone)
  }

  /// Puts the parts together; `zone` is in seconds east of UTC.
  static func slot(_ date: CivilDate, time: Int64?, zone: Int64?) -> Slot {
    let days = Int64(date.days)
    guard days >= TimeLimits.firstDay, days < TimeLimits.endDay else { return .failed(.outOfRange) }
    guard let time else { return Slot(.date, days) }
    let (base, overflow) = days.multipliedReportingOverflow(by: TimeLimits.microsecondsPerDay)
    guard !overflow else { return .failed(.outOfRange) }
    let (local, carry) = base.addingReportingOverflow(time)
    let (utc, borrow) = local.subtractingReportingOverflow((zone ?? 0) * 1_000_000)
    guard !carry, !borrow, TimeLimits.isInRange(utc) else { return .failed(.outOfRange) }
    return Slot(zone == nil ? .timestamp : .timestamptz, utc)
  }

  private var isEra: Bool {
    count - offset == 3 && start.byte(offset) == 0x20 && start.byte(offset + 1) == 0x42
      && start.byte(offset + 2) == 0x43
  }

  private var isBeforeChrist: Bool {
    count >= 3 && start.byte(count - 1) == 0x43 && start.byte(count - 2) == 0x42
  }

  private mutating func takeDate() -> CivilDate? {
    guard let year = takeNumber(digits: 4...7), takes(UInt8(ascii: "-")),
      let month = takeNumber(digits: 2...2), takes(UInt8(ascii: "-")),
      let day = takeNumber(digits: 2...2)
    else { return nil }
    return CivilDate(year: year, month: month, day: day)
  }

  /// Reads `HH:mm`, `HH:mm:ss` or either with decimal places, in microseconds.
  mutating func takeClock() -> Int64? {
    guard let hour = takeNumber(digits: 2...2), takes(UInt8(ascii: ":")),
      let minute = takeNumber(digits: 2...2)
    else { return nil }
    var (second, fraction) = (0, 0)
    if takes(UInt8(ascii: ":")) {
      guard let seconds = takeNumber(digits: 2...2) else { return nil }
      second = seconds
      if takes(UInt8(ascii: ".")) {
        guard let microseconds = takeFraction() else { return nil }
        fraction = microseconds
      }
    }
    return Self.clock(hour, minute, second, fraction)
  }

  /// Checks a time of day; 24:00:00 is the end of it, as in PostgreSQL.
  static func clock(_ hour: Int, _ minute: Int, _ second: Int, _ microsecond: Int) -> Int64? {
    let isEndOfDay = hour == 24 && minute == 0 && second == 0 && microsecond == 0
    guard isEndOfDay || hour < 24, minute < 60, second < 60 else { return nil }
    return Int64(((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond)
  }

  /// Reads decimal places of a second; what is finer than a microsecond must be zero.
  mutating func takeFraction() -> Int? {
    let first = offset
    var (value, unit) = (0, 100_000)
    while offset < count, ASCII.isDigit(start.byte(offset)) {
      let digit = Int(start.byte(offset) - 0x30)
      if unit == 0, digit != 0 { return nil }
      value += digit * unit
      (unit, offset) = (unit / 10, offset + 1)
    }
    return offset > first ? value : nil
  }

  /// Reads `Z`, `+02`, `+0200`, `+02:00` or `+02:00:30`, in seconds east of UTC.
  mutating func takeZone() -> Int64? {
    if takes(UInt8(ascii: "Z")) { return 0 }
    let isWest = takes(UInt8(ascii: "-"))
    guard isWest || takes(UInt8(ascii: "+")), let hours = takeNumber(digits: 2...2) else {
      return nil
    }
    var (minutes, seconds) = (0, 0)
    let hasColon = takes(UInt8(ascii: ":"))
    if let value = takeNumber(digits: 2...2) { minutes = value } else if hasColon { return nil }
    if hasColon, takes(UInt8(ascii: ":")) {
      guard let value = takeNumber(digits: 2...2) else { return nil }
      seconds = value
    }
    guard hours < 16, minutes < 60, seconds < 60 else { return nil }
    let total = Int64(hours * 3600 + minutes * 60 + seconds)
    return isWest ? -total : total
  }

  mutating func takes(_ byte: UInt8) -> Bool {
    guard offset < count, start.byte(offset) == byte else { return false }
    offset += 1
    return true
  }

  /// Reads as many digits as are there, if they are neither too few nor too many.
  mutating func takeNumber(digits: ClosedRange<Int>) -> Int? {
    let first = offset
    var value = 0
    while offset < count, offset - first < digits.upperBound, ASCII.isDigit(start.byte(offset)) {
      value = value * 10 + Int(start.byte(offset) - 0x30)
      offset += 1
    }
    guard offset - first >= digits.lowerBound else {
      offset = first
      return nil
    }
    return value
  }

  /// Reads a number into a field, and returns whether there was one.
  mutating func take(_ digits: ClosedRange<Int>, into field: inout Int) -> Bool {
    guard let value = takeNumber(digits: digits) else { return false }
    field = value
    return true
  }

  /// Reads the English name of a month, in full or its first three letters.
  mutating func takeMonthName() -> Int? {
    for month in 1...12 {
      let name = Self.monthName(month)
      for length in 0..<2 {
        let length = length == 0 ? name.utf8CodeUnitCount : 3
        guard matches(name, length) else { continue }
        offset += length
        return month
      }
    }
    return nil
  }

  private static func monthName(_ month: Int) -> StaticString {
    switch month {
    case 1: "january"
    case 2: "february"
    case 3: "march"
    case 4: "april"
    case 5: "may"
    case 6: "june"
    case 7: "july"
    case 8: "august"
    case 9: "september"
    case 10: "october"
    case 11: "november"
    default: "december"
    }
  }

  private func matches(_ name: StaticString, _ length: Int) -> Bool {
    guard count - offset >= length else { return false }
    for index in 0..<length
    where ASCII.lower(start.byte(offset + index)) != name.utf8Start[index] { return false }
    let end = offset + length
    return end == count || !ASCII.isLetter(start.byte(end))
  }

}

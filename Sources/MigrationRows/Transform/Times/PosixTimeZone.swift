import MigrationBasics

/// A rule such as `CET-1CEST,M3.5.0,M10.5.0/3`, which says how a zone continues for ever.
struct PosixTimeZone {
  /// A day of the year at which clocks change, and the second of that day.
  private enum Day {
    /// The given weekday (0 is Sunday) of a week of a month; week 5 is the last.
    case weekday(month: Int, week: Int, day: Int)
    /// The given day from 1 to 365; 29 February is never counted.
    case julian(Int)
    /// The given day from 0 to 365, leap days counted.
    case ordinal(Int)
  }

  private let standard: Int64
  private var daylight: Int64?
  private var (start, end) = ((Day.julian(1), Int64(7200)), (Day.julian(1), Int64(7200)))

  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard reader.skipName(), let west = reader.takeClock() else { return nil }
    standard = -west
    guard reader.skipName() else { return }
    if let west = reader.takeClock() { daylight = -west } else { daylight = standard + 3600 }
    guard let start = reader.takeChange(), let end = reader.takeChange() else { return nil }
    (self.start, self.end) = (start, end)
  }

  /// The changes of a year, in order; none if the zone has no summer time.
  func transitions(in year: Int) -> [TimeZoneTable.Transition] {
    guard let daylight else { return [] }
    let begin = TimeZoneTable.Transition(
      instant: instant(start, year) - standard, offset: daylight)
    let finish = TimeZoneTable.Transition(instant: instant(end, year) - daylight, offset: standard)
    return begin.instant < finish.instant ? [begin, finish] : [finish, begin]
  }

  private func instant(_ change: (day: Day, second: Int64), _ year: Int) -> Int64 {
    // 10957 days lie between 1970 and 2000.
    Int64(Self.days(change.day, year) + 10_957) * 86_400 + change.second
  }

  private static func days(_ day: Day, _ year: Int) -> Int {
    let january = CivilDate(year: year, month: 1, day: 1).days
    switch day {
    case .ordinal(let number): return january + number
    case .julian(let number):
      let isLeap = CivilDate.length(of: 2, in: year) == 29
      return january + number - 1 + (isLeap && number >= 60 ? 1 : 0)
    case .weekday(let month, let week, let weekday):
      let first = CivilDate(year: year, month: month, day: 1).days
      // 2000-01-01 was a Saturday.
      let firstWeekday = ((first + 6) % 7 + 7) % 7
      var result = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
      if result >= first + CivilDate.length(of: month, in: year) { result -= 7 }
      return result
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func takes(_ byte: UInt8) -> Bool {
      guard current == byte else { return false }
      offset += 1
      return true
    }

    mutating func skipName() -> Bool {
      let first = offset
      if takes(UInt8(ascii: "<")) {
        while let byte = current, byte != UInt8(ascii: ">") {
          _ = byte
          offset += 1
        }
        return takes(UInt8(ascii: ">"))
      }
      while let byte = current, ASCII.isLetter(byte) { offset += 1 }
      return offset > first
    }

    mutating func takeNumber() -> Int? {
      let first = offset
      var value = 0
      while let byte = current, ASCII.isDigit(byte), offset - first < 4 {
        value = value * 10 + Int(byte - 0x30)
        offset += 1
      }
      return offset > first ? value : nil
    }

    /// Reads `[+-]hh[:mm[:ss]]` in seconds.
    mutating func takeClock() -> Int64? {
      let isNegative = takes(UInt8(ascii: "-"))
      if !isNegative { _ = takes(UInt8(ascii: "+")) }
      guard var seconds = takeNumber() else { return nil }
      seconds *= 3600
      for unit in [60, 1] {
        guard takes(UInt8(ascii: ":")) else { break }
        guard let value = takeNumber() else { return nil }
        seconds += value * unit
      }
      return Int64(isNegative ? -seconds : seconds)
    }

    /// Reads a day and, behind a slash, a time; 02:00 if there is none.
    mutating func takeChange() -> (Day, Int64)? {
      guard takes(UInt8(ascii: ",")), let day = takeDay() else { return nil }
      guard takes(UInt8(ascii: "/")) else { return (day, 7200) }
      return takeClock().map { (day, $0) }
    }

    private mutating func takeDay() -> Day? {
      if takes(UInt8(ascii: "J")) { return takeNumber().map(Day.julian) }
      guard takes(UInt8(ascii: "M")) else { return takeNumber().map(Day.ordinal) }
      guard let month = takeNumber(), (1...12).contains(month), takes(UInt8(ascii: ".")),
        let week = takeNumber(), (1...5).contains(week), takes(UInt8(ascii: ".")),
        let day = takeNumber(), (0...6).contains(day)
      else { return nil }
      return .weekday(month: month, week: week, day: day)
    }
  }
}

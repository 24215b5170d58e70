/// A day of the Gregorian calendar, carried back before its introduction as PostgreSQL does.
///
/// Years are astronomical: 0 is 1 BC.
struct CivilDate: Equatable {
  var year: Int
  var month: Int
  var day: Int

  /// Days since 2000-01-01.
  var days: Int {
    // Years that begin in March put the leap day at their end.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 730_425
  }

  init(year: Int, month: Int, day: Int) { (self.year, self.month, self.day) = (year, month, day) }

  init(days: Int) {
    let shifted = days + 730_425
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
    month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  var isValid: Bool {
    month >= 1 && month <= 12 && day >= 1 && day <= Self.length(of: month, in: year)
  }

  static func length(of month: Int, in year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// The limits of PostgreSQL's dates and times, and what its infinities are sent as.
enum TimeLimits {
  static var microsecondsPerDay: Int64 { 86_400_000_000 }
  static var dateInfinity: Int64 { Int64(Int32.max) }
  static var dateMinusInfinity: Int64 { Int64(Int32.min) }
  /// 4713-11-24 BC, the first day of PostgreSQL's calendar.
  static var firstDay: Int64 { -2_451_545 }
  /// The day after the last of the year 5874897.
  static var endDay: Int64 { 2_145_031_949 }
  /// The microsecond after the last of the year 294276.
  static var endTimestamp: Int64 { 9_223_371_331_200_000_000 }
  static var firstTimestamp: Int64 { firstDay * microsecondsPerDay }

  static func isInfinite(_ timestamp: Int64) -> Bool { timestamp == .max || timestamp == .min }
  static func isInfiniteDate(_ days: Int64) -> Bool {
    days == dateInfinity || days == dateMinusInfinity
  }
  static func isInRange(_ timestamp: Int64) -> Bool {
    timestamp >= firstTimestamp && timestamp < endTimestamp
  }

  /// Splits a timestamp into days and the microseconds of the day.
  static func split(_ timestamp: Int64) -> (days: Int64, microseconds: Int64) {
    var (days, rest) = timestamp.quotientAndRemainder(dividingBy: microsecondsPerDay)
    if rest < 0 { (days, rest) = (days - 1, rest + microsecondsPerDay) }
    return (days, rest)
  }
}

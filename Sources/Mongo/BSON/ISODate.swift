/// Dates as `2024-02-29T23:59:59.999Z`.
enum ISODate {
  /// The last millisecond of the year 9999.
  private static let last: Int64 = 253_402_300_799_999

  /// Writes a date of the years 1970 to 9999; nil for all others, which ISO 8601 cannot write alike.
  static func text(milliseconds: Int64) -> String? {
    guard (0...last).contains(milliseconds) else { return nil }
    let (seconds, fraction) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    let (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = civil(days: Int(days))
    let clock =
      "\(padded(time / 3600)):\(padded(time / 60 % 60)):\(padded(time % 60))"
      + (fraction == 0 ? "" : "." + padded(fraction, to: 3))
    return "\(padded(year, to: 4))-\(padded(month))-\(padded(day))T\(clock)Z"
  }

  /// Turns days since 1970 into a date of the Gregorian calendar, by years that begin in March.
  private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func padded(_ number: some BinaryInteger, to width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Reads a date with a time and a zone: `Z`, `+hh:mm` or `+hhmm`; nil for anything else.
  static func milliseconds(of text: [UInt8]) -> Int64? {
    var rest = text[...]
    guard let year = rest.number(4), rest.take("-"), let month = rest.number(2), rest.take("-"),
      let day = rest.number(2), rest.take("T") || rest.take(" "),
      let hour = rest.number(2), rest.take(":"), let minute = rest.number(2),
      (1...12).contains(month), (1...days(in: month, of: year)).contains(day), hour < 24,
      minute < 60
    else { return nil }
    var second = 0
    if rest.take(":") {
      guard let number = rest.number(2), number < 60 else { return nil }
      second = number
    }
    guard let fraction = rest.take(".") ? rest.fraction() : 0, let zone = rest.zone(), rest.isEmpty
    else { return nil }
    let minutes = (dayNumber(year, month, day) * 24 + hour) * 60 + minute - zone
    return Int64((minutes * 60 + second) * 1000 + fraction)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  /// Counts days since 1970, by years that begin in March.
  private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year + 399 : year + 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
      - 146_097
  }
}

extension ArraySlice<UInt8> {
  fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: character) else { return false }
    removeFirst()
    return true
  }

  fileprivate mutating func number(_ width: Int) -> Int? {
    guard count >= width else { return nil }
    var number = 0
    for _ in 0..<width {
      guard let digit = popFirst(), (0x30...0x39).contains(digit) else { return nil }
      number = number * 10 + Int(digit - 0x30)
    }
    return number
  }

  /// Reads one to nine digits behind a point as milliseconds, cutting what is finer.
  fileprivate mutating func fraction() -> Int? {
    let digits = prefix { (0x30...0x39).contains($0) }
    guard (1...9).contains(digits.count) else { return nil }
    removeFirst(digits.count)
    return (0..<3).reduce(0) { number, index in
      let place = digits.startIndex + index
      return number * 10 + (place < digits.endIndex ? Int(digits[place] - 0x30) : 0)
    }
  }

  /// Reads a zone as minutes east of Greenwich.
  fileprivate mutating func zone() -> Int? {
    if take("Z") { return 0 }
    let isWest = first == UInt8(ascii: "-")
    guard take("+") || take("-"), let hours = number(2), hours < 24 else { return nil }
    _ = take(":")
    guard let minutes = number(2), minutes < 60 else { return nil }
    return (isWest ? -1 : 1) * (hours * 60 + minutes)
  }
}

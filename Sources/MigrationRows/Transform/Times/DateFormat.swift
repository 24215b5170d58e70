import MigrationBasics

/// A way to write dates, such as `dd.MM.yyyy HH:mm`, taken apart once.
///
/// `yyyy` and `yy` are years (`yy` is 1970 to 2069), `MM`, `M`, `MMM` months (`MMM`: English names),
/// `dd`, `d` days, `HH`, `H` hours, `mm` minutes, `ss` seconds, `S` decimal places of a second,
/// `a` AM or PM, `Z` an offset from UTC. Text in single quotes and everything that is not a letter
/// is literal.
package struct DateFormat {
  package enum Part: Hashable, BitwiseCopyable {
    case year
    case shortYear
    case month
    case shortMonth
    case monthName
    case day
    case shortDay
    case hour
    case shortHour
    case minute
    case shortMinute
    case second
    case shortSecond
    case fraction
    case halfDay
    case zone
    case literal(UInt8)

    var isOfDate: Bool {
      switch self {
      case .year, .shortYear, .month, .shortMonth, .monthName, .day, .shortDay: true
      default: false
      }
    }
  }

  /// The parts of a format; nil if it has letters without a meaning, or neither a whole date nor
  /// a time.
  package static func parts(of format: String) -> [Part]? {
    var parts: [Part] = []
    var rest = Array(format.utf8)[...]
    while let first = rest.first {
      if first == UInt8(ascii: "'") {
        let text = rest.dropFirst().prefix { $0 != first }
        parts += text.map(Part.literal)
        rest = rest.dropFirst(text.count + 2)
      } else if ASCII.isLetter(first), first != UInt8(ascii: "T") {
        let run = rest.prefix { $0 == first }
        guard let part = part(first, count: run.count) else { return nil }
        parts.append(part)
        rest = rest.dropFirst(run.count)
      } else {
        parts.append(.literal(first))
        rest = rest.dropFirst()
      }
    }
    let kinds = Set(parts)
    let isWhole =
      !kinds.isDisjoint(with: [.year, .shortYear])
      && !kinds.isDisjoint(with: [.month, .shortMonth, .monthName])
      && !kinds.isDisjoint(with: [.day, .shortDay])
    let hasDate = kinds.contains { $0.isOfDate }
    let hasTime = !kinds.isDisjoint(with: [.hour, .shortHour])
    return isWhole || hasTime && !hasDate ? parts : nil
  }

  private static func part(_ letter: UInt8, count: Int) -> Part? {
    switch (letter, count) {
    case (UInt8(ascii: "y"), 4): .year
    case (UInt8(ascii: "y"), 2): .shortYear
    case (UInt8(ascii: "M"), 2): .month
    case (UInt8(ascii: "M"), 1): .shortMonth
    case (UInt8(ascii: "M"), 3...4): .monthName
    case (UInt8(ascii: "d"), 2): .day
    case (UInt8(ascii: "d"), 1): .shortDay
    case (UInt8(ascii: "H"), 2), (UInt8(ascii: "h"), 2): .hour
    case (UInt8(ascii: "H"), 1), (UInt8(ascii: "h"), 1): .shortHour
    case (UInt8(ascii: "m"), 2): .minute
    case (UInt8(ascii: "m"), 1): .shortMinute
    case (UInt8(ascii: "s"), 1): .shortSecond
    case (UInt8(ascii: "s"), 2): .second
    case (UInt8(ascii: "S"), 1...6): .fraction
    case (UInt8(ascii: "a"), 1): .halfDay
    case (UInt8(ascii: "Z"), _), (UInt8(ascii: "X"), _): .zone
    default: nil
    }
  }

  private struct Fields {
    var date = CivilDate(year: 2000, month: 1, day: 1)
    var (hour, minute, second, fraction) = (0, 0, 0, 0)
    var (hasDate, hasTime) = (false, false)
    var isAfternoon: Bool?
    var zone: Int64?
  }

  /// Reads a text that is written in this way to its last byte; fails with `notADate` otherwise.
  package static func read(
    _ start: UnsafeRawPointer, _ count: Int, _ parts: UnsafeBufferPointer<Part>
  ) -> Slot {
    var reader = TimeReader(start, count)
    var fields = Fields()
    for part in parts {
      guard take(part, from: &reader, into: &fields) else { return .failed(.notADate) }
    }
    guard reader.isAtEnd, fields.date.isValid else { return .failed(.notADate) }
    if let isAfternoon = fields.isAfternoon {
      guard fields.hour >= 1, fields.hour <= 12 else { return .failed(.notADate) }
      fields.hour = fields.hour % 12 + (isAfternoon ? 12 : 0)
    }
    guard fields.hasTime else { return TimeReader.slot(fields.date, time: nil, zone: nil) }
    guard
      let clock = TimeReader.clock(fields.hour, fields.minute, fields.second, fields.fraction)
    else { return .failed(.notADate) }
    if !fields.hasDate { return Slot(.time, clock) }
    return TimeReader.slot(fields.date, time: clock, zone: fields.zone)
  }

  private static func take(
    _ part: Part, from reader: inout TimeReader, into fields: inout Fields
  ) -> Bool {
    if part.isOfDate { fields.hasDate = true }
    switch part {
    case .year: return reader.take(4...4, into: &fields.date.year)
    case .shortYear:
      guard reader.take(2...2, into: &fields.date.year) else { return false }
      fields.date.year += fields.date.year < 70 ? 2000 : 1900
      return true
    case .month: return reader.take(2...2, into: &fields.date.month)
    case .shortMonth: return reader.take(1...2, into: &fields.date.month)
    case .monthName:
      guard let month = reader.takeMonthName() else { return false }
      fields.date.month = month
      return true
    case .day: return reader.take(2...2, into: &fields.date.day)
    case .shortDay: return reader.take(1...2, into: &fields.date.day)
    case .literal(let byte): return reader.takes(byte)
    case .zone:
      fields.zone = reader.takeZone()
      return fields.zone != nil
    default:
      fields.hasTime = true
      return takeTime(part, from: &reader, into: &fields)
    }
  }

  private static func takeTime(
    _ part: Part, from reader: inout TimeReader, into fields: inout Fields
  ) -> Bool {
    switch part {
    case .hour: return reader.take(2...2, into: &fields.hour)
    case .shortHour: return reader.take(1...2, into: &fields.hour)
    case .minute: return reader.take(2...2, into: &fields.minute)
    case .shortMinute: return reader.take(1...2, into: &fields.minute)
    case .shortSecond: return reader.take(1...2, into: &fields.second)
    case .second: return reader.take(2...2, into: &fields.second)
    case .fraction:
      guard let value = reader.takeFraction() else { return false }
      fields.fraction = value
      return true
    default:
      if reader.takes(UInt8(ascii: "P")) || reader.takes(UInt8(ascii: "p")) {
        fields.isAfternoon = true
      } else if reader.takes(UInt8(ascii: "A")) || reader.takes(UInt8(ascii: "a")) {
        fields.isAfternoon = false
      } else {
        return false
      }
      return reader.takes(UInt8(ascii: "M")) || reader.takes(UInt8(ascii: "m"))
    }
  }
}

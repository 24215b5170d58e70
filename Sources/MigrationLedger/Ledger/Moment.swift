import Glibc

/// A moment in microseconds since 1970, UTC, which is what PostgreSQL's `timestamptz` can hold.
package struct Moment: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let microseconds: Int

  package init(microseconds: Int) { self.microseconds = microseconds }

  /// The moment by this machine's clock.
  package static func now() -> Moment {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Moment(microseconds: time.tv_sec * 1_000_000 + time.tv_nsec / 1000)
  }

  package static func < (left: Moment, right: Moment) -> Bool {
    left.microseconds < right.microseconds
  }

  /// Returns the time from an earlier moment to this one.
  package func since(_ earlier: Moment) -> Duration {
    .microseconds(microseconds - earlier.microseconds)
  }

  /// The moment in ISO 8601, such as `2026-01-31T02:05:00.000000Z`.
  package var description: String {
    let days = Self.floorDivision(microseconds, 86_400_000_000)
    let inDay = microseconds - days * 86_400_000_000
    let (year, month, day) = Self.civil(days)
    let seconds = inDay / 1_000_000
    let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    let hour = Self.padded(seconds / 3600, 2)
    let minute = Self.padded(seconds / 60 % 60, 2)
    let second = Self.padded(seconds % 60, 2)
    return "\(date)T\(hour):\(minute):\(second).\(Self.padded(inDay % 1_000_000, 6))Z"
  }

  /// Selects a timestamp so that it is read as a moment.
  package static func sql(_ expression: String) -> String {
    "(extract(epoch from \(expression)) * '1000000')::bigint"
  }

  /// Turns days since 1970 into a date, counting years from March so that leap days come last.
  private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = floorDivision(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }

  private static func floorDivision(_ value: Int, _ divisor: Int) -> Int {
    value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

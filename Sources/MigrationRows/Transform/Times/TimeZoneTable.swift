/// The offsets of a time zone from UTC, as the system's time zone database has them.
///
/// A local time that comes twice, when clocks go back, means the first of the two: the offset from
/// before the change. A local time that never comes, when clocks go forward, is read with the offset
/// from before the change as well, and so lands after it.
package struct TimeZoneTable: Sendable {
  package struct Transition: Sendable, Equatable, BitwiseCopyable {
    /// Seconds since 1970 in UTC from which on the offset holds.
    let instant: Int64
    /// Seconds east of UTC.
    package let offset: Int64
  }

  /// In order; the first holds from the beginning of time.
  let transitions: [Transition]
  /// Whether the zone has one offset for ever.
  var isFixed: Bool { transitions.count == 1 }

  static let utc = TimeZoneTable(transitions: [Transition(instant: .min, offset: 0)])

  init(transitions: [Transition]) { self.transitions = transitions }

  /// Finds the offset that holds at an instant.
  package static func offset(at seconds: Int64, _ table: UnsafeBufferPointer<Transition>) -> Int64 {
    table[index(at: seconds, table)].offset
  }

  /// Finds the offset that a local time is read with.
  package static func offset(atLocal seconds: Int64, _ table: UnsafeBufferPointer<Transition>)
    -> Int64
  {
    // No offset is larger than a day, so the change that matters lies within one day of it.
    var position = index(at: seconds - 86_400, table)
    while position + 1 < table.count {
      let (before, after) = (table[position].offset, table[position + 1].offset)
      // What the clock shows when the hour that comes twice, or never, is over.
      guard seconds >= table[position + 1].instant + max(before, after) else { break }
      position += 1
    }
    return table[position].offset
  }

  private static func index(at seconds: Int64, _ table: UnsafeBufferPointer<Transition>) -> Int {
    var (low, high) = (0, table.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if table[middle].instant <= seconds { low = middle } else { high = middle }
    }
    return low
  }
}

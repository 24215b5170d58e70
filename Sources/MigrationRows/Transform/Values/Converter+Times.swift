extension Converter {
  /// Makes a date or time into the kind of a column's type, through the zone if it must.
  func moment(_ slot: Slot, to type: TargetType) -> Slot {
    let value = slot.kind == .text ? TimeReader.read(slot.start, slot.length) : slot
    switch value.kind {
    case .date, .timestamp, .timestamptz: break
    // A date that PostgreSQL's calendar does not reach.
    case .other where value.tag == BSONTag.date: return .failed(.outOfRange)
    default: return failure(value, .noConversion)
    }
    let moved: Slot
    switch type.form {
    case .date: moved = date(value)
    case .timestamp: moved = timestamp(value)
    default: moved = timestamptz(value)
    }
    return moved.kind == .date || moved.kind == .failed ? moved : checkFraction(moved, type)
  }

  /// Refuses decimal places of a second that the column would round away.
  func checkFraction(_ slot: Slot, _ type: TargetType) -> Slot {
    guard type.limit >= 0, type.limit < 6, !TimeLimits.isInfinite(slot.number) else { return slot }
    return slot.number % Self.unit(places: Int(type.limit)) == 0 ? slot : .failed(.scale)
  }

  /// The microseconds of the last of a number of decimal places of a second.
  static func unit(places: Int) -> Int64 {
    var unit: Int64 = 1
    for _ in places..<max(places, 6) { unit *= 10 }
    return unit
  }

  private func date(_ slot: Slot) -> Slot {
    if slot.kind == .date { return slot }
    let local = timestamp(slot)
    guard local.kind == .timestamp else { return local }
    if local.number == .max { return Slot(.date, TimeLimits.dateInfinity) }
    if local.number == .min { return Slot(.date, TimeLimits.dateMinusInfinity) }
    let (days, rest) = TimeLimits.split(local.number)
    return rest == 0 ? Slot(.date, days) : .failed(.losesTime)
  }

  func timestamp(_ slot: Slot) -> Slot {
    switch slot.kind {
    case .timestamp: return slot
    case .timestamptz:
      guard !TimeLimits.isInfinite(slot.number) else { return Slot(.timestamp, slot.number) }
      let offset = TimeZoneTable.offset(at: Self.unixSeconds(slot.number), zone)
      return Self.inRange(.timestamp, slot.number, plus: offset * 1_000_000)
    default:
      if slot.number == TimeLimits.dateInfinity { return Slot(.timestamp, Int64.max) }
      if slot.number == TimeLimits.dateMinusInfinity { return Slot(.timestamp, Int64.min) }
      let (value, overflow) = slot.number.multipliedReportingOverflow(
        by: TimeLimits.microsecondsPerDay)
      return overflow ? .failed(.outOfRange) : Self.inRange(.timestamp, value, plus: 0)
    }
  }

  func timestamptz(_ slot: Slot) -> Slot {
    if slot.kind == .timestamptz { return slot }
    let local = timestamp(slot)
    guard local.kind == .timestamp, !TimeLimits.isInfinite(local.number) else {
      return local.kind == .timestamp ? Slot(.timestamptz, local.number) : local
    }
    let offset = TimeZoneTable.offset(atLocal: Self.unixSeconds(local.number), zone)
    return Self.inRange(.timestamptz, local.number, plus: -offset * 1_000_000)
  }

  private static func inRange(_ kind: SlotKind, _ value: Int64, plus other: Int64) -> Slot {
    let (sum, overflow) = value.addingReportingOverflow(other)
    return overflow || !TimeLimits.isInRange(sum) ? .failed(.outOfRange) : Slot(kind, sum)
  }

  /// Whole seconds since 1970 of a timestamp.
  private static func unixSeconds(_ timestamp: Int64) -> Int64 {
    let (quotient, rest) = timestamp.quotientAndRemainder(dividingBy: 1_000_000)
    return quotient - (rest < 0 ? 1 : 0) + 946_684_800
  }
}

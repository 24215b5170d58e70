extension RowEngine {
  mutating func runConversion(_ op: ConversionOp, _ counter: Int) -> Bool {
    switch op {
    case .boolean(let from, let table, let to, let policy):
      let value = slots[Int(from)]
      return settle(boolean(value, Int(table)), of: value, into: to, policy, counter)
    case .number(let from, let decimal, let grouping, let to, let policy):
      let value = slots[Int(from)]
      let result = number(value, decimal: slots[Int(decimal)], grouping: slots[Int(grouping)])
      return settle(result, of: value, into: to, policy, counter)
    case .date(let from, let formats, let zone, let to, let policy):
      let value = slots[Int(from)]
      return settle(date(value, formats, Int(zone)), of: value, into: to, policy, counter)
    case .map(let from, let table, let values, let to, let policy):
      let value = slots[Int(from)]
      let found = value.isNull ? value : mapped(value, Int(table), values) ?? .failed(.notInList)
      return settle(found, of: value, into: to, policy, counter)
    case .mapOrElse(let from, let table, let values, let otherwise, let to):
      let value = slots[Int(from)]
      slots[Int(to)] =
        value.isNull ? value : mapped(value, Int(table), values) ?? slots[Int(otherwise)]
      return true
    }
  }

  mutating func runCheck(_ op: CheckOp, _ counter: Int) -> Bool {
    switch op {
    case .minimum(let from, let bound, let to, let policy):
      let value = slots[Int(from)]
      let result = limited(value, slots[Int(bound)], .tooSmall)
      return settle(result, of: value, into: to, policy, counter)
    case .maximum(let from, let bound, let to, let policy):
      let value = slots[Int(from)]
      let result = limited(value, slots[Int(bound)], .tooLarge)
      return settle(result, of: value, into: to, policy, counter)
    case .oneOf(let from, let table, let to, let reason, let policy):
      let value = slots[Int(from)]
      let text = TextForm.make(value, in: &arena)
      let isListed = text.isNull || word(text, Int(table)) != nil
      return settle(isListed ? value : .failed(reason), of: value, into: to, policy, counter)
    }
  }

  mutating func runRounding(_ op: RoundingOp, _ counter: Int) -> Bool {
    switch op {
    case .round(let from, let scale, let to):
      let value = slots[Int(from)]
      let number = value.isNull ? value : converter.numeric(value, in: &arena)
      guard number.kind == .numeric, number.numeric.isFinite else {
        return settle(number, of: value, into: to, .quarantine, counter)
      }
      let rounded = NumericMaker.round(number.numeric, scale: Int(scale), in: &arena)
      return settle(rounded, of: value, into: to, .quarantine, counter)
    case .roundToDay(let from, let to):
      let value = slots[Int(from)]
      return settle(day(value), of: value, into: to, .quarantine, counter)
    case .roundSeconds(let from, let places, let to):
      let value = slots[Int(from)]
      return settle(seconds(value, Int(places)), of: value, into: to, .quarantine, counter)
    }
  }

  /// The small number that is behind a word of a table.
  private func word(_ text: Slot, _ table: Int) -> Int? {
    memory.words[table].find(text.start, text.length).map {
      Int($0.start.byte(0)) << 8
        | Int($0.start.byte(1))
    }
  }

  private mutating func boolean(_ value: Slot, _ table: Int) -> Slot {
    if value.isNull || value.kind == .bool { return value }
    let text = TextSteps.trim(TextForm.make(value, in: &arena))
    let lower = TextSteps.changeCase(text, upper: false, in: &arena)
    return word(lower, table).map { .bool($0 == 1) } ?? .failed(.notBoolean)
  }

  private mutating func mapped(_ value: Slot, _ table: Int, _ values: Place) -> Slot? {
    let text = TextForm.make(value, in: &arena)
    return word(text, table).map { slots[Int(values) + $0] }
  }

  private mutating func number(_ value: Slot, decimal: Slot, grouping: Slot) -> Slot {
    guard value.kind == .text else { return value }
    let text = TextSteps.trim(value)
    let place = arena.reserve(text.length)
    guard
      let count = NumberFormat.plain(
        text, decimal: decimal, grouping: grouping, to: place)
    else {
      return .failed(.notANumber)
    }
    arena.take(count)
    return NumericMaker.make(UnsafeRawPointer(place), count, in: &arena)
  }

  private mutating func date(_ value: Slot, _ formats: Span32, _ zone: Int) -> Slot {
    guard value.kind == .text else { return value }
    let text = TextSteps.trim(value)
    var failure = Slot.failed(.notADate)
    for index in 0..<Int(formats.count) {
      let span = memory.dateFormats[Int(formats.first) + index]
      let parts = UnsafeBufferPointer(
        rebasing: memory.dateParts[Int(span.first)..<Int(span.first + span.count)])
      let slot = DateFormat.read(text.start, text.length, parts)
      if slot.kind == .failed {
        if slot.reason == .outOfRange { failure = slot }
        continue
      }
      guard slot.kind == .timestamp, zone >= 0 else { return slot }
      return Converter(zone: memory.zones[zone], words: converter.words).timestamptz(slot)
    }
    return failure
  }

  /// Returns the value if it is not beyond a bound.
  private mutating func limited(_ value: Slot, _ bound: Slot, _ reason: Reason) -> Slot {
    if value.isNull { return value }
    var candidate = value
    if value.kind == .text,
      bound.kind == .date || bound.kind == .timestamp
        || bound.kind == .timestamptz
    {
      candidate = TimeReader.read(value.start, value.length)
      if candidate.kind == .failed { return candidate }
    }
    guard let order = SlotOrder.compare(candidate, bound, converter, in: &arena) else {
      return .failed(.notANumber)
    }
    let isNaN =
      candidate.kind == .numeric && candidate.numeric.sign == NumericView.notANumber
      || (candidate.kind == .double || candidate.kind == .single) && candidate.real.isNaN
    if isNaN { return .failed(reason) }
    return reason == .tooSmall
      ? (order < 0 ? .failed(reason) : value)
      : (order > 0 ? .failed(reason) : value)
  }

  private func day(_ value: Slot) -> Slot {
    if value.isNull || value.kind == .date { return value }
    let moment = value.kind == .text ? TimeReader.read(value.start, value.length) : value
    guard moment.kind == .timestamp || moment.kind == .timestamptz else { return moment }
    let local = converter.timestamp(moment)
    guard local.kind == .timestamp, !TimeLimits.isInfinite(local.number) else { return local }
    return Slot(.date, TimeLimits.split(local.number).days)
  }

  private func seconds(_ value: Slot, _ places: Int) -> Slot {
    let moment = value.kind == .text ? TimeReader.read(value.start, value.length) : value
    guard moment.kind == .timestamp || moment.kind == .timestamptz || moment.kind == .time,
      moment.kind == .time || !TimeLimits.isInfinite(moment.number)
    else { return moment }
    let unit = Converter.unit(places: places)
    let half = moment.number < 0 ? -unit / 2 : unit / 2
    return Slot(moment.kind, (moment.number + half) / unit * unit)
  }
}

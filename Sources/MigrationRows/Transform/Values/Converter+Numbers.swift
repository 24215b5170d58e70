import Glibc
import MigrationBasics

extension Converter {
  @inline(__always)
  func checkNumeric(_ slot: Slot, _ type: TargetType, in arena: inout Arena) -> Slot {
    guard type.limit >= 0 else { return slot }
    let checked = checkPrecision(slot, type)
    let scale = max(0, Int(type.scale))
    guard checked.kind == .numeric, checked.numeric.displayScale != scale, checked.numeric.isFinite
    else { return checked }
    return shown(checked, scale: scale, in: &arena)
  }

  /// Returns a number with the decimal places that its column shows, as the server would store it.
  private func shown(_ slot: Slot, scale: Int, in arena: inout Arena) -> Slot {
    let place = arena.copy(slot.start, slot.length)
    place.put16(Int16(truncatingIfNeeded: scale), 6)
    return Slot(.numeric, UnsafeRawPointer(place), slot.length)
  }

  private func checkPrecision(_ slot: Slot, _ type: TargetType) -> Slot {
    let view = slot.numeric
    if !view.isFinite {
      // A numeric with a precision can hold NaN, but no infinity.
      return view.sign == NumericView.notANumber ? slot : .failed(.outOfRange)
    }
    if view.neededScale > max(0, Int(type.scale)) { return .failed(.scale) }
    if view.integerDigits > Int(type.limit - type.scale) { return .failed(.outOfRange) }
    if type.scale < 0, !isMultiple(view, ofTenTo: -Int(type.scale)) { return .failed(.scale) }
    return slot
  }

  /// Whether the last N digits before the point are zeros.
  private func isMultiple(_ view: NumericView, ofTenTo power: Int) -> Bool {
    for position in 0..<power {
      let index = view.weight - position / 4
      guard index < view.digitCount, index >= 0 else { continue }
      var group = view.digit(index)
      for _ in 0..<(position % 4) { group /= 10 }
      if group % 10 != 0 { return false }
    }
    return true
  }

  /// Makes a number into a numeric.
  func numeric(_ slot: Slot, in arena: inout Arena) -> Slot {
    switch slot.kind {
    case .numeric: return slot
    case .int: return NumericMaker.make(slot.number, in: &arena)
    case .single, .double, .text:
      let text = TextForm.make(slot, in: &arena)
      return NumericMaker.make(text.start, text.length, in: &arena)
    default: return failure(slot, .noConversion)
    }
  }

  func integer(
    _ slot: Slot, _ range: ClosedRange<Int64>, in arena: inout Arena
  ) -> Slot {
    let whole: Slot
    switch slot.kind {
    case .int: whole = slot
    case .bool: whole = .int(slot.isTrue ? 1 : 0)
    case .text: whole = integerText(slot, in: &arena)
    default: whole = wholeNumber(numeric(slot, in: &arena))
    }
    guard whole.kind == .int else { return whole }
    return range.contains(whole.number) ? whole : .failed(.outOfRange)
  }

  private func integerText(_ slot: Slot, in arena: inout Arena) -> Slot {
    // Up to 18 digits fit whatever they are; the rest takes the long way.
    guard slot.count > 0, slot.count <= 18 else { return wholeNumber(numeric(slot, in: &arena)) }
    var value: Int64 = 0
    for offset in 0..<slot.length {
      let byte = slot.start.byte(offset)
      guard ASCII.isDigit(byte) else { return wholeNumber(numeric(slot, in: &arena)) }
      value = value * 10 + Int64(byte - 0x30)
    }
    return .int(value)
  }

  private func wholeNumber(_ slot: Slot) -> Slot {
    guard slot.kind == .numeric else { return slot }
    if let number = slot.numeric.wholeNumber { return .int(number) }
    let hasPlaces = slot.numeric.isFinite && slot.numeric.neededScale > 0
    return .failed(hasPlaces ? .scale : .outOfRange)
  }

  /// Makes a number into a floating point number that reads back as the same decimal number.
  func real(_ slot: Slot, isSingle: Bool, in arena: inout Arena) -> Slot {
    let decimal = numeric(slot, in: &arena)
    guard decimal.kind == .numeric else { return decimal }
    let result: Slot
    if slot.kind == .double && !isSingle || slot.kind == .single && isSingle { return slot }
    if decimal.numeric.isFinite {
      result = nearest(decimal, isSingle: isSingle, in: &arena)
    } else {
      let sign = decimal.numeric.sign
      let special: Double =
        sign == NumericView.notANumber
        ? .nan : sign == NumericView.infinity ? .infinity : -.infinity
      return Self.slot(special, isSingle: isSingle)
    }
    if result.real.isInfinite { return .failed(.outOfRange) }
    let back = numeric(result, in: &arena)
    guard back.kind == .numeric, NumericView.compare(back.numeric, decimal.numeric) == 0 else {
      return .failed(.precisionLost)
    }
    return result
  }

  private func nearest(_ decimal: Slot, isSingle: Bool, in arena: inout Arena) -> Slot {
    let place = arena.reserve(decimal.numeric.textBound + 1)
    let count = decimal.numeric.write(to: place)
    place.put(0, count)
    let text = place.assumingMemoryBound(to: CChar.self)
    return isSingle
      ? Slot(kind: .single, bits: UInt64(strtof(text, nil).bitPattern)) : .double(strtod(text, nil))
  }

  private static func slot(_ real: Double, isSingle: Bool) -> Slot {
    isSingle ? Slot(kind: .single, bits: UInt64(Float(real).bitPattern)) : .double(real)
  }
}

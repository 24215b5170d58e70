/// Makes numerics in their binary form.
struct NumericMaker {
  /// PostgreSQL's own limits: digits before and behind the decimal point.
  static var mostIntegerDigits: Int { 131_072 }
  static var mostDecimalPlaces: Int { 16_383 }

  /// Makes a numeric of a whole number.
  static func make(_ number: Int64, in arena: inout Arena) -> Slot {
    let place = arena.reserve(NumericView.headerSize + 10)
    var rest = number.magnitude
    // Groups of zeros at the end are not stored; the weight shows them.
    var zeros = 0
    while rest > 0, rest % 10000 == 0 { (rest, zeros) = (rest / 10000, zeros + 1) }
    var count = 0
    var probe = rest
    while probe > 0 { (probe, count) = (probe / 10000, count + 1) }
    for index in stride(from: count - 1, through: 0, by: -1) {
      place.put16(Int16(truncatingIfNeeded: rest % 10000), 8 + 2 * index)
      rest /= 10000
    }
    let weight = max(0, count + zeros - 1)
    writeHeader(place, count: count, weight: weight, isNegative: number < 0, scale: 0)
    let size = NumericView.headerSize + 2 * count
    arena.take(size)
    return Slot(.numeric, UnsafeRawPointer(place), size)
  }

  static func special(_ sign: UInt16, in arena: inout Arena) -> Slot {
    let place = arena.reserve(NumericView.headerSize)
    writeHeader(place, count: 0, weight: 0, isNegative: false, scale: 0)
    place.put16(Int16(bitPattern: sign), 4)
    // The server shows its infinities with this scale.
    if sign != NumericView.notANumber { place.put16(0x20, 6) }
    arena.take(NumericView.headerSize)
    return Slot(.numeric, UnsafeRawPointer(place), NumericView.headerSize)
  }

  /// Makes a numeric of text such as `-12.50` or `1e6`; strictly, without blanks around it.
  static func make(
    _ start: UnsafeRawPointer, _ count: Int, in arena: inout Arena
  ) -> Slot {
    var reader = NumeralReader(start, count)
    guard reader.read() else {
      return NumeralReader.special(start, count).map { special($0, in: &arena) }
        ?? .failed(.notANumber)
    }
    return make(reader, in: &arena)
  }

  private static func make(_ reader: NumeralReader, in arena: inout Arena) -> Slot {
    let point = reader.wholeDigits + reader.exponent
    let scale = max(0, reader.decimalDigits - reader.exponent)
    guard isInRange(reader) else { return .failed(.outOfRange) }
    // Groups of four decimal digits, aligned at the point: the first may begin before the text.
    let weight = point > 0 ? (point + 3) / 4 - 1 : -((-point) / 4) - 1
    let lead = (weight + 1) * 4 - point
    let digits = reader.wholeDigits + reader.decimalDigits
    let groups = (lead + digits + 3) / 4
    let place = arena.reserve(NumericView.headerSize + 2 * groups)
    var (written, skipped, last) = (0, 0, 0)
    for group in 0..<groups {
      var value = 0
      for position in 0..<4 { value = value * 10 + reader.digit(group * 4 + position - lead) }
      if value == 0, written == 0 {
        skipped += 1
        continue
      }
      place.put16(Int16(truncatingIfNeeded: value), 8 + 2 * written)
      written += 1
      if value != 0 { last = written }
    }
    writeHeader(
      place, count: last, weight: last == 0 ? 0 : weight - skipped,
      isNegative: reader.isNegative && last > 0, scale: scale)
    let size = NumericView.headerSize + 2 * last
    arena.take(size)
    return Slot(.numeric, UnsafeRawPointer(place), size)
  }

  /// Whether PostgreSQL can hold a number that has been read.
  static func isInRange(_ reader: NumeralReader) -> Bool {
    let point = reader.wholeDigits + reader.exponent
    return reader.decimalDigits - reader.exponent <= mostDecimalPlaces
      && point <= mostIntegerDigits && point >= -mostDecimalPlaces
  }

  static func writeHeader(
    _ place: UnsafeMutableRawPointer, count: Int, weight: Int, isNegative: Bool, scale: Int
  ) {
    place.put16(Int16(truncatingIfNeeded: count), 0)
    place.put16(Int16(truncatingIfNeeded: weight), 2)
    place.put16(Int16(bitPattern: isNegative ? NumericView.negative : NumericView.positive), 4)
    place.put16(Int16(truncatingIfNeeded: scale), 6)
  }

  /// Rounds to a number of decimal places, halves away from zero as PostgreSQL does.
  static func round(_ view: NumericView, scale: Int, in arena: inout Arena) -> Slot {
    let bound = view.textBound + max(scale, 0) + 8
    let text = arena.reserve(bound)
    // A zero in front leaves space for the carry of 99.9.
    var count = view.write(to: text + 1)
    let signed = text.load(fromByteOffset: 1, as: UInt8.self) == UInt8(ascii: "-")
    text.put(UInt8(ascii: signed ? "-" : "0"), 0)
    if signed { text.put(UInt8(ascii: "0"), 1) }
    count += 1
    count = DecimalRounding(text: text, first: signed ? 1 : 0, count: count).round(scale: scale)
    arena.take(bound)
    return make(UnsafeRawPointer(text), count, in: &arena)
  }
}

/// Rounds decimal digits in place.
private struct DecimalRounding {
  let text: UnsafeMutableRawPointer
  let first: Int
  let count: Int

  private func byte(_ index: Int) -> UInt8 { text.load(fromByteOffset: index, as: UInt8.self) }

  /// Returns the length of the rounded text.
  func round(scale: Int) -> Int {
    var point = first
    while point < count, byte(point) != UInt8(ascii: ".") { point += 1 }
    // The first digit that goes: behind the point it is cut off, before it it becomes a zero.
    let cut = scale > 0 ? point + 1 + scale : scale == 0 ? point + 1 : point + scale
    guard cut < count else { return count }
    let roundsUp = cut >= first && byte(cut) >= UInt8(ascii: "5")
    var index = max(cut, first)
    while scale < 0, index < point {
      text.put(UInt8(ascii: "0"), index)
      index += 1
    }
    if roundsUp { carry(into: cut - 1) }
    return scale > 0 ? cut : point
  }

  private func carry(into start: Int) {
    var index = start
    while index >= first {
      defer { index -= 1 }
      if byte(index) == UInt8(ascii: ".") { continue }
      if byte(index) < UInt8(ascii: "9") {
        text.put(byte(index) + 1, index)
        return
      }
      text.put(UInt8(ascii: "0"), index)
    }
  }
}

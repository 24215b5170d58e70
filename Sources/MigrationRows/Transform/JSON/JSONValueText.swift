import MigrationBasics

/// Writes any value as JSON.
///
/// Numbers stay numbers, JSON is embedded as it is, dates and times become ISO 8601 texts, uuids and
/// bytes texts, arrays arrays. What JSON has no number for (NaN, infinities) becomes a text, as
/// PostgreSQL's `to_jsonb` does it.
enum JSONValueText {
  /// How many bytes `write` may need.
  @inline(__always)
  static func bound(_ slot: Slot) -> Int {
    switch slot.kind {
    case .text: JSONText.bound(slot.length)
    case .json, .jsonb: slot.length
    case .numeric: slot.numeric.textBound + 2
    case .bytes, .raw: 2 * slot.length + 8
    case .array: arrayBound(slot)
    case .document, .list, .other: BSONJSON.bound(slot)
    default: 64
    }
  }

  /// Whether `write` writes a value as the server would show it in a jsonb.
  @inline(__always)
  static func isCanonical(_ slot: Slot) -> Bool {
    switch slot.kind {
    case .jsonb: slot.tag == 1
    // Exponents, blanks and the order of keys are the server's own.
    case .json, .single, .double, .array, .document, .list, .other: false
    default: true
    }
  }

  private static func arrayBound(_ slot: Slot) -> Int {
    guard var reader = ArrayReader(slot.start, slot.length),
      let form = WireForm(oid: reader.elementOID)
    else { return 2 }
    // Brackets: not more than two for each element and dimension.
    var total = 16
    for _ in 0..<reader.count { total += bound(reader.next(form)) + 2 + 2 * reader.dimensions }
    return total
  }

  /// Writes a value; returns how many bytes it took, or why it can't be JSON.
  @inline(__always)
  static func write(
    _ slot: Slot, to place: UnsafeMutableRawPointer
  ) -> (count: Int, problem: Reason?) {
    switch slot.kind {
    case .text: return JSONText.writeString(slot.start, slot.length, to: place)
    case .null:
      place.put("null", 0)
      return (4, nil)
    case .int: return (IntegerText.write(slot.number, to: place), nil)
    case .jsonb:
      place.copyMemory(from: slot.start, byteCount: slot.length)
      return (slot.length, nil)
    default: return writeRare(slot, to: place)
    }
  }

  @inline(never)
  private static func writeRare(
    _ slot: Slot, to place: UnsafeMutableRawPointer
  ) -> (count: Int, problem: Reason?) {
    switch slot.kind {
    case .json:
      if let problem = JSONScan.problem(slot.start, slot.length) { return (0, problem) }
      place.copyMemory(from: slot.start, byteCount: slot.length)
      return (slot.length, nil)
    case .numeric where slot.numeric.isFinite: return (slot.numeric.write(to: place), nil)
    case .single where slot.real.isFinite, .double where slot.real.isFinite, .bool:
      return (TextForm.write(slot, to: place), nil)
    case .bytes, .raw:
      place.put("\"\\\\x", 0)
      ASCII.writeHex(slot.start, slot.length, to: place + 4)
      place.put(UInt8(ascii: "\""), 4 + 2 * slot.length)
      return (5 + 2 * slot.length, nil)
    case .array: return writeArray(slot, to: place)
    case .document, .list, .other:
      var json = BSONJSON(to: place)
      json.write(slot)
      return (json.count, json.problem)
    case .failed: return (0, slot.reason)
    case .timestamp, .timestamptz:
      let count = TimeText.writeTimestamp(
        slot.number, zoned: slot.kind == .timestamptz, style: .iso8601, to: place + 1)
      return (quote(place, count), nil)
    default: return (quote(place, TextForm.write(slot, to: place + 1)), nil)
    }
  }

  private static func quote(_ place: UnsafeMutableRawPointer, _ count: Int) -> Int {
    place.put(UInt8(ascii: "\""), 0)
    place.put(UInt8(ascii: "\""), count + 1)
    return count + 2
  }

  private static func writeArray(
    _ slot: Slot, to place: UnsafeMutableRawPointer
  ) -> (count: Int, problem: Reason?) {
    guard var reader = ArrayReader(slot.start, slot.length),
      let form = WireForm(oid: reader.elementOID)
    else { return (0, .noConversion) }
    guard reader.count > 0 else {
      place.put("[]", 0)
      return (2, nil)
    }
    var count = 0
    let problem = writeDimension(0, &reader, form, place, &count)
    return (count, problem)
  }

  private static func writeDimension(
    _ dimension: Int, _ reader: inout ArrayReader, _ form: WireForm,
    _ place: UnsafeMutableRawPointer, _ count: inout Int
  ) -> Reason? {
    place.put(UInt8(ascii: "["), count)
    count += 1
    for index in 0..<reader.size(of: dimension) {
      if index > 0 {
        place.put(UInt8(ascii: ","), count)
        count += 1
      }
      if dimension + 1 < reader.dimensions {
        let problem = writeDimension(dimension + 1, &reader, form, place, &count)
        if let problem { return problem }
        continue
      }
      let (written, problem) = write(reader.next(form), to: place + count)
      if let problem { return problem }
      count += written
    }
    place.put(UInt8(ascii: "]"), count)
    count += 1
    return nil
  }
}

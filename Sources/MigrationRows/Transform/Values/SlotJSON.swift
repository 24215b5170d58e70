import MigrationBasics

/// Makes JSON values of slots, for quarantine and reports.
enum SlotJSON {
  static func value(_ slot: Slot) -> JSONValue {
    switch slot.kind {
    case .null, .failed: return .null
    case .bool: return .bool(slot.isTrue)
    case .int: return Int(exactly: slot.number).map(JSONValue.int) ?? .null
    case .numeric, .single, .double:
      return TextForm.string(slot).map { JSONValue.isNumeral($0) ? .numeral($0) : .text($0) }
        ?? .null
    case .text where !TextScan.isUTF8(slot.start, slot.length),
      .json where !TextScan.isUTF8(slot.start, slot.length),
      .jsonb where !TextScan.isUTF8(slot.start, slot.length):
      // Bytes that are no text are kept as they are, for a later try.
      return ["$binary": .text(hex(slot))]
    case .json, .jsonb: return parsed(slot)
    case .array: return array(slot)
    case .raw: return ["$binary": .text(hex(slot))]
    default: return TextForm.string(slot).map(JSONValue.text) ?? .null
    }
  }

  private static func parsed(_ slot: Slot) -> JSONValue {
    let text = TextForm.string(slot) ?? ""
    return (try? JSONValue.parse(text)) ?? .text(text)
  }

  private static func array(_ slot: Slot) -> JSONValue {
    withUnsafeTemporaryAllocation(
      byteCount: JSONValueText.bound(slot) + 8, alignment: 8
    ) { space in
      guard let place = space.baseAddress else { return .null }
      let (count, problem) = JSONValueText.write(slot, to: place)
      guard problem == nil else { return ["$binary": .text(hex(slot))] }
      return parsed(Slot(.jsonb, UnsafeRawPointer(place), count))
    }
  }

  private static func hex(_ slot: Slot) -> String {
    TextForm.string(Slot(.bytes, slot.start, slot.length)).map { String($0.dropFirst(2)) } ?? ""
  }
}

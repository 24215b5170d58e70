/// Compares values of like kinds.
enum SlotOrder {
  /// Returns -1, 0 or 1; nil if the two can't be compared.
  static func compare(_ left: Slot, _ right: Slot, _ converter: Converter, in arena: inout Arena)
    -> Int?
  {
    if left.kind == right.kind {
      switch left.kind {
      case .int, .date, .time, .timestamp, .timestamptz, .bool:
        return left.number < right.number ? -1 : left.number == right.number ? 0 : 1
      case .text, .uuid, .bytes, .json, .jsonb: return compareBytes(left, right)
      default: break
      }
    }
    if isMoment(left), isMoment(right) { return compareMoments(left, right, converter) }
    guard isNumber(left) || isNumber(right) else {
      let (one, two) = (TextForm.make(left, in: &arena), TextForm.make(right, in: &arena))
      return one.kind == .text && two.kind == .text ? compareBytes(one, two) : nil
    }
    let one = converter.numeric(left, in: &arena)
    let two = converter.numeric(right, in: &arena)
    guard one.kind == .numeric, two.kind == .numeric else { return nil }
    return NumericView.compare(one.numeric, two.numeric)
  }

  private static func isNumber(_ slot: Slot) -> Bool {
    slot.kind == .int || slot.kind == .numeric || slot.kind == .double || slot.kind == .single
  }

  private static func isMoment(_ slot: Slot) -> Bool {
    slot.kind == .date || slot.kind == .timestamp || slot.kind == .timestamptz
  }

  private static func compareMoments(_ left: Slot, _ right: Slot, _ converter: Converter) -> Int? {
    let (one, two) = (converter.timestamptz(left), converter.timestamptz(right))
    guard one.kind == .timestamptz, two.kind == .timestamptz else { return nil }
    return one.number < two.number ? -1 : one.number == two.number ? 0 : 1
  }

  static func compareBytes(_ left: Slot, _ right: Slot) -> Int {
    let (one, two) = (left.start, right.start)
    let shared = min(left.length, right.length)
    for offset in 0..<shared where one.byte(offset) != two.byte(offset) {
      return one.byte(offset) < two.byte(offset) ? -1 : 1
    }
    return left.length == right.length ? 0 : left.length < right.length ? -1 : 1
  }
}

import MigrationBasics

/// Reads numbers that are written with other separators than a point.
enum NumberFormat {
  /// Writes a number with a decimal point and without groups; nil if separators are misplaced.
  ///
  /// Groups have three digits; those before the last may have two, as in India.
  static func plain(
    _ text: Slot, decimal: Slot, grouping: Slot, to place: UnsafeMutableRawPointer
  ) -> Int? {
    var (count, offset) = (0, 0)
    // How many digits are in the group at hand, and whether a separator came before it.
    var (group, isGrouped, isDecimal) = (0, false, false)
    while offset < text.length {
      let byte = text.start.byte(offset)
      if stands(grouping, in: text, at: offset) {
        guard !isDecimal, group > 0, group <= 3, !isGrouped || group >= 2 else { return nil }
        (group, isGrouped) = (0, true)
        offset += grouping.length
        continue
      }
      if stands(decimal, in: text, at: offset) {
        guard !isDecimal, !isGrouped || group == 3 else { return nil }
        isDecimal = true
        place.put(UInt8(ascii: "."), count)
        offset += decimal.length
      } else {
        guard ASCII.isDigit(byte) || count == 0 && (byte == 0x2D || byte == 0x2B) else {
          return nil
        }
        if ASCII.isDigit(byte) { group += 1 }
        place.put(byte, count)
        offset += 1
      }
      count += 1
    }
    return isGrouped && !isDecimal && group != 3 ? nil : count
  }

  private static func stands(_ separator: Slot, in text: Slot, at offset: Int) -> Bool {
    separator.count > 0 && separator.length <= text.length - offset
      && (text.start + offset).equals(separator.start, separator.length)
  }
}

import MigrationBasics
import MigrationPlan

/// Checks that a constant of the plan fits a column of the target.
enum ConstantCheck {
  /// Returns what is wrong; nil if the constant fits. Null always does, as far as types go.
  static func problem(_ value: JSONValue, _ type: PostgresType) -> (what: String, remedy: String)? {
    if value == .null { return nil }
    let problem: String? =
      switch ValueSort(type) {
      case .json, .dynamic, .kept: nil
      case .text: text(value, type)
      case .boolean: boolean(value)
      case .integer: integer(value, type)
      case .decimal: decimal(value, type)
      case .float: number(value) == nil ? "is not a number" : nil
      case .uuid: isUUID(value) ? nil : "is not a uuid"
      case .date, .timestamp, .timestamptz:
        isDate(value) ? nil : "is not a date in the form yyyy-MM-dd"
      case .time: isText(value) ? nil : "is not a time of day"
      case .other: isText(value) ? nil : "is not text; write such a value as text"
      case .bytes: "cannot be stored in such a column"
      case .array(.other) where isText(value): nil
      case .array(let element): array(value, element)
      }
    return problem.map {
      ("the constant \(value.compact) \($0)", "give one that fits \(type.name)")
    }
  }

  private static func isText(_ value: JSONValue) -> Bool {
    if case .text = value { true } else { false }
  }

  private static func text(_ value: JSONValue, _ type: PostgresType) -> String? {
    guard case .text(let text) = value else { return "is not text: write it between \"\"" }
    if text.utf8.contains(0) { return "holds a NUL, which PostgreSQL cannot store" }
    if !type.ownLabels.isEmpty, !type.ownLabels.contains(text) {
      let near = nearest(to: text, in: type.labels).map { " (near: \($0))" } ?? ""
      return "is not a label of the enum: \(type.labels.joined(separator: ", "))\(near)"
    }
    // The modifier of varchar and char counts the four bytes of a length with the characters.
    if [1042, 1043].contains(type.baseOID), type.modifier >= 4 {
      let limit = Int(type.modifier) - 4
      if text.unicodeScalars.count > limit {
        return "is longer than \(CountText.of(limit, "character"))"
      }
    }
    return nil
  }

  private static func boolean(_ value: JSONValue) -> String? {
    if case .bool = value { return nil }
    return "is not true or false"
  }

  private static func integer(_ value: JSONValue, _ type: PostgresType) -> String? {
    guard case .int(let integer) = value else { return "is not a whole number" }
    let fits =
      switch type.baseOID {
      case 21: Int16(exactly: integer) != nil
      case 23: Int32(exactly: integer) != nil
      case 26: UInt32(exactly: integer) != nil
      default: true
      }
    return fits ? nil : "is out of range"
  }

  private static func number(_ value: JSONValue) -> String? {
    switch value {
    case .int(let integer): String(integer)
    case .double(let double): double.isFinite ? String(double) : nil
    case .numeral(let text): text
    default: nil
    }
  }

  private static func decimal(_ value: JSONValue, _ type: PostgresType) -> String? {
    guard let text = number(value) else { return "is not a number" }
    // numeric's modifier: precision in the upper half, scale in the lower, after four bytes of length.
    guard type.modifier >= 4, let digits = DecimalDigits(text) else { return nil }
    let precision = Int((type.modifier - 4) >> 16)
    let scale = Int((type.modifier - 4) & 0x7ff)
    if digits.fraction > scale { return "has more than \(scale) decimal places" }
    return digits.whole > precision - scale ? "is out of range" : nil
  }

  private static func isUUID(_ value: JSONValue) -> Bool {
    guard case .text(let text) = value, text.utf8.count == 36 else { return false }
    return text.utf8.enumerated().allSatisfy { index, byte in
      [8, 13, 18, 23].contains(index)
        ? byte == UInt8(ascii: "-")
        : byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
  }

  private static func isDate(_ value: JSONValue) -> Bool {
    if case .text(let text) = value { PlanDate.isDate(text) } else { false }
  }

  private static func array(_ value: JSONValue, _ element: ValueSort) -> String? {
    guard case .array(let values) = value else { return "is not a list" }
    let fits = values.allSatisfy { value in
      switch (element, value) {
      case (_, .null), (.text, .text), (.other, .text), (.boolean, .bool), (.integer, .int): true
      case (.decimal, _), (.float, _): number(value) != nil
      case (.uuid, _): isUUID(value)
      default: false
      }
    }
    return fits ? nil : "has an element that is not \(element.words)"
  }
}

/// How many digits a decimal number has before and behind its point.
struct DecimalDigits {
  let whole: Int
  let fraction: Int

  /// Counts the digits of a number in JSON's grammar, without zeros that say nothing.
  init?(_ text: String) {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard let mantissa = parts.first, let exponent = parts.count > 1 ? Int(parts[1]) : 0,
      abs(exponent) < 20_000
    else { return nil }
    let unsigned = mantissa.drop { $0 == "-" || $0 == "+" }
    let halves = unsigned.split(separator: ".", omittingEmptySubsequences: false)
    let point = (halves.first?.utf8.count ?? 0) + exponent
    let digits = Array(halves.joined().utf8)
    let zero = UInt8(ascii: "0")
    guard let first = digits.firstIndex(where: { $0 != zero }),
      let last = digits.lastIndex(where: { $0 != zero })
    else {
      (whole, fraction) = (0, 0)
      return
    }
    whole = max(0, point - first)
    fraction = max(0, last + 1 - point)
  }
}

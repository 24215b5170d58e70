import MigrationRows

/// Reads texts as something else more leniently than the rules do, and never by guessing.
///
/// What can be understood in two ways is not understood. The result is the text that the rules read
/// for sure.
enum TextCoercion: Hashable {
  case number
  case date
  case time
  case boolean
  case uuid
  /// Only blanks at both ends are taken off.
  case blanks

  /// The result for a text.
  enum Result: Hashable {
    /// It represents no value.
    case null
    case text(String)
    /// It can't be understood, or not for sure.
    case unknown
  }

  /// Which reading helps against a reason; nil if none does.
  init?(_ reason: Reason) {
    switch reason {
    case .notANumber: self = .number
    case .notADate: self = .date
    case .notATime: self = .time
    case .notBoolean: self = .boolean
    case .notAUUID: self = .uuid
    case .tooLong: self = .blanks
    default: return nil
    }
  }

  /// Words that people write if there is nothing.
  static let noValue: Set<String> = ["", "-", "null", "none", "n/a"]

  static let trueWords: Set<String> = [
    "ja", "oui", "si", "sí", "wahr", "vrai", "checked", "enabled", "active", "1.0",
  ]
  static let falseWords: Set<String> = [
    "nein", "non", "falsch", "faux", "unchecked", "disabled", "inactive", "0.0",
  ]

  /// - Parameter decimal: what the rules take for the decimal point of a number.
  func read(_ text: String, decimal: String = ".") -> Result {
    let trimmed = Self.trimmed(text)
    if self == .blanks { return trimmed == text ? .unknown : .text(trimmed) }
    let lower = trimmed.lowercased()
    if Self.noValue.contains(lower) { return .null }
    switch self {
    case .number:
      let number = NumberCoercion.read(trimmed, decimal: decimal)
      if number != .unknown { return number }
    case .date:
      let day = DateCoercion.read(trimmed)
      if day != .unknown { return day }
    case .boolean:
      if Self.trueWords.contains(lower) { return .text("true") }
      if Self.falseWords.contains(lower) { return .text("false") }
    case .uuid:
      let bare = trimmed.filter { $0 != "{" && $0 != "}" }
      let plain = bare.lowercased().hasPrefix("urn:uuid:") ? String(bare.dropFirst(9)) : bare
      if plain != text { return .text(plain) }
    case .time, .blanks: break
    }
    return trimmed == text ? .unknown : .text(trimmed)
  }

  /// Without blanks at both ends, those that do not break lines included.
  private static func trimmed(_ text: String) -> String { text.trimmed }
}

/// Reads numbers with any of the usual separators, if only one reading is possible.
enum NumberCoercion {
  static func read(_ text: String, decimal: String) -> TextCoercion.Result {
    var characters = Array(text)
    var sign = ""
    if let first = characters.first, "+-".contains(first) {
      sign = first == "-" ? "-" : ""
      characters.removeFirst()
    }
    guard let plain = plain(characters) else { return .unknown }
    return .text(sign + plain.replacing(".", with: decimal))
  }

  /// Returns the number with a point and without groups.
  private static func plain(_ characters: [Character]) -> String? {
    let parts = characters.split(
      omittingEmptySubsequences: false, whereSeparator: { !$0.isASCII || !$0.isNumber })
    let separators = characters.filter { !$0.isASCII || !$0.isNumber }
    guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    if separators.isEmpty { return String(characters) }
    guard let point = decimalPlace(separators, parts) else { return nil }
    let groups = parts[..<point]
    guard isGrouped(groups), Set(separators[..<max(0, groups.count - 1)]).count <= 1 else {
      return nil
    }
    let whole = groups.map { String($0) }.joined()
    return point < parts.count ? whole + "." + String(parts[point]) : whole
  }

  /// Returns which part is behind the decimal point; the number of parts if none does.
  ///
  /// A single comma before three digits may be either, so that it is neither.
  private static func decimalPlace(
    _ separators: [Character], _ parts: [ArraySlice<Character>]
  ) -> Int? {
    guard let last = separators.last,
      separators.allSatisfy({ " \u{A0}\u{202F}'’.,".contains($0) })
    else { return nil }
    guard ".,".contains(last) else { return parts.count }
    let isRepeated = separators.count { $0 == last } > 1
    if isRepeated { return Set(separators).count == 1 ? parts.count : nil }
    if separators.count > 1 { return parts.count - 1 }
    let isClear = parts[1].count != 3 || parts[0] == ["0"] || parts[0].count > 3
    return isClear ? 1 : nil
  }

  private static func isGrouped(_ groups: ArraySlice<ArraySlice<Character>>) -> Bool {
    guard groups.count > 1, let first = groups.first else { return true }
    return first.count <= 3 && groups.dropFirst().allSatisfy { $0.count == 3 }
  }
}

/// What values a setting takes.
package enum SettingKind: Hashable, Sendable {
  /// Some kinds of address; nil takes every kind.
  case databaseURL([DatabaseURL.Kind]?)
  case integer(ClosedRange<Int>)
  /// A whole number, or `auto` to let the program choose.
  case count(ClosedRange<Int>)
  /// A time; the range is in milliseconds.
  case duration(ClosedRange<Int>)
  case byteSize
  case boolean
  case choice([String])
  /// Some of a set of words with commas between them, or `all`.
  case words([String])
  /// An address of HTTP.
  case webURL
  case percent
  case path
  /// A name that PostgreSQL takes without quotes.
  case identifier
  case text

  /// What is allowed, to follow "expected".
  package var allowed: String {
    switch self {
    case .databaseURL(let kinds):
      (kinds ?? DatabaseURL.Kind.builtIn).map(\.expected).joined(separator: " or ")
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .count(let range):
      "auto, or a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .duration(let range):
      "a time from \(Quantity.text(.milliseconds(range.lowerBound))) to "
        + "\(Quantity.text(.milliseconds(range.upperBound))) "
        + "(milliseconds, or with a unit: 250ms, 300s, 5m, 1.5h)"
    case .byteSize: "a size (bytes, or with a unit: 512KiB, 64MiB, 2GiB)"
    case .boolean: "true or false (also 1, 0, yes, no, on, off)"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .words(let words): "all, or some of " + words.joined(separator: ", ")
    case .webURL: "an address (http://… or https://…)"
    case .percent: "a share (0 to 100%, or 0 to 1)"
    case .path: "a path"
    case .identifier: "a name of small letters, digits and \"_\", at most 63, no digit first"
    case .text: "text"
    }
  }

  /// Returns the value that a text represents.
  ///
  /// - Throws: What is wrong, without the text.
  package func parse(_ text: String) throws(SettingValueError) -> SettingValue {
    if case .databaseURL(let kinds) = self { return try parseURL(text, kinds) }
    if self == .text { return .text(text) }
    guard let value = parseWord(text.trimmed) else { throw SettingValueError(expected: allowed) }
    return value
  }

  private func parseURL(
    _ text: String, _ kinds: [DatabaseURL.Kind]?
  ) throws(SettingValueError) -> SettingValue {
    do {
      let url = try DatabaseURL(text)
      guard kinds?.contains(url.kind) ?? true else { throw SettingValueError(expected: allowed) }
      return .url(url)
    } catch let error as DatabaseURLError {
      throw SettingValueError(expected: allowed, detail: error)
    } catch let error as SettingValueError {
      throw error
    } catch {
      throw SettingValueError(expected: allowed)
    }
  }

  private func parseWord(_ text: String) -> SettingValue? {
    let lower = text.lowercased()
    switch self {
    case .integer(let range): return Self.integer(text, in: range).map(SettingValue.integer)
    case .count(let range):
      return lower == "auto" ? .automatic : Self.integer(text, in: range).map(SettingValue.integer)
    case .duration(let range):
      guard let duration = Quantity.duration(text),
        duration >= .milliseconds(range.lowerBound), duration <= .milliseconds(range.upperBound)
      else { return nil }
      return .duration(duration)
    case .byteSize: return Quantity.byteCount(text).map(SettingValue.byteCount)
    case .boolean:
      if ["true", "1", "yes", "on"].contains(lower) { return .boolean(true) }
      return ["false", "0", "no", "off"].contains(lower) ? .boolean(false) : nil
    case .choice(let words): return words.first { $0.lowercased() == lower }.map(SettingValue.text)
    case .words(let words):
      let named = lower.split(separator: ",").map { String($0).trimmed }
      let isKnown = !named.isEmpty && named.allSatisfy { words.contains($0) || $0 == "all" }
      return isKnown ? .text(named.joined(separator: ",")) : nil
    case .webURL: return Self.isWebURL(text) ? .text(text) : nil
    case .percent: return Quantity.share(text).map(SettingValue.share)
    case .path: return text.utf8.contains(0) ? nil : .text(text)
    case .identifier: return Self.isIdentifier(text) ? .text(text) : nil
    case .text, .databaseURL: return nil
    }
  }

  private static func integer(_ text: String, in range: ClosedRange<Int>) -> Int? {
    Int(text).flatMap { range.contains($0) ? $0 : nil }
  }

  private static func isWebURL(_ text: String) -> Bool {
    let lower = text.lowercased()
    guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else { return false }
    let host = lower.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return !host.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
  }

  private static func isIdentifier(_ text: String) -> Bool {
    let isAllowed = text.utf8.allSatisfy {
      ($0.isLetter && $0 & 0x20 != 0) || $0.isDigit || $0 == UInt8(ascii: "_")
    }
    // PostgreSQL keeps names that begin with pg_ to itself.
    return isAllowed && (1...63).contains(text.utf8.count) && !text.hasPrefix("pg_")
      && text.utf8.first?.isDigit == false
  }
}

/// What is wrong with the value of a setting, without the value.
package struct SettingValueError: Error, Hashable {
  package let expected: String
  package var detail: DatabaseURLError?
}

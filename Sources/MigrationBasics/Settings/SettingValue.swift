/// The value of a setting, read according to its kind.
package enum SettingValue: Hashable, Sendable {
  case url(DatabaseURL)
  case integer(Int)
  /// The program chooses.
  case automatic
  case duration(Duration)
  case byteCount(Int)
  case share(Double)
  case boolean(Bool)
  case text(String)

  /// The value as a person would write it, URLs without their secrets.
  package var displayText: String {
    switch self {
    case .url(let url): url.redacted
    case .integer(let integer): "\(integer)"
    case .automatic: "auto"
    case .duration(let duration): Quantity.text(duration)
    case .byteCount(let count): "\(count)"
    case .share(let share): "\(share)"
    case .boolean(let boolean): "\(boolean)"
    case .text(let text): text
    }
  }
}

/// A type that the value of a setting can be read as, and a default be written as.
package protocol SettingRepresentable: Sendable {
  init?(_ value: SettingValue)
  /// The value as it is written in a settings file; nil for none.
  var settingText: String? { get }
}

/// A number, or the word `auto` to let the program choose it.
public enum Count: Hashable, Sendable {
  case automatic
  case exactly(Int)
}

extension Count: ExpressibleByIntegerLiteral {
  public init(integerLiteral number: Int) { self = .exactly(number) }
}

/// How much is logged: each level with all those before it.
package enum LogLevel: String, Hashable, Sendable, CaseIterable, Comparable {
  case error
  case warn
  case info
  case debug
  case trace

  package static func < (left: LogLevel, right: LogLevel) -> Bool {
    allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
  }
}

extension DatabaseURL: SettingRepresentable {
  package init?(_ value: SettingValue) {
    guard case .url(let url) = value else { return nil }
    self = url
  }
  public var settingText: String? { redacted }
}

extension Int: SettingRepresentable {
  package init?(_ value: SettingValue) {
    if case .byteCount(let count) = value {
      self = count
      return
    }
    guard case .integer(let integer) = value else { return nil }
    self = integer
  }
  package var settingText: String? { "\(self)" }
}

extension Count: SettingRepresentable {
  package init?(_ value: SettingValue) {
    switch value {
    case .automatic: self = .automatic
    case .integer(let integer): self = .exactly(integer)
    default: return nil
    }
  }
  package var settingText: String? {
    switch self {
    case .automatic: "auto"
    case .exactly(let count): "\(count)"
    }
  }
}

extension Duration: SettingRepresentable {
  package init?(_ value: SettingValue) {
    guard case .duration(let duration) = value else { return nil }
    self = duration
  }
  /// The time in milliseconds, as the manual writes it.
  package var settingText: String? {
    let (seconds, attoseconds) = components
    return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
  }
}

/// A size in bytes.
package struct ByteSize: Hashable, Sendable, SettingRepresentable {
  package let byteCount: Int

  package init(_ byteCount: Int) { self.byteCount = byteCount }

  package init?(_ value: SettingValue) {
    guard case .byteCount(let count) = value else { return nil }
    self.init(count)
  }
  /// The size in the largest unit that holds it exactly.
  package var settingText: String? {
    for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)]
    where byteCount > 0 && byteCount % (1 << shift) == 0 {
      return "\(byteCount >> shift)\(unit)"
    }
    return "\(byteCount)"
  }
}

extension Bool: SettingRepresentable {
  package init?(_ value: SettingValue) {
    guard case .boolean(let boolean) = value else { return nil }
    self = boolean
  }
  package var settingText: String? { "\(self)" }
}

extension String: SettingRepresentable {
  package init?(_ value: SettingValue) {
    guard case .text(let text) = value else { return nil }
    self = text
  }
  package var settingText: String? { self }
}

extension LogLevel: SettingRepresentable {
  package init?(_ value: SettingValue) {
    guard case .text(let text) = value else { return nil }
    self.init(rawValue: text)
  }
  package var settingText: String? { rawValue }
}

extension Optional: SettingRepresentable where Wrapped: SettingRepresentable {
  package init?(_ value: SettingValue) { self = Wrapped(value) }
  package var settingText: String? { self?.settingText }
}

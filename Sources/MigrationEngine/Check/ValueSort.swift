import MigrationPlan

/// What sort of value is at a point of a rule, as far as conversions care.
package indirect enum ValueSort: Hashable {
  case boolean, integer, decimal, float, text, uuid, date, time, timestamp, timestamptz, json, bytes
  case array(ValueSort)
  /// A type that is only passed on as it is, such as `interval`; if steps read it, it is text.
  case other(String)
  /// A part of a JSON value, or a value of a document, whose type only the row knows.
  case dynamic
  /// Text that did not convert and is kept all the same.
  case kept

  /// The sort of a column's values, by the type below a domain.
  init(_ type: PostgresType) {
    if let element = type.elementOID {
      self = .array(Self.sort(of: element) ?? .other(Self.elementName(type.name)))
    } else if !type.ownLabels.isEmpty || type.baseName == "citext" {
      self = .text
    } else {
      self = Self.sort(of: type.baseOID) ?? .other(type.name)
    }
  }

  /// The sort of a source column's values: types that are not understood are read as text.
  package static func read(_ type: PostgresType) -> ValueSort {
    let sort = ValueSort(type)
    switch sort {
    case .other, .array(.other): return .text
    default: return sort
    }
  }

  private static func elementName(_ name: String) -> String {
    name.hasSuffix("[]") ? String(name.dropLast(2)) : name
  }

  private static func sort(of oid: UInt32) -> ValueSort? {
    switch oid {
    case 16: .boolean
    case 20, 21, 23, 26: .integer
    case 1700: .decimal
    case 700, 701: .float
    case 18, 19, 25, 1042, 1043: .text
    case 2950: .uuid
    case 1082: .date
    case 1083: .time
    case 1114: .timestamp
    case 1184: .timestamptz
    case 114, 3802: .json
    case 17: .bytes
    default: nil
    }
  }

  package var isNumber: Bool { self == .integer || self == .decimal || self == .float }

  /// The sort in words, for faults.
  package var words: String {
    switch self {
    case .boolean: "true or false"
    case .integer, .decimal, .float: "a number"
    case .text: "text"
    case .uuid: "a uuid"
    case .date: "a date"
    case .time: "a time of day"
    case .timestamp, .timestamptz: "a time"
    case .json: "JSON"
    case .bytes: "bytes"
    case .array(let element): "an array of \(element.words)"
    case .other(let name): name
    case .dynamic: "a JSON value"
    case .kept: "text that did not convert"
    }
  }
}

/// Which sorts become which: the table of conversions.
enum ConversionTable {
  /// Returns whether values of one sort can become another, each checked row by row if they may
  /// not fit.
  static func converts(_ source: ValueSort, to target: ValueSort) -> Bool {
    if source == target || source == .dynamic { return true }
    switch target {
    case .text, .json: return true
    case .array(let element):
      if source == .json { return true }
      if case .other = element {
        if case .array = source { return true }
        return source == .text
      }
      guard case .array(let from) = source else { return false }
      return converts(from, to: element)
    case .integer: return source.isNumber || source == .text || source == .boolean
    case .decimal, .float: return source.isNumber || source == .text
    case .boolean: return source == .text || source == .integer
    case .uuid: return source == .text || source == .bytes
    case .bytes: return source == .text || source == .uuid
    case .time: return source == .text
    case .date, .timestamp, .timestamptz:
      return [.text, .date, .timestamp, .timestamptz].contains(source)
    // The server reads the text by the type's own rules.
    case .other: return source == .text
    case .dynamic, .kept: return false
    }
  }

  /// What to do if values of one sort can't become another.
  static func remedy(_ source: ValueSort, to target: ValueSort) -> String {
    switch (source, target) {
    case (.kept, _): "use orElse: \"null\" or \"quarantine\", as only text columns can keep it"
    case (.json, _): "read a part of it with path: \"key\", or use a column of type jsonb"
    case (_, .other), (_, .array(.other)):
      "convert it to text (concat), copy a column of the same type without steps, or change the column to text"
    case (.boolean, let number) where number.isNumber: "add map: { true: 1, false: 0 }"
    case (.integer, .uuid): "make ids with id: \"entity\""
    default: "read another column, or change the target's type"
    }
  }
}

/// A type of a target column in the property test of paths, with the conversions of docs/types.md.
public enum PathType: String, Sendable, CaseIterable {
  case text = "text"
  case integer = "integer"
  case bigint = "bigint"
  case boolean = "boolean"
  case double = "double precision"
  case jsonb = "jsonb"
  case texts = "text[]"
  case integers = "integer[]"

  /// The value as the column holds it: exactly, or not at all.
  func converted(_ value: PathValue) throws(PathOracle.Rejected) -> PathValue {
    if value.isNull { return .null }
    switch self {
    case .text: return .text(value.shownText ?? "")
    case .integer: return try whole(value, Double(Int32.min)...Double(Int32.max))
    case .bigint: return try whole(value, -9e18...9e18)
    case .boolean: return try Self.boolean(value)
    case .double:
      if case .bool = value { throw PathOracle.Rejected() }
      guard let number = value.readNumber else { throw PathOracle.Rejected() }
      return .double(number)
    case .jsonb: return value.inJSONB
    case .texts, .integers: return try array(value)
    }
  }

  private func array(_ value: PathValue) throws(PathOracle.Rejected) -> PathValue {
    guard case .array(let values) = value else { throw PathOracle.Rejected() }
    let type: PathType = self == .texts ? .text : .integer
    var elements: [PathValue] = []
    for value in values { elements.append(try type.converted(value)) }
    return .array(elements)
  }

  private func whole(
    _ value: PathValue, _ range: ClosedRange<Double>
  ) throws(PathOracle.Rejected) -> PathValue {
    if case .bool(let bool) = value { return .long(bool ? 1 : 0) }
    if case .int(let number) = value { return .long(number) }
    guard let number = value.readNumber, number == number.rounded(), range.contains(number) else {
      throw PathOracle.Rejected()
    }
    if case .long(let number) = value { return .long(number) }
    return .long(Int(number))
  }

  private static func boolean(_ value: PathValue) throws(PathOracle.Rejected) -> PathValue {
    switch value {
    case .bool: return value
    case .int(let number), .long(let number):
      if number == 0 || number == 1 { return .bool(number == 1) }
    case .text(let text):
      if ["t", "true", "y", "yes", "on", "1"].contains(text.lowercased()) { return .bool(true) }
      if ["f", "false", "n", "no", "off", "0"].contains(text.lowercased()) { return .bool(false) }
    default: break
    }
    throw PathOracle.Rejected()
  }
}

extension PathValue {
  /// The value as text; nil for null.
  var shownText: String? {
    switch self {
    case .null: nil
    case .text(let text): text
    case .json(let value): value.plainJSON
    case .double(let number):
      number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .id(let digits): digits
    default: plainJSON
    }
  }

  /// The number that it is, or that its text is.
  var readNumber: Double? {
    if let number { return number }
    guard case .text(let text) = self, !text.isEmpty,
      text.allSatisfy({ "0123456789.-+eE".contains($0) })
    else { return nil }
    return Double(text)
  }

  /// The value as jsonb keeps it: texts are texts, and of equal keys the last counts.
  var inJSONB: PathValue {
    switch self {
    case .json(let value): .text(value.plainJSON)
    case .id(let digits): .text(digits)
    case .array(let values): .array(values.map(\.inJSONB))
    case .document(let members):
      .document(
        members.enumerated().filter { place, member in
          !members.dropFirst(place + 1).contains { $0.key == member.key }
        }.map { .init($1.key, $1.value.inJSONB) })
    default: self
    }
  }

  /// A text that is equal for values that a column holds equal: keys in order, numbers by value.
  public var canonical: String {
    switch self {
    case .int(let number), .long(let number): "\(number)"
    case .double(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .document(let members):
      "{"
        + members.map { PathValue.quoted($0.key) + ":" + $0.value.canonical }.sorted()
        .joined(separator: ",") + "}"
    case .array(let values): "[" + values.map(\.canonical).joined(separator: ",") + "]"
    default: plainJSON
    }
  }
}

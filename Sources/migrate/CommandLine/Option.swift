import MigrationCore

/// Why a value of the command line is invalid, as "expected …".
struct ValueFault: Error {
  let expected: String
}

/// The description of an option for the parser, the help and the completions.
struct OptionSpec: Sendable {
  let name: String
  let short: Character?
  /// The name of the value in the help; nil for a flag, which takes none.
  let placeholder: String?
  let help: String
  let choices: [String]
  let check: @Sendable (String) throws(ValueFault) -> Void

  var takesValue: Bool { placeholder != nil }
}

/// An option of a command, with the type that its value has in the program.
///
/// A command declares its options as constants and reads them by them:
///
///     static let times = Option.integer("repeat", "N", in: 1...1000, otherwise: 1, help: "…")
///     let times = invocation[Self.times]   // an Int
struct Option<Value: Sendable>: Sendable {
  let spec: OptionSpec
  /// Converts all values of the option to one; the parser has checked each of them.
  let read: @Sendable ([String]) -> Value
}

extension Option where Value == Bool {
  static func flag(_ name: String, short: Character? = nil, help: String) -> Self {
    Option(
      spec: OptionSpec(
        name: name, short: short, placeholder: nil, help: help, choices: [], check: { _ in }),
      read: { !$0.isEmpty })
  }
}

extension Option where Value == String? {
  /// An option that takes any text; the last value applies.
  static func text(
    _ name: String, short: Character? = nil, _ placeholder: String, choices: [String] = [],
    help: String, check: @escaping @Sendable (String) throws(ValueFault) -> Void = { _ in }
  ) -> Self {
    Option(
      spec: OptionSpec(
        name: name, short: short, placeholder: placeholder, help: help, choices: choices,
        check: { value throws(ValueFault) in
          try check(value)
          if !choices.isEmpty, !choices.contains(value) {
            throw ValueFault(expected: "one of \(choices.joined(separator: ", "))")
          }
        }),
      read: { $0.last })
  }
}

extension Option where Value == [String] {
  /// An option that may be given several times.
  static func list(
    _ name: String, _ placeholder: String, help: String,
    check: @escaping @Sendable (String) throws(ValueFault) -> Void = { _ in }
  ) -> Self {
    Option(
      spec: OptionSpec(
        name: name, short: nil, placeholder: placeholder, help: help, choices: [], check: check),
      read: { $0 })
  }
}

extension Option where Value == Int? {
  /// A number that says nothing if it is not given.
  static func integer(
    _ name: String, _ placeholder: String, in range: ClosedRange<Int>, help: String
  ) -> Self {
    let given = Option<Int>.integer(name, placeholder, in: range, otherwise: 0, help: help)
    return Option(spec: given.spec) { $0.last.flatMap(Int.init) }
  }
}

extension Option where Value == Int {
  /// A number with a default that a user could have given.
  static func integer(
    _ name: String, _ placeholder: String, in range: ClosedRange<Int>, otherwise fallback: Int,
    help: String
  ) -> Self {
    Option(
      spec: OptionSpec(
        name: name, short: nil, placeholder: placeholder, help: help, choices: [],
        check: { value throws(ValueFault) in
          guard let number = Int(value), range.contains(number) else {
            throw ValueFault(expected: RangeText.of(range))
          }
        }),
      read: { $0.last.flatMap(Int.init) ?? fallback })
  }
}

/// The range of a number in messages: `1 to 1,000,000`, `0 or more`.
enum RangeText {
  static func of(_ range: ClosedRange<Int>) -> String {
    let least = GroupedNumber.text(range.lowerBound)
    return range.upperBound == Int.max
      ? "\(least) or more" : "\(least) to \(GroupedNumber.text(range.upperBound))"
  }
}

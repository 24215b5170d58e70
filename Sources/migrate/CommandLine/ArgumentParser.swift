import MigrationCore

/// The arguments and option values of a command line, checked against the command.
struct ParsedArguments: Sendable, Equatable {
  var operands: [String] = []
  /// The values given for each option, in order; a flag that was given has one empty value.
  var values: [String: [String]] = [:]

  subscript<Value>(_ option: Option<Value>) -> Value { option.read(values[option.spec.name] ?? []) }
}

/// Sorts the words of a command line into options and operands.
///
/// Accepts `--name value`, `--name=value`, `-n value` and bundled flags (`-qv`); `--` ends the
/// options. The last value of an option applies, so arguments after a script's name override
/// its own.
struct ArgumentParser {
  let command: String
  let options: [OptionSpec]

  func parse(_ words: [String]) throws(UsageError) -> ParsedArguments {
    var parsed = ParsedArguments()
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        parsed.operands += rest
        break
      } else if word.hasPrefix("--") {
        try parseLong(word, &rest, &parsed)
      } else if word.hasPrefix("-"), word.count > 1, Int(word) == nil {
        try parseShort(word, &rest, &parsed)
      } else {
        parsed.operands.append(word)
      }
    }
    return parsed
  }

  private func parseLong(
    _ word: String, _ rest: inout ArraySlice<String>, _ parsed: inout ParsedArguments
  ) throws(UsageError) {
    let parts = word.dropFirst(2).split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let option = options.first(where: { $0.name == name }) else {
      throw .unknownOption(
        "--" + name, command: command, nearest: nearest(to: name, in: options.map(\.name)))
    }
    let given = parts.count == 2 ? String(parts[1]) : nil
    try take(option, shown: "--" + name, given: given, &rest, &parsed)
  }

  private func parseShort(
    _ word: String, _ rest: inout ArraySlice<String>, _ parsed: inout ParsedArguments
  ) throws(UsageError) {
    for letter in word.dropFirst() {
      guard let option = options.first(where: { $0.short == letter }) else {
        throw .unknownOption("-\(letter)", command: command, nearest: nil)
      }
      try take(option, shown: "-\(letter)", given: nil, &rest, &parsed)
    }
  }

  private func take(
    _ option: OptionSpec, shown: String, given: String?, _ rest: inout ArraySlice<String>,
    _ parsed: inout ParsedArguments
  ) throws(UsageError) {
    guard let placeholder = option.placeholder else {
      guard given == nil else { throw .needlessValue(option: shown) }
      parsed.values[option.name, default: []].append("")
      return
    }
    var value = given
    if value == nil, let next = rest.first, next == "-" || !next.hasPrefix("-") || Int(next) != nil
    {
      value = rest.popFirst()
    }
    guard let value else { throw .missingValue(option: shown, placeholder: placeholder) }
    do {
      try option.check(value)
    } catch {
      throw .badValue(value, of: shown, expected: error.expected)
    }
    parsed.values[option.name, default: []].append(value)
  }
}

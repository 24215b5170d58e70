/// The command lines of a script with the values of its own options in them.
struct ScriptWords {
  let lines: [[String]]
  /// What else was given behind the script's name.
  let rest: [String]

  /// - Parameter given: the words behind the script's name.
  init(_ script: Script, _ given: [String]) throws(UsageError) {
    // As npm does it: `--` parts the name from what is passed on.
    var words = given[...]
    if words.first == "--" { words.removeFirst() }
    var values: [String: String] = [:]
    for option in script.options { values[option.name] = option.otherwise }
    var rest: [String] = []
    while let word = words.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard
        let option = script.options.first(where: { "--" + $0.name == parts[0] })
      else {
        rest.append(word)
        continue
      }
      guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
        throw .missingValue(option: "--" + option.name, placeholder: option.name.uppercased())
      }
      values[option.name] = value
    }
    for option in script.options {
      values[option.name] = try Self.meaning(values[option.name] ?? "", option)
    }
    lines = script.lines.map { line in
      line.map { word in
        values.reduce(word) { $0.replacing("{\($1.key)}", with: $1.value) }
      }
    }
    self.rest = rest
  }

  private static func meaning(_ value: String, _ option: ScriptOption) throws(UsageError) -> String
  {
    guard !option.words.isEmpty else { return value }
    if let found = option.words.first(where: { $0.word == value }) { return found.value }
    let known = option.words.map(\.word).joined(separator: ", ")
    guard value != option.otherwise else { return value }
    throw .badValue(value, of: "--" + option.name, expected: "one of \(known)")
  }
}

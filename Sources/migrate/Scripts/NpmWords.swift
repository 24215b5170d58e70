import MigrationCore

/// The words that npm's options become, for one command.
struct NpmWords {
  /// An option as npm hands it on.
  struct Option {
    /// The name of its variable.
    let key: String
    let name: String
    let value: String
  }

  let command: String
  /// The options of the command.
  let known: [OptionSpec]
  /// The names of the script's own options.
  let ofScript: [String]
  private(set) var warnings: [String] = []
  private var added: [String] = []
  private var bare: [String] = []

  init(command: String, known: [OptionSpec], ofScript: [String]) {
    (self.command, self.known, self.ofScript) = (command, known, ofScript)
  }

  /// - Parameter isExported: Whether the variable was set before npm began; nil if that cannot be known.
  mutating func add(_ option: Option, isExported: Bool?) throws(UsageError) {
    let word = "--" + option.name
    let isKnown = ofScript.contains(option.name) || known.contains { $0.name == option.name }
    if isExported == true {
      // `npm_config_yes`, which was set for npm, must not answer a question of this program.
      if isKnown {
        warnings.append(
          "\(option.key) was set before npm began; it does not count as \(word): to give the option, "
            + "write it behind --")
      }
    } else if isKnown, isExported == nil, NpmSettings.all.contains(option.name) {
      throw .unclearNpmOption(word, command: command)
    } else if takesValue(option.name) {
      if option.value == "true" {
        bare.append(word)
      } else {
        added.append("\(word)=\(option.value)")
      }
    } else if isKnown {
      added += Self.flag(word, option.value)
    } else if !NpmSettings.all.contains(option.name) {
      throw .unknownNpmOption(
        word, command: command, nearest: nearest(to: option.name, in: known.map(\.name)))
    }
  }

  func words() throws(UsageError) -> [String] {
    // `--table customers`: npm takes the value for a word of its own. Of several no one knows which is whose.
    guard bare.count < 2 else {
      throw .badValue(
        "", of: bare.joined(separator: ", "), expected: "values that npm hands on: \(bare[0])=VALUE"
      )
    }
    return added + bare
  }

  private func takesValue(_ name: String) -> Bool {
    ofScript.contains(name) || known.contains { $0.name == name && $0.takesValue }
  }

  /// Nothing for a flag that was not given or taken back (`--no-full`).
  private static func flag(_ option: String, _ value: String) -> [String] {
    switch value {
    case "true": [option]
    case "", "false": []
    default: ["\(option)=\(value)"]
    }
  }
}

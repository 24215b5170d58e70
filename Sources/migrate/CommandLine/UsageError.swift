/// A command line that can't be understood; the wording is made in one place, here.
enum UsageError: Error, Equatable {
  case noCommand
  case unknownCommand(String, nearest: String?)
  case incompleteCommand(String, continuations: [String])
  case unknownOption(String, command: String, nearest: String?)
  case missingValue(option: String, placeholder: String)
  case needlessValue(option: String)
  case badValue(String, of: String, expected: String)
  case missingOperand(String, command: String)
  case surplusOperand(String, command: String)
  case scriptLoop([String])
  case confirmationMissing(String)

  /// What is wrong.
  var what: String {
    switch self {
    case .noCommand: "no command given"
    case .unknownCommand(let word, _): "there is no command or script '\(word)'"
    case .incompleteCommand(let word, _): "'\(word)' needs one more word"
    case .unknownOption(let option, let command, _):
      "\(command.isEmpty ? "migrate" : "'\(command)'") has no option \(option)"
    case .missingValue(let option, let placeholder):
      "\(option) needs a value: \(option) \(placeholder)"
    case .needlessValue(let option): "\(option) takes no value"
    case .badValue(let value, let option, let expected):
      "\(option): '\(value)' is not possible; expected \(expected)"
    case .missingOperand(let name, let command): "'\(command)' needs \(name)"
    case .surplusOperand(let word, let command): "'\(command)' can't use '\(word)'"
    case .confirmationMissing(let question): question + " Nobody is there to confirm it"
    case .scriptLoop(let names): "the script calls itself: \(names.joined(separator: " → "))"
    }
  }

  /// What to do about it.
  var remedy: String {
    switch self {
    case .noCommand: "see: migrate --help"
    case .unknownCommand(_, let nearest):
      nearest.map { "did you mean '\($0)'?" } ?? "see: migrate --help, migrate scripts"
    case .incompleteCommand(let word, let continuations):
      "one of: " + continuations.map { "\(word) \($0)" }.joined(separator: ", ")
    case .unknownOption(_, let command, let nearest):
      nearest.map { "did you mean --\($0)?" } ?? "see: \(Self.helpLine(command))"
    case .missingValue, .needlessValue, .badValue: "see: migrate --help"
    case .missingOperand(_, let command), .surplusOperand(_, let command):
      "see: \(Self.helpLine(command))"
    case .scriptLoop: "mend it in config/scripts.json"
    case .confirmationMissing: "look with --dry-run, then say --yes"
    }
  }

  private static func helpLine(_ command: String) -> String {
    command.isEmpty ? "migrate --help" : "migrate \(command) --help"
  }
}

/// An invalid command line. All usage errors get their text here.
enum UsageError: Error, Equatable {
  case noCommand
  case unknownCommand(String, nearest: String?)
  /// A command whose first word begins others: their names.
  case unknownInFamily(String, nearest: String?, [String])
  case incompleteCommand(String, continuations: [String])
  case unknownOption(String, command: String, nearest: String?)
  case unknownNpmOption(String, command: String, nearest: String?)
  /// An option that npm has as well, where it cannot be known whose it is.
  case unclearNpmOption(String, command: String)
  case missingValue(option: String, placeholder: String)
  case needlessValue(option: String)
  case badValue(String, of: String, expected: String)
  case missingOperand(String, command: String)
  case surplusOperand(String, command: String)
  case scriptLoop([String])
  /// Options that exclude each other.
  case conflict(String, with: String)
  /// An option that has an effect only with another.
  case dependent(String, on: String)
  case confirmationMissing(canPreview: Bool)

  /// What is wrong.
  var what: String {
    switch self {
    case .noCommand: "no command given"
    case .unknownCommand(let word, _), .unknownInFamily(let word, _, _):
      "unknown command or script \"\(word)\""
    case .incompleteCommand(let word, _): "incomplete command \"\(word)\""
    case .unknownOption(let option, let command, _):
      "unknown option \(option)" + (command.isEmpty ? "" : " for migrate \(command)")
    case .unknownNpmOption(let option, let command, _):
      "unknown option \(option) for migrate \(command), which npm passes on"
    case .unclearNpmOption(let option, let command):
      "could not determine whether \(option) is meant for npm or for migrate \(command)"
    case .missingValue(let option, let placeholder):
      "\(option) requires a value: \(option) \(placeholder)"
    case .needlessValue(let option): "\(option) takes no value"
    case .badValue(let value, let option, let expected):
      "invalid \(option) \"\(value)\": expected \(expected)"
    case .missingOperand(let name, let command): "migrate \(command) requires \(name)"
    case .surplusOperand(let word, let command):
      "unexpected argument \"\(word)\" for migrate \(command)"
    case .conflict(let option, let other): "\(option) cannot be combined with \(other)"
    case .dependent(let option, let other): "\(option) requires \(other)"
    case .confirmationMissing: "cannot ask for confirmation: stdin is not a terminal"
    case .scriptLoop(let names): "the script calls itself: \(names.joined(separator: " → "))"
    }
  }

  /// What to do about it.
  ///
  /// - Parameter page: The command that was called; empty if none was found.
  func remedy(of page: String) -> String {
    switch self {
    case .noCommand: "see migrate --help"
    case .unknownCommand(_, let nearest):
      nearest.map { "did you mean \"\($0)\"?" } ?? "see migrate --help and migrate scripts"
    case .unknownInFamily(_, let nearest, let names):
      nearest.map { "did you mean \"\($0)\"?" } ?? "use one of: " + names.joined(separator: ", ")
    case .incompleteCommand(let word, let continuations):
      "use one of: " + continuations.map { "\(word) \($0)" }.joined(separator: ", ")
    case .unknownOption(_, let command, let nearest):
      nearest.map { "did you mean --\($0)?" } ?? Self.helpLine(command)
    case .unknownNpmOption(_, let command, let nearest):
      nearest.map { "did you mean --\($0)?" }
        ?? "\(Self.helpLine(command)); put settings of npm itself into an npmrc file"
    case .unclearNpmOption(let option, _): "write it behind --: npm run NAME -- \(option)"
    case .missingValue, .needlessValue, .badValue, .conflict, .dependent: Self.helpLine(page)
    case .missingOperand(_, let command), .surplusOperand(_, let command): Self.helpLine(command)
    case .scriptLoop: "fix config/scripts.json"
    case .confirmationMissing(let canPreview):
      canPreview ? "preview with --dry-run, then pass --yes" : "pass --yes"
    }
  }

  private static func helpLine(_ command: String) -> String {
    command.isEmpty ? "see migrate --help" : "see migrate \(command) --help"
  }
}

/// A usage error with the command that it is about.
struct CommandUsageError: Error {
  let error: UsageError
  let command: String
}

/// The groups of commands in the help.
enum CommandGroup: String, CaseIterable, Sendable {
  case check = "Check"
  case migrate = "Migrate"
  case watch = "Watch"
  case validate = "Validate"
  case undo = "Undo"
  case report = "Report"
  case database = "Database"
  case tool = "This tool"
}

/// A positional argument of a command.
struct Operand: Sendable {
  let name: String
  let help: String
  var isRequired = false
  var isRepeated = false
  var choices: [String] = []

  /// The operand as usage lines show it: `NAME`, `[NAME]`, `[NAME…]`.
  var usage: String {
    let text = isRepeated ? name + "…" : name
    return isRequired ? text : "[\(text)]"
  }
}

/// One command: its words, arguments, help and action.
struct CommandPage: Sendable {
  /// The words that call it: `["db", "status"]` for `db status` and `db:status`.
  let words: [String]
  let group: CommandGroup
  /// One line for the overview.
  let summary: String
  /// The paragraphs of its help page.
  var discussion: [String] = []
  var operands: [Operand] = []
  var options: [OptionSpec] = []
  /// Example command lines, each with its purpose.
  var examples: [(line: String, purpose: String)] = []
  /// The exit codes that this command can end with.
  var exitCodes: [ExitCode] = [.done, .usage, .configuration]
  /// Whether an option named like a setting's flag sets that setting.
  var settingsByFlag = true
  /// Whether it changes data, so that the audit log records it.
  var isAudited = false
  let run: @Sendable (Invocation) throws -> ExitCode

  var name: String { words.joined(separator: " ") }
}

/// The parts of a migration as an operator thinks of them; the help is ordered by them.
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

/// A word that a command takes without a name.
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

/// One command: what it is called, what it takes, what its help says, and what it does.
struct CommandPage: Sendable {
  /// The words that call it; `["db", "status"]` answers to `db status` and to `db:status`.
  let words: [String]
  let group: CommandGroup
  /// One line for the overview.
  let summary: String
  /// What the command does in full, for its own help; paragraphs, wrapped when shown.
  var discussion: [String] = []
  var operands: [Operand] = []
  var options: [OptionSpec] = []
  /// Command lines worth copying, each with what it is for.
  var examples: [(line: String, purpose: String)] = []
  /// The exit codes that this command can end with.
  var exitCodes: [ExitCode] = [.done, .usage, .configuration]
  /// Whether options that are named like a setting's give that setting.
  var settingsByFlag = true
  /// Whether it changes something, and is noted in the audit log.
  var isAudited = false
  let run: @Sendable (Invocation) throws -> ExitCode

  var name: String { words.joined(separator: " ") }
}

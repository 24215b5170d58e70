import MigrationCore

/// Renders the manual page in roff from the command table.
struct ManPage {
  let pages: [CommandPage]
  let settings: [(name: String, text: String)]

  func rendered() -> String {
    var lines = [
      ".TH MIGRATE 1 \"\" \"migrate \(Version.number)\" \"User Commands\"",
      ".SH NAME",
      "migrate \\- moves data into PostgreSQL and verifies that no row was lost",
      ".SH SYNOPSIS", ".B migrate", "[\\fIOPTION\\fR]... \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...",
    ]
    lines.append(".SH COMMANDS")
    for group in CommandGroup.allCases {
      let members = pages.filter { $0.group == group }
      if !members.isEmpty { lines.append(".SS " + escape(group.rawValue)) }
      lines += members.flatMap(entry)
    }
    lines.append(".SH GLOBAL OPTIONS")
    lines += GlobalOptions.all.flatMap(entry)
    lines.append(".SH EXIT STATUS")
    lines += ExitCode.allCases.flatMap { tagged(String($0.rawValue), $0.meaning) }
    lines.append(".SH ENVIRONMENT")
    lines += settings.flatMap { tagged($0.name, $0.text) }
    lines += [".SH FILES"] + files.flatMap { tagged($0.0, $0.1) }
    return lines.joined(separator: "\n") + "\n"
  }

  private let files = [
    (".env, .env.NAME", "settings, read from the current folder; see .env.example"),
    ("config/", "plans, and the command aliases of scripts.json"),
  ]

  private func entry(_ page: CommandPage) -> [String] {
    let words = (["migrate", page.name] + page.operands.map(\.usage)).joined(separator: " ")
    var lines = tagged(words, page.summary)
    for paragraph in page.discussion { lines += [".IP", escape(paragraph)] }
    if !page.options.isEmpty { lines += [".RS"] + page.options.flatMap(entry) + [".RE"] }
    return lines
  }

  private func entry(_ option: OptionSpec) -> [String] { tagged(option.usage, option.help) }

  private func tagged(_ term: String, _ text: String) -> [String] {
    [".TP", ".B " + escape(term), escape(text)]
  }

  /// Escapes what roff reads as commands: backslashes, hyphens, dots at line starts.
  private func escape(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\": escaped += "\\e"
      case "-": escaped += "\\-"
      case "…": escaped += "..."
      case "→": escaped += "\\(->"
      default: escaped.append(character)
      }
    }
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }
}

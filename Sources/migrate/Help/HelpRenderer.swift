import MigrationCore

/// Renders the overview and the help of each command from the command table.
struct HelpRenderer {
  let pages: [CommandPage]
  let scripts: Scripts
  let width: Int

  /// Returns the page of `migrate --help`.
  func overview() -> String {
    var blocks = [
      """
      migrate \(Version.number): moves data into PostgreSQL and verifies that no row was lost.

      Usage: migrate [OPTION…] COMMAND [ARGUMENT…]
      """,
      """
      First steps:
        cp .env.example .env           set the database URLs (the file explains each setting)
        migrate test-connections       connect to every database
        migrate check                  check settings, tools, disk space, permissions and clocks
      """,
    ]
    for group in CommandGroup.allCases {
      let members = pages.filter { $0.group == group }
      guard !members.isEmpty else { continue }
      let rows = members.map { ($0.name, $0.summary) }
      blocks.append("\(group.rawValue):\n" + TextLayout.columns(rows, width: width))
    }
    if !scripts.all.isEmpty {
      let sentence =
        "\(scripts.file) defines \(CountText.of(scripts.all.count, "script")): "
        + "see migrate scripts."
      blocks.append("Scripts:\n" + TextLayout.wrap(sentence, width: width, indent: "  "))
    }
    blocks.append("Global options:\n" + optionRows(GlobalOptions.all))
    blocks.append("Exit codes:\n" + exitCodeRows(ExitCode.allCases))
    blocks.append(
      "Help of one command: migrate COMMAND --help. The manual: migrate help --man | man -l -")
    return blocks.joined(separator: "\n\n")
  }

  /// Returns the page of `migrate COMMAND --help`.
  func page(_ page: CommandPage) -> String {
    var blocks = ["migrate \(page.name): \(page.summary)", "Usage: " + usage(page)]
    if !page.examples.isEmpty {
      let rows = page.examples.map { ($0.line, $0.purpose) }
      blocks.append("Examples:\n" + TextLayout.columns(rows, width: width))
    }
    blocks += page.discussion.map { TextLayout.wrap($0, width: width) }
    if !page.operands.isEmpty {
      let rows = page.operands.map { ($0.usage, $0.help + choices($0.choices)) }
      blocks.append("Arguments:\n" + TextLayout.columns(rows, width: width))
    }
    if !page.options.isEmpty { blocks.append("Options:\n" + optionRows(page.options)) }
    blocks.append("Global options:\n" + optionRows(GlobalOptions.all))
    blocks.append("Exit codes:\n" + exitCodeRows(page.exitCodes))
    return blocks.joined(separator: "\n\n")
  }

  func usage(_ page: CommandPage) -> String {
    let operands = page.operands.map(\.usage)
    return (["migrate", page.name] + (page.options.isEmpty ? [] : ["[OPTION…]"]) + operands)
      .joined(separator: " ")
  }

  private func optionRows(_ options: [OptionSpec]) -> String {
    let rows = options.map { ($0.usage, $0.help + choices($0.choices)) }
    return TextLayout.columns(rows, width: width)
  }

  private func exitCodeRows(_ codes: [ExitCode]) -> String {
    TextLayout.columns(codes.map { (String($0.rawValue), $0.meaning) }, width: width)
  }

  private func choices(_ choices: [String]) -> String {
    choices.isEmpty ? "" : " One of: " + choices.joined(separator: ", ") + "."
  }
}

extension OptionSpec {
  /// The option as the help lists it: `-h, --help`, `--plan NAME`.
  var usage: String {
    let names = (short.map { "-\($0), " } ?? "") + "--" + name
    return names + (placeholder.map { " " + $0 } ?? "")
  }
}

/// `migrate completions`: prints shell completions.
enum CompletionsCommand {
  static let page = CommandPage(
    words: ["completions"], group: .tool, summary: "Print shell completions for bash, zsh or fish.",
    operands: [
      Operand(
        name: "SHELL", help: "The shell.", isRequired: true,
        choices: ["bash", "zsh", "fish"])
    ],
    examples: [
      ("source <(migrate completions bash)", "bash, in the current session"),
      ("migrate completions fish > ~/.config/fish/completions/migrate.fish", "fish, permanently"),
    ],
    exitCodes: [.done, .usage],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let completions = Completions(
      pages: invocation.program.pages, scripts: try invocation.scripts())
    let text =
      switch invocation.operands[0] {
      case "bash": completions.bash()
      case "zsh": completions.zsh()
      default: completions.fish()
      }
    invocation.console.help(text)
    return .done
  }
}

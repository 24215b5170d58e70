/// `migrate completions`: what a shell needs to complete command lines.
enum CompletionsCommand {
  static let page = CommandPage(
    words: ["completions"], group: .tool, summary: "Print completions for bash, zsh or fish.",
    operands: [
      Operand(
        name: "SHELL", help: "The shell to print them for.", isRequired: true,
        choices: ["bash", "zsh", "fish"])
    ],
    examples: [
      ("source <(migrate completions bash)", "bash, for this session"),
      ("migrate completions fish > ~/.config/fish/completions/migrate.fish", "fish, for good"),
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

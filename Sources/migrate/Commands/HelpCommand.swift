import MigrationCore

/// `migrate help`: the overview, a command's page, or the manual page.
enum HelpCommand {
  static let man = Option.flag(
    "man", help: "Print the manual page in roff, for man.")

  static let page = CommandPage(
    words: ["help"], group: .tool, summary: "Show the overview or the help of one command.",
    operands: [
      Operand(
        name: "COMMAND", help: "The command, one or two words.", isRepeated: true)
    ],
    options: [man.spec],
    examples: [
      ("migrate help check", "the help of check"),
      ("migrate help --man | man -l -", "read the manual page"),
    ],
    exitCodes: [.done, .usage],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let console = invocation.console
    let pages = invocation.program.pages
    if invocation[man] {
      let settings = Settings.all.map { (name: $0.name, text: $0.summary) }
      console.help(ManPage(pages: pages, settings: settings).rendered())
      return .done
    }
    let scripts = try invocation.scripts()
    let help = HelpRenderer(pages: pages, scripts: scripts, width: console.output.width)
    guard !invocation.operands.isEmpty else {
      console.help(help.overview())
      return .done
    }
    let resolver = CommandResolver(
      pages: pages, scripts: scripts, globalOptions: GlobalOptions.all,
      tableScripts: {
        Scripts.tables(folder: invocation.program.folder, environment: invocation.environment)
      })
    let word = invocation.operands[0]
    var texts: [String] = []
    if let script = scripts.script(word) {
      texts.append("\(script.name) is a script: migrate \(Redactor().scrub(script.text))")
    }
    for line in try resolver.resolve(invocation.operands) { texts.append(help.page(line.page)) }
    console.help(texts.joined(separator: "\n\n"))
    return .done
  }
}

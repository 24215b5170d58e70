import MigrationCore

/// `migrate scripts`: lists the scripts.
enum ScriptsCommand {
  static let page = CommandPage(
    words: ["scripts"], group: .tool,
    summary: "List the scripts and their command lines.",
    discussion: [
      "A script is a name in config/scripts.json for one command line, or for several that "
        + "run in order until one fails. Call it like a command: migrate NAME. Arguments after "
        + "the name, or after a --, are passed to the last command line. Brackets show the "
        + "options of a script with their defaults."
    ],
    examples: [
      ("migrate scripts", "list all scripts"),
      ("migrate connection-check --json", "run one with an added option"),
      ("migrate verify-samples --count=100", "run one with its own option"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let console = invocation.console
    let scripts = try invocation.scripts()
    if console.isJSON {
      console.result(
        [
          "file": .text(scripts.file),
          "scripts": .object(JSONObject(scripts.all.map { ($0.name, commandLines($0)) })),
        ])
    } else if scripts.all.isEmpty {
      console.note("\(scripts.file) has no scripts")
    } else {
      let rows = scripts.all.map { ($0.name, $0.text) }
      console.result(TextLayout.columns(rows, width: console.output.width))
    }
    return .done
  }

  private static func commandLines(_ script: Script) -> JSONValue {
    .array(script.lines.map { line in .array(line.map(JSONValue.text)) })
  }
}

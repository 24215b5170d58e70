import MigrationCore

/// `migrate scripts`: the names that represent command lines.
enum ScriptsCommand {
  static let page = CommandPage(
    words: ["scripts"], group: .tool,
    summary: "List the scripts, and the command lines they stand for.",
    discussion: [
      "A script is a name in config/scripts.json that stands for a command line, or for several that "
        + "run one after the other until one fails. It is called like a command: migrate NAME. "
        + "What is written after the name, and after a -- if there is one, is passed on to the (last) command line. "
        + "A script may have options of its own, shown in brackets with what they are if not given."
    ],
    examples: [
      ("migrate scripts", "list them"),
      ("migrate connection-check --json", "call one, with an option more"),
      ("migrate verify-samples --count=100", "call one with an option of its own"),
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
      console.note("no scripts: \(scripts.file) has none")
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

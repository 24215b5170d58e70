import MigrationCore

/// `migrate scripts`: lists the scripts.
enum ScriptsCommand {
  static let npm = Option.flag(
    "npm", help: "Write a package.json here that calls each command by its name in runbooks.")

  static let page = CommandPage(
    words: ["scripts"], group: .tool,
    summary: "List the scripts and their command lines.",
    discussion: [
      "A script is a name in config/scripts.json for one command line, or for several that "
        + "run in order until one fails. Call it like a command: migrate NAME. Arguments after "
        + "the name, or after a --, are passed to the last command line. Brackets show the "
        + "options of a script with their defaults.",
      "With --npm the scripts and all commands and tables become scripts of a package.json: npm run "
        + "migration:status. An existing file keeps its contents. Scripts in it that have the same name but "
        + "another command line stay, and are listed. Options reach the command with and without the "
        + "-- of npm: npm run migration:compare-counts --table=customers. An option that the command "
        + "does not have is an error (exit code 2). npm itself keeps --help, --version, --quiet and "
        + "--verbose, and the first of several values: write these after --.",
    ],
    options: [npm.spec],
    examples: [
      ("migrate scripts", "list all scripts"),
      ("migrate connection-check --json", "run one with an added option"),
      ("migrate verify-samples --count=100", "run one with its own option"),
      ("migrate scripts --npm", "write the package.json for npm run"),
    ],
    run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let console = invocation.console
    let scripts = try invocation.scripts()
    if invocation[npm] { return try writePackage(scripts, invocation) }
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

  private static func writePackage(
    _ scripts: Scripts, _ invocation: Invocation
  ) throws -> ExitCode {
    let program = PackageFile.program(invocation.environment)
    let tables = Scripts.tables(
      folder: invocation.program.folder, environment: invocation.environment)
    let file = try PackageFile(
      invocation.program.folder + "/package.json",
      PackageFile.names(invocation.program.pages, scripts, tables: tables)
        .map { ($0.name, "\(program) \($0.words)") })
    try file.write()
    let console = invocation.console
    if console.isJSON {
      let kept = JSONObject(file.kept.map { ($0.name, .text($0.command)) })
      console.result([
        "file": .text(file.path), "added": .array(file.added.map(JSONValue.text)),
        "kept": .object(kept),
      ])
      return .done
    }
    for entry in file.kept {
      console.warn("\(entry.name) stays as it is: it calls \(entry.command)")
    }
    console.result("\(file.path): \(file.added.count) scripts added")
    return .done
  }

  private static func commandLines(_ script: Script) -> JSONValue {
    .array(script.lines.map { line in .array(line.map(JSONValue.text)) })
  }
}

import MigrationCore

/// `migrate db generate NAME`: creates the next pair of schema files.
enum DatabaseGenerateCommand {
  static let page = CommandPage(
    words: ["db", "generate"], group: .database,
    summary: "Create the next pair of schema files, up and down, to fill in.",
    operands: [
      Operand(
        name: "NAME", help: "The change that the files make, such as add_tax_number.",
        isRequired: true)
    ],
    examples: [
      ("migrate db generate add_tax_number", "creates 007_add_tax_number.up.sql and .down.sql")
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let location = try invocation.planLocation(settings)
    let files = try SchemaTemplate.write(
      name: invocation.operands[0], into: SchemaFolder(path: location.schemaFolder))
    if console.isJSON {
      console.result(["files": .array(files.map(JSONValue.text))])
    } else {
      for file in files { console.result(file) }
    }
    return .done
  }
}

import MigrationCore

/// `migrate db rollback`: undoes the newest schema files.
enum DatabaseRollbackCommand {
  static let page = CommandPage(
    words: ["db", "rollback"], group: .database,
    summary: "Undo the last N schema files of the target; drops the data in their tables.",
    discussion: [
      "Runs the down files of the N newest applied schema files, newest first. Dropping "
        + "tables deletes their rows, so the command asks first, or requires --yes."
    ],
    operands: [Operand(name: "N", help: "The number of files to undo (default: 1).")],
    options: [SharedOptions.dryRun.spec, SharedOptions.yes.spec],
    examples: [
      ("migrate db rollback --dry-run", "list the file that would be undone"),
      ("migrate db rollback 2 --yes", "undo two files"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let count = try self.count(invocation)
    let target = try SchemaTarget(invocation)
    let connection = try target.connect()
    try connection.requireWritable()
    let migrator = try target.migrator(connection, changes: true)
    let preview = try migrator.rollbackPreview(count)
    let console = target.console
    guard !invocation[SharedOptions.dryRun] else {
      show(preview, "would undo", "dryRun", console)
      return .done
    }
    let names = preview.map { "\($0.number) \($0.name)" }.joined(separator: ", ")
    let database = connection.facts.database
    try invocation.confirm(
      "This undoes \(names) in \(database), and deletes all rows of the tables that they created.",
      word: database, yes: invocation[SharedOptions.yes])
    show(try migrator.rollback(count), "undid", "rolledBack", console)
    return .done
  }

  private static func count(_ invocation: Invocation) throws -> Int {
    guard let text = invocation.operands.first else { return 1 }
    guard let number = Int(text), number > 0 else {
      throw UsageError.badValue(text, of: "N", expected: "1 or more")
    }
    return number
  }

  private static func show(
    _ files: [SchemaStatus.Applied], _ verb: String, _ key: String, _ console: Console
  ) {
    if console.isJSON {
      console.result(.object(JSONObject([(key, .array(files.map { JSONValue($0) }))])))
    } else {
      for file in files { console.result("\(verb) \(file.number) \(file.name)") }
    }
  }
}

import MigrationCore

/// `migrate db rollback`: takes back the newest schema files.
enum DatabaseRollbackCommand {
  static let page = CommandPage(
    words: ["db", "rollback"], group: .database,
    summary: "Take back the last N schema files of the target, with the data in what they made.",
    discussion: [
      "Runs the down files of the N newest applied schema files (1 if N is not given), newest first. "
        + "Tables that they drop are dropped with their rows: that is why it asks first, or wants --yes."
    ],
    operands: [Operand(name: "N", help: "How many files to take back; 1 if not given.")],
    options: [SharedOptions.dryRun.spec, SharedOptions.yes.spec],
    examples: [
      ("migrate db rollback --dry-run", "show which file would be taken back"),
      ("migrate db rollback 2 --yes", "take back two"),
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
      tell(preview, "would take back", "dryRun", console)
      return .done
    }
    let names = preview.map { "\($0.number) \($0.name)" }.joined(separator: ", ")
    let database = connection.facts.database
    try invocation.confirm(
      "This takes back \(names) in \(database), with all rows of the tables that they made.",
      word: database, yes: invocation[SharedOptions.yes])
    tell(try migrator.rollback(count), "took back", "rolledBack", console)
    return .done
  }

  private static func count(_ invocation: Invocation) throws -> Int {
    guard let text = invocation.operands.first else { return 1 }
    guard let number = Int(text), number > 0 else {
      throw UsageError.badValue(text, of: "N", expected: "a whole number from 1")
    }
    return number
  }

  private static func tell(
    _ files: [SchemaStatus.Applied], _ verb: String, _ key: String, _ console: Console
  ) {
    if console.isJSON {
      console.result(.object(JSONObject([(key, .array(files.map { JSONValue($0) }))])))
    } else {
      for file in files { console.result("\(verb) \(file.number) \(file.name)") }
    }
  }
}

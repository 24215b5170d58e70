import MigrationCore

/// `migrate validate-all`: may the migration begin?
enum ValidateAllCommand {
  static let parts = Option.text(
    "parts", "PARTS",
    help: "Only these, with commas between them: quality, schema, backup, rollback, resources.")
  static let sample = Option.integer(
    "sample", "N", in: 0...1_000_000_000, otherwise: 0,
    help: "Look at the first N rows of each source only; all if not given.")

  static let page = CommandPage(
    words: ["validate-all"], group: .check,
    summary: "Look at all that has to be right before a migration: READY or NOT READY.",
    discussion: [
      "quality: every row of the source goes through the plan's rules into a scratch schema, in a "
        + "transaction that is rolled back; the score is the share of rows without an error, by what is "
        + "wrong with them. schema: plan, source and target fit. backup: something is really dumped and "
        + "restored. rollback: rows are really moved into a schema of its own and taken out again, and "
        + "the schema's files taken back. resources: settings, tools, disks, memory, connections, and "
        + "round trips.",
      "The source is only read, and the target's own tables are left alone; the target's user needs the "
        + "right to make schemas. What is asked for (score, critical errors, share of fitting tables, "
        + "round trip) stands in the plan under \"thresholds\". The whole report is written to "
        + "\(ReadinessReport.fileName) in the folder for reports. A part that could not look is a "
        + "failure. The exit code is 0 or 4.",
    ],
    options: [
      parts.spec, sample.spec, SharedOptions.rate.spec, SharedOptions.statementTimeout.spec,
    ],
    examples: [
      ("migrate validate-all", "everything, before every migration"),
      ("migrate validate-all --parts quality --rate 20000", "only the rows, of a busy source"),
      ("migrate validate-all --sample 100000", "a quick look"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation, .locked], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let console = target.console
    var request = try invocation.readiness(target)
    request.parts = try subjects(invocation[parts]) ?? request.parts
    request.sample = invocation[sample] == 0 ? nil : invocation[sample]
    let report = try PreMigrationValidation(request).run()
    let file = try ReportFile(ReadinessReport.fileName, target.settings, invocation)
      .write(report.json)
    if console.isJSON {
      console.result(report.json)
    } else {
      ReadinessText(report, console: console).tell(file: file)
    }
    return report.isReady ? .done : .validation
  }

  private static func subjects(_ words: String?) throws -> [ReadinessPart.Subject]? {
    guard let words else { return nil }
    return try words.split(separator: ",").map { word in
      guard let subject = ReadinessPart.Subject(rawValue: String(word)) else {
        throw UsageError.badValue(
          String(word), of: "--parts",
          expected: "quality, schema, backup, rollback or resources")
      }
      return subject
    }
  }
}

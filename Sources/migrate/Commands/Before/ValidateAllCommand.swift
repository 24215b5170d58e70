import MigrationCore

/// `migrate validate-all`: runs every check before a migration.
enum ValidateAllCommand {
  static let parts = Option.text(
    "parts", "PARTS",
    help: "Run only these parts: quality, schema, backup, rollback, resources "
      + "(comma-separated).")
  static let sample = Option.integer(
    "sample", "N", in: 1...1_000_000_000,
    help: "Check only the first N rows of each source (default: all).")

  static let page = CommandPage(
    words: ["validate-all"], group: .check,
    summary: "Run every check before a migration: READY or NOT READY.",
    discussion: [
      "quality: transforms every source row into a scratch schema, in a transaction that "
        + "is rolled back; the score is the share of rows without an error. schema: checks "
        + "that plan, source and target fit. backup: dumps and restores sample data. rollback: "
        + "loads rows into a scratch schema, deletes them, and undoes its schema files. "
        + "resources: checks settings, tools, disks, memory, connections and round trips.",
      "Does not change the source or the tables of the target. The user of the target "
        + "needs the right to create schemas. The plan sets the limits under \"thresholds\": "
        + "score, critical errors, share of fitting tables, round trip.",
      "Writes the report to \(ReadinessReport.fileName) in the report folder. A part that "
        + "could not run has failed. Exits with 0 or 4.",
    ],
    options: [
      parts.spec, sample.spec, SharedOptions.rate.spec, SharedOptions.statementTimeout.spec,
    ],
    examples: [
      ("migrate validate-all", "everything, before every migration"),
      ("migrate validate-all --parts quality --rate 20000", "only the rows, from a busy source"),
      ("migrate validate-all --sample 100000", "a quick check"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation, .locked], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let console = target.console
    var request = try invocation.readiness(target)
    request.parts = try subjects(invocation[parts]) ?? request.parts
    request.sample = invocation[sample]
    let report = try PreMigrationValidation(request).run()
    let file = try ReportFile(ReadinessReport.fileName, target.settings, invocation)
      .write(report.json)
    if console.isJSON {
      console.result(report.json)
    } else {
      ReadinessText(report, console: console).show(file: file)
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

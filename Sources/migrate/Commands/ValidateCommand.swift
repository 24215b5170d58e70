import MigrationCore
import Postgres

/// `migrate validate`: validates the migrated rows in the target.
enum ValidateCommand {
  static let layers = Option.text(
    "layers", "LAYERS",
    help: "Run only these layers: counts, records (or samples), references, types, rules, "
      + "fingerprints (comma-separated)."
  )
  static let relation = Option.text(
    "type", "CHILD-PARENT",
    help: "Check only the references of one table to another, such as product-supplier.")
  static let samples = Option.text(
    "samples", "N",
    help: "The number of records of each feed to compare with the source, or all (default: "
      + "100).")
  static let all = Option.flag(
    "all",
    help:
      "Run all layers, with every record, the business rules, the fingerprints and the times of the "
      + "plan's queries, and compute a score.")
  static let fingerprint = Option.flag(
    "fingerprint",
    help: "Only read every row and compare its hash with the loaded row.")
  static let withoutSource = Option.flag(
    "without-source",
    help: "Skip and report checks that need the source, instead of failing.")
  static let afterRollback = Option.flag(
    "after-rollback", help: "Verify the last rollback instead, as rollback verify does.")

  static let page = CommandPage(
    words: ["validate"], group: .validate,
    summary: "Validate that the migrated rows are complete and correct: GO or NO-GO.",
    discussion: [
      "counts: compares the rows of source, ledger and target, and explains every "
        + "difference. records: reads sample records from the source again, transforms them, "
        + "and compares each field with the target. The sample spreads over the keys and "
        + "always includes the first, last, widest, emptiest and fullest record.",
      "references: every foreign key and every look-up of the plan matches a row. types: "
        + "dates, words, JSON shapes and numbers have the form that the plan requires. "
        + "fingerprints: reads every row from the target and compares each chunk with the "
        + "loaded rows; finds the rows and columns that differ.",
      "Does not change the target. Compares records in temporary tables; all layers use "
        + "one snapshot of the target. Writes the report to migration-validation-report.json "
        + "in the report folder. A layer that could not run has failed. The last line is GO or "
        + "NO-GO with the reason; exits with 0 or 4.",
    ],
    options: [
      layers.spec, SharedOptions.tables.spec, relation.spec, samples.spec, fingerprint.spec,
      all.spec, withoutSource.spec, afterRollback.spec,
      SharedOptions.rate.spec, SharedOptions.statementTimeout.spec,
    ],
    examples: [
      ("migrate validate", "all layers, all tables"),
      ("migrate validate --samples all", "every record"),
      ("migrate validate --fingerprint", "every row, by its hash"),
      ("migrate validate --all", "every record, and the business rules"),
      ("migrate validate --table customers --layers counts,types", "two layers of one table"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    if invocation[afterRollback] { return try RollbackVerifyCommand.run(invocation) }
    let target = try SchemaTarget(invocation)
    return try perform(request(invocation, target), target, invocation)
  }

  /// Validates, writes the report and prints it.
  static func perform(
    _ request: ValidationRequest, _ target: SchemaTarget, _ invocation: Invocation
  ) throws -> ExitCode {
    let console = target.console
    let databases = Databases(target.settings)
    let validation = Validation(
      request, target: try target.connect(),
      ledgerSchema: target.settings.value(.ledgerSchema),
      openComparer: { try databases.target() },
      sourcePlace: { try databases.sourcePlace(target.plan.source) },
      tell: { console.note("validating \($0)") })
    let report = try validation.run()
    let file = try write(report, target.settings, invocation)
    if console.isJSON {
      console.result(report.json)
    } else {
      ValidationText(report, console: console).tell(file: file)
    }
    if !report.isGo {
      let notices = Notices(invocation, target.settings, console, plan: report.plan)
      notices.post(
        .validationFailed, "\(report.plan): NO-GO: \(report.why)",
        [("session", .id(report.session))])
      notices.finish()
    }
    return report.isGo ? .done : .validation
  }

  private static func request(
    _ invocation: Invocation, _ target: SchemaTarget
  ) throws -> ValidationRequest {
    let plan = target.plan
    var request = ValidationRequest(plan: plan)
    request.reading = target.settings.readingLimits(rate: invocation.rate)
    if invocation[all] {
      (request.layers, request.samples) = (ValidationLayer.allCases, nil)
      request.fingerprintsMayBeMissing = !invocation[fingerprint]
      request.isComplete = invocation[layers] == nil
    }
    request.relation = try invocation[relation].map { try Relation.named($0, in: plan) }
    if request.relation != nil { request.layers = [.references] }
    if invocation[fingerprint], !invocation[all] { request.layers = [.fingerprints] }
    if let words = invocation[layers] {
      request.layers = try words.split(separator: ",").map { word in
        guard let layer = ValidationLayer(word: String(word)) else {
          throw UsageError.badValue(
            String(word), of: "--layers",
            expected: "counts, records, references, types, rules or fingerprints")
        }
        return layer
      }
      if invocation[fingerprint], !request.layers.contains(.fingerprints) {
        request.layers.append(.fingerprints)
      }
      if request.layers.contains(.fingerprints) { request.fingerprintsMayBeMissing = false }
    }
    request.tables = try invocation.tables(plan)
    if let text = invocation[samples] {
      guard text == "all" || (Int(text).map { $0 > 0 } ?? false) else {
        throw UsageError.badValue(text, of: "--samples", expected: "1 or more, or all")
      }
      request.samples = Int(text)
    }
    request.withoutSource = invocation[withoutSource]
    return request
  }

  private static func write(
    _ report: ValidationReport, _ settings: Settings, _ invocation: Invocation
  ) throws -> String {
    try ReportFile("migration-validation-report.json", settings, invocation).write(report.json)
  }
}

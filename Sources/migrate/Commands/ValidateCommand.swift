import MigrationCore
import Postgres

/// `migrate validate`: is everything in the target that should be, as it should be?
enum ValidateCommand {
  static let layers = Option.text(
    "layers", "LAYERS",
    help:
      "Only these, with commas between them: counts, records (or samples), references, types, rules, fingerprints."
  )
  static let relation = Option.text(
    "type", "CHILD-PARENT",
    help: "Only the references of one table to another, such as product-supplier.")
  static let samples = Option.text(
    "samples", "N",
    help: "How many records of each feed are compared with their source, or all; 100 if not given.")
  static let all = Option.flag(
    "all", help: "All layers, every record, the plan's business rules and the fingerprints.")
  static let fingerprint = Option.flag(
    "fingerprint",
    help: "Only this: read every row back and compare its hash with that of what was sent.")
  static let withoutSource = Option.flag(
    "without-source",
    help: "The source is gone: leave out what needs it, and say so, instead of failing.")
  static let afterRollback = Option.flag(
    "after-rollback", help: "Prove the last rollback instead, as rollback verify does.")

  static let page = CommandPage(
    words: ["validate"], group: .validate,
    summary: "Prove that what was migrated is in the target, whole and right: GO or NO-GO.",
    discussion: [
      "counts: the rows of source, books and target, every difference explained. records: records are "
        + "read again from the source, transformed, and compared with the target field by field; "
        + "spread over the keys, always with the first, the last, the widest, the emptiest and the "
        + "fullest, or all of them. references: every foreign key and every look-up of the plan leads "
        + "to a row that is there. types: dates, words, JSON shapes and numbers are of the form that "
        + "the plan intends. fingerprints: every row is read back from the target, and adds up, chunk by "
        + "chunk, to what was sent; where it does not, the rows and columns are looked for in the source.",
      "Nothing in the target is changed; records are compared in temporary tables, and all layers see "
        + "the target as of one moment. The whole report is written to "
        + "migration-validation-report.json in the folder for reports. A layer that could not look is a "
        + "failure. The last line says GO or NO-GO and why; the exit code is 0 or 4.",
    ],
    options: [
      layers.spec, SharedOptions.tables.spec, relation.spec, samples.spec, fingerprint.spec,
      all.spec, withoutSource.spec, afterRollback.spec,
      SharedOptions.rate.spec, SharedOptions.statementTimeout.spec,
    ],
    examples: [
      ("migrate validate", "all layers, all tables"),
      ("migrate validate --samples all", "every record"),
      ("migrate validate --fingerprint", "every row, at nearly the speed of reading it"),
      ("migrate validate --all", "every record, and the business rules"),
      ("migrate validate --table customers --layers counts,types", "a part"),
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
        [("session", .int(report.session))])
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
        throw UsageError.badValue(text, of: "--samples", expected: "a number above 0, or all")
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

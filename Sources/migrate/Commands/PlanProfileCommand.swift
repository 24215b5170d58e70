import MigrationCore
import Postgres

/// `migrate plan profile`: profiles the source and compares it with the plan.
enum PlanProfileCommand {
  static let sample = Option.integer(
    "sample", "N", in: 1...1_000_000_000,
    help: "Read only N rows of each source (default: all).")

  static let page = CommandPage(
    words: ["plan", "profile"], group: .check,
    summary: "Profile the source rows, and compare them with the plan.",
    discussion: [
      "Reads every row of the source, or a sample. Shows for every field its types, how "
        + "often it is present, its longest value and its range. Then reports what does not "
        + "fit the plan, with counts and examples: dropped fields, rules without a source "
        + "field, rows that would be quarantined, ids that match no row.",
      "Writes nothing. Reads the tables of the target to apply the rules to their types; "
        + "without a target, skips that part. Exits with 4 if there is an error or the source "
        + "could not be read, and with 0 if there are only warnings.",
    ],
    operands: [
      Operand(name: "TABLE", help: "Only the feeds of these tables.", isRepeated: true)
    ],
    options: [sample.spec, SharedOptions.rate.spec, SharedOptions.statementTimeout.spec],
    examples: [
      ("migrate plan profile --plan nxt", "the whole source, before a rehearsal"),
      ("migrate plan profile customers --sample 100000 --rate 20000", "a sample of a busy source"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    try target.plan.requireHashKey()
    var request = ProfileRequest(plan: target.plan)
    request.tables = try tables(invocation.operands, target.plan)
    request.sample = invocation[sample]
    request.rate = invocation.rate
    request.statementTimeout = target.settings.readingLimits().statementTimeout
    let report: ProfileReport
    do { report = try profile(request, target) } catch {
      guard let failure = CheckFailure.refused(error) else { throw error }
      return reportFailure(failure, target)
    }
    if target.console.isJSON {
      target.console.result(document(report, target.plan))
    } else {
      ProfileText(report, console: target.console).show()
    }
    return report.isGood ? .done : .validation
  }

  private static func reportFailure(
    _ failure: CheckFailure, _ target: SchemaTarget
  ) -> ExitCode {
    if target.console.isJSON {
      target.console.result([
        "plan": .text(target.plan.name), "errors": 1, "couldNotLook": .text(failure.what),
        "code": .text(failure.code.rawValue), "toDo": .text(failure.remedy),
      ])
    } else {
      let mark = target.console.output.mark(.failure)
      target.console.result("\(mark) could not read the source: \(failure.what)")
      target.console.result("  hint: \(failure.remedy)")
    }
    return .validation
  }

  private static func profile(
    _ request: ProfileRequest, _ target: SchemaTarget
  ) throws -> ProfileReport {
    let console = target.console
    let live = try targetTables(target)
    let databases = Databases(target.settings)
    guard !target.plan.source.kind.hasDocuments else {
      return try DocumentProfiling(
        request, source: databases.sourcePlace(target.plan.source), target: live
      ) { console.note("profiling \($0)") }.run()
    }
    let source = try databases.source(target.plan.source.setting)
    return try PostgresProfiling(request, source: source, target: live) {
      console.note("profiling \($0)")
    }.run()
  }

  /// Returns the target's tables; nil if there is no target yet.
  private static func targetTables(_ target: SchemaTarget) throws -> [PostgresTable]? {
    do {
      return try CatalogReader(target.connect()).tables(schema: target.plan.target.schema)
    } catch let error as MigrationError {
      target.console.warn("could not read the target; types are not checked: \(error.what)")
      return nil
    }
  }

  private static func tables(_ names: [String], _ plan: Plan) throws -> [String]? {
    guard !names.isEmpty else { return nil }
    return try names.map { try plan.tableName($0) }
  }

  private static func document(_ report: ProfileReport, _ plan: Plan) -> JSONValue {
    [
      "plan": .text(plan.name), "errors": .int(report.errors),
      "warnings": .int(report.findings.count - report.errors),
      "examined": .int(report.profiles.reduce(0) { $0 + $1.examined }),
      "findings": .array(report.findings.map(\.json)),
      "sources": .array(report.profiles.map(\.json)),
      "notes": .array(report.notes.map(JSONValue.text)),
    ]
  }
}

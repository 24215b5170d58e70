import MigrationCore
import Postgres

/// `migrate plan profile`: looks through the source and holds what it finds against the plan.
enum PlanProfileCommand {
  static let sample = Option.integer(
    "sample", "N", in: 0...1_000_000_000, otherwise: 0,
    help: "Look at so many rows of each source only; all if not given.")

  static let page = CommandPage(
    words: ["plan", "profile"], group: .check,
    summary: "Look through the source before a row is moved, and hold it against the plan.",
    discussion: [
      "Reads every row of the source, or a sample, and tells for every field its types, how often it is "
        + "there, its longest and its extreme values. Then says what does not fit the plan: fields that "
        + "the plan drops unsaid, rules that read what no row has, rows that the rules would set aside, "
        + "ids that point nowhere, each with counts and examples.",
      "It writes nothing. The target is asked for its tables, because the rules are tried against their "
        + "types; without it, everything else is told. The exit code is 4 when there is an error, or when the "
        + "source did not let itself be looked at, and 0 when there are only warnings.",
    ],
    operands: [
      Operand(name: "TABLE", help: "Only what feeds these tables.", isRepeated: true)
    ],
    options: [sample.spec, SharedOptions.rate.spec, SharedOptions.statementTimeout.spec],
    examples: [
      ("migrate plan profile --plan nxt", "everything, before a rehearsal"),
      ("migrate plan profile customers --sample 100000 --rate 20000", "a sample of a busy source"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    try target.plan.requireHashKey()
    var request = ProfileRequest(plan: target.plan)
    request.tables = try tables(invocation.operands, target.plan)
    request.sample = invocation[sample] == 0 ? nil : invocation[sample]
    request.rate = invocation.rate
    request.statementTimeout = target.settings.readingLimits().statementTimeout
    let report: ProfileReport
    do { report = try profile(request, target) } catch {
      guard let failure = LookFailure.refused(error) else { throw error }
      return couldNotLook(failure, target)
    }
    if target.console.isJSON {
      target.console.result(document(report, target.plan))
    } else {
      ProfileText(report, console: target.console).tell()
    }
    return report.isGood ? .done : .validation
  }

  private static func couldNotLook(
    _ failure: LookFailure, _ target: SchemaTarget
  ) -> ExitCode {
    if target.console.isJSON {
      target.console.result([
        "plan": .text(target.plan.name), "errors": 1, "couldNotLook": .text(failure.what),
        "code": .text(failure.code.rawValue), "toDo": .text(failure.remedy),
      ])
    } else {
      let mark = target.console.output.mark(.failure)
      target.console.result("\(mark) could not look: \(failure.what)")
      target.console.result("  to do: \(failure.remedy)")
    }
    return .validation
  }

  private static func profile(
    _ request: ProfileRequest, _ target: SchemaTarget
  ) throws -> ProfileReport {
    let console = target.console
    let live = try targetTables(target)
    let databases = Databases(target.settings)
    guard target.plan.source.kind == .postgres else {
      return try DocumentProfiling(
        request, source: databases.sourcePlace(target.plan.source), target: live
      ) { console.note("looking at \($0)") }.run()
    }
    let source = try databases.source(target.plan.source.setting)
    return try PostgresProfiling(request, source: source, target: live) {
      console.note("looking at \($0)")
    }.run()
  }

  /// The target's tables, or nil if there is no target to be asked yet.
  private static func targetTables(_ target: SchemaTarget) throws -> [PostgresTable]? {
    do {
      return try CatalogReader(target.connect()).tables(schema: target.plan.target.schema)
    } catch let error as MigrationError {
      target.console.warn("the target can't be asked: \(error.what)")
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

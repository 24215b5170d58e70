import MigrationCore
import Postgres

/// The validation after a completed run, if the plan requires it.
struct RunValidation {
  private let request: RunRequest
  private let invocation: Invocation
  private let settings: Settings
  private let console: Console

  init(
    _ request: RunRequest, _ invocation: Invocation, _ settings: Settings, _ console: Console
  ) {
    (self.request, self.invocation) = (request, invocation)
    (self.settings, self.console) = (settings, console)
  }

  /// Validates the tables of the run and writes the report; returns why the verdict is NO-GO.
  func failure() throws -> String? {
    guard request.rowLimit == nil, request.condition == nil else {
      console.note("a run with --limit or --where is not validated")
      return nil
    }
    var wanted = ValidationRequest(plan: request.plan)
    wanted.layers = ValidationLayer.usual + [.fingerprints]
    wanted.fingerprintsMayBeMissing = true
    wanted.tables = request.tables
    wanted.reading = settings.readingLimits()
    let databases = Databases(settings)
    let source = request.databases.source
    let report = try Validation(
      wanted, target: try databases.target(), ledgerSchema: request.ledgerSchema,
      openComparer: { try databases.target() }, sourcePlace: { source },
      tell: { console.note("validating \($0)") }
    ).run()
    let file = try ReportFile("migration-validation-report.json", settings, invocation)
      .write(report.json)
    console.note("validated: \(report.isGo ? "GO" : "NO-GO"); report: \(file)")
    return report.isGo ? nil : report.why
  }
}

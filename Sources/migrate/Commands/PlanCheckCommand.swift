import MigrationCore

/// `migrate plan check`: checks the plan against the live source and target.
enum PlanCheckCommand {
  static let page = CommandPage(
    words: ["plan", "check"], group: .check,
    summary: "Prove the plan against the live source and target, before a row is moved.",
    discussion: [
      "Every column exists, types convert, every column that must not be null is fed, no source column "
        + "is left behind unsaid, keys and references fit, conditions and the SQL of rules and queries are "
        + "understood. A run refuses to begin where this finds errors. Each fault is told with file, line and what "
        + "to do. The exit code is 4 when there is an error, and 0 when there are only warnings.",
      "A plan that would write into the tables that it reads is refused with exit code 3.",
      "Of documents nothing is known beforehand but their collections, so that the fields that a plan "
        + "names are not checked.",
    ],
    examples: [("migrate plan check --plan nxt", "after db migrate, before the first run")],
    exitCodes: [.done, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let plan = target.plan
    let databases = Databases(target.settings)
    try databases.keepApart(plan)
    let source =
      plan.source.kind == .mongo
      ? try SourceCatalog(plan, databases.sourcePlace(plan.source))
      : try SourceCatalog(plan, databases.source(plan.source.setting))
    let faults = try LivePlanCheck(plan).faults(source, target: target.connect())
    let errors = faults.count { $0.severity == .error }
    let console = target.console
    if console.isJSON {
      console.result([
        "valid": .bool(errors == 0), "errors": .int(errors),
        "warnings": .int(faults.count - errors), "faults": .array(faults.map(\.json)),
      ])
    } else {
      for fault in faults { console.result(fault.description) }
      let mark = console.output.mark(errors == 0 ? .pass : .failure)
      console.result(
        "\(mark) plan \(plan.name): \(errors) errors, \(faults.count - errors) warnings")
    }
    return errors == 0 ? .done : .validation
  }
}

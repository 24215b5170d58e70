import MigrationCore

/// `migrate plan check`: checks the plan against the live source and target.
enum PlanCheckCommand {
  static let page = CommandPage(
    words: ["plan", "check"], group: .check,
    summary: "Check the plan against the live source and target before a run.",
    discussion: [
      "Checks that every column exists and converts, that every required column has a "
        + "source, and that every source column is used or dropped explicitly. Checks keys and "
        + "references. Prepares conditions, rules and queries on the servers.",
      "A run does not start if this finds errors. Reports each error with file, line and "
        + "hint. Exits with 4 if there is an error, and with 0 if there are only warnings.",
      "Exits with 3 if the plan would write into the tables that it reads. Of documents, "
        + "only the collections are known, so fields are not checked.",
    ],
    examples: [("migrate plan check --plan nxt", "after db migrate, before the first run")],
    exitCodes: [.done, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let plan = target.plan
    let databases = Databases(target.settings)
    try databases.keepApart(plan)
    let source = try databases.catalog(of: plan)
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
        "\(mark) plan \(plan.name): \(CountText.of(errors, "error")), "
          + CountText.of(faults.count - errors, "warning"))
    }
    return errors == 0 ? .done : .validation
  }
}

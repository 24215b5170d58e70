import MigrationCore

/// `migrate validate-schema`: compares the target's schema with the plan's files.
enum ValidateSchemaCommand {
  static let page = CommandPage(
    words: ["validate-schema"], group: .validate,
    summary: "Compare the target's live tables with the plan's schema files.",
    discussion: [
      "Compares tables, columns, types, nullability, defaults, keys, indexes and "
        + "constraints, and checks that each constraint is validated. Creates the expected "
        + "schema in a scratch schema, in a transaction that is rolled back. Exits with 0 if "
        + "there are no errors, and with 4 otherwise."
    ],
    examples: [("migrate validate-schema", "after db migrate, and before a run")],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let connection = try target.connect()
    let folder = try SchemaFolder(path: target.location.schemaFolder)
    let findings = try SchemaComparison.run(
      folder: folder, schema: target.plan.target.schema, on: connection)
    let errors = findings.count { $0.severity == .error }
    let console = target.console
    if console.isJSON {
      console.result([
        "valid": .bool(errors == 0), "errors": .int(errors),
        "findings": .array(findings.map(JSONValue.init)),
      ])
    } else {
      for finding in findings {
        let mark = console.output.mark(finding.severity == .error ? .failure : .warning)
        console.result("\(mark) \(finding)")
      }
      let mark = console.output.mark(errors == 0 ? .pass : .failure)
      let verdict = errors == 0 ? "OK" : "FAILED, \(CountText.of(errors, "difference"))"
      console.result(
        "\(mark) Schema validation: \(verdict) (\(CountText.of(target.plan.tables.count, "table")) of plan \(target.plan.name))"
      )
      if findings.contains(where: { $0.kind == .tableMissing }) {
        console.result("next: migrate db migrate")
      }
    }
    return errors == 0 ? .done : .validation
  }
}

extension JSONValue {
  fileprivate init(_ finding: SchemaFinding) {
    self = [
      "kind": .text(finding.kind.rawValue), "severity": .text(finding.severity.rawValue),
      "table": .text(finding.table), "object": .optional(finding.object),
      "expected": .optional(finding.expected), "found": .optional(finding.found),
      "what": .text(finding.description),
    ]
  }
}

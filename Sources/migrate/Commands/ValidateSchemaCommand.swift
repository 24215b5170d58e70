import MigrationCore

/// `migrate validate-schema`: is the target's schema what the plan's files say?
enum ValidateSchemaCommand {
  static let page = CommandPage(
    words: ["validate-schema"], group: .validate,
    summary: "Compare the target's live tables with the plan's schema files.",
    discussion: [
      "Tables, columns, types, nullability, defaults, keys, indexes and constraints are compared, and "
        + "whether each constraint is validated. What the files describe is made in a scratch schema "
        + "inside a transaction that is rolled back; nothing is left behind. The exit code is 0 when all "
        + "is as it should be (warnings or not), and 4 otherwise."
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
      let verdict = errors == 0 ? "OK" : "FAILED, \(errors) differences"
      console.result(
        "\(mark) Schema validation: \(verdict) (\(target.plan.tables.count) tables of plan \(target.plan.name))"
      )
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

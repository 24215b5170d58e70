import MigrationCore
import Postgres

/// `migrate validate-rules`: checks the business rules on the target.
enum ValidateRulesCommand {
  static let group = Option.text("group", "GROUP", help: "Only the rules of this group.")
  static let rule = Option.text("rule", "NAME", help: "Only this rule.")

  static let page = CommandPage(
    words: ["validate-rules"], group: .validate,
    summary: "Check the plan's business rules on the target.",
    discussion: [
      "The plan lists rules under \"rules\": conditions for each row of a table, or "
        + "queries for the keys of rows that violate the rule. Each has a group, a severity "
        + "and a message. Changes nothing. Exits with 4 if a rule is broken that is not a "
        + "warning."
    ],
    options: [group.spec, rule.spec],
    examples: [
      ("migrate validate-rules", "all rules"),
      ("migrate validate-rules --group pricing", "the rules about prices"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    var request = ValidationRequest(plan: target.plan)
    request.layers = [.rules]
    request.group = try known(invocation[group], target.plan.rules.map(\.group), "group of rules")
    request.rule = try known(invocation[rule], target.plan.rules.map(\.name), "rule")
    let databases = Databases(target.settings)
    let report = try Validation(
      request, target: try target.connect(),
      ledgerSchema: target.settings.value(.ledgerSchema),
      openComparer: { try databases.target() },
      sourcePlace: { try databases.sourcePlace(target.plan.source) },
      tell: { _ in }
    ).run()
    let console = target.console
    if console.isJSON {
      console.result(report.json)
    } else {
      show(report, console)
    }
    return report.isGo ? .done : .validation
  }

  private static func known(_ given: String?, _ names: [String], _ what: String) throws -> String? {
    guard let given, !names.contains(given) else { return given }
    throw MigrationError(
      .configuration, "the plan has no \(what) \"\(given)\"",
      remedy: Hint.nearest(to: given, in: Set(names).sorted()))
  }

  private static func show(_ report: ValidationReport, _ console: Console) {
    for layer in report.layers {
      let header = ["rule", "group", "table", "violations"]
      let rows = layer.tables.map { line in
        ["rule", "group", "table", "offenders"].map { Self.text(line[$0]) }
      }
      console.result(TextLayout.table([header] + rows))
      for finding in layer.findings {
        console.result("\(finding.severity.rawValue): \(finding.what)")
        console.result("  for example: \(finding.examples.joined(separator: " · "))")
        console.result("  hint: \(finding.remedy)")
      }
    }
    let broken = report.layers.reduce(0) { $0 + $1.findings.count }
    guard report.isGo, broken > 0 else {
      let mark = console.output.mark(report.isGo ? .pass : .failure)
      return console.result("\(mark) \(report.isGo ? "every rule holds" : report.why)")
    }
    console.result(
      "\(console.output.mark(.warning)) \(CountText.of(broken, "rule is", "rules are")) broken, "
        + "with severity warning; the others hold")
  }

  private static func text(_ value: JSONValue?) -> String {
    if case .text(let text)? = value { text } else { value?.compact ?? "" }
  }
}

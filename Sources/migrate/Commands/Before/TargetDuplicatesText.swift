import MigrationCore

/// `migrate find-duplicates --in target`: duplicates in the target.
enum TargetDuplicatesText {
  static func run(_ invocation: Invocation, _ target: SchemaTarget) throws -> ExitCode {
    let console = target.console
    let found = try TargetDuplicates.find(
      target.plan, in: target.connect(), tables: invocation.tables(target.plan))
    if console.isJSON {
      let members: [(String, JSONValue)] = [
        ("plan", .text(target.plan.name)), ("in", "target"), ("sets", .int(found.sets)),
        ("findings", .array(found.findings.map(\.json))),
      ]
      console.result(.object(JSONObject(members + CheckedRows(read: found.rows).json)))
    } else {
      for finding in found.findings {
        console.result("\(finding.what)\n  \(finding.sql ?? finding.remedy)")
      }
      if found.findings.isEmpty {
        CheckedRows(read: found.rows).show(
          good: "no duplicates in \(CountText.of(found.sets, "unique key")) of the target",
          console)
      } else {
        console.result(
          "\(console.output.mark(.failure)) \(CountText.of(found.findings.count, "unique key has", "unique keys have")) duplicates"
        )
      }
    }
    return found.findings.isEmpty ? .done : .validation
  }
}

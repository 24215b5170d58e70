import MigrationCore

/// A profile as text: a table for each source, then the findings.
struct ProfileText {
  let report: ProfileReport
  let console: Console

  init(_ report: ProfileReport, console: Console) {
    (self.report, self.console) = (report, console)
  }

  func show() {
    for profile in report.profiles { show(profile) }
    for finding in report.findings { console.result(finding.description) }
    for note in report.notes { console.result("note: \(note)") }
    let rows = report.profiles.reduce(0) { $0 + $1.examined }
    let good: Check.Verdict = rows > 0 ? .pass : .warning
    let mark = console.output.mark(report.isGood ? good : .failure)
    if rows == 0 { console.result("\(mark) no rows were read: the sources are empty") }
    console.result(
      "\(mark) profiled \(CountText.of(report.profiles.count, "source")): "
        + "\(CountText.of(report.errors, "error")), "
        + CountText.of(report.findings.count - report.errors, "warning"))
  }

  private func show(_ profile: SourceProfile) {
    let extent =
      profile.isSample
      ? "a sample of \(GroupedNumber.text(profile.examined)) of \(CountText.of(profile.total, "row"))"
      : "all \(CountText.of(profile.examined, "row"))"
    console.result("\(profile.name): \(extent)")
    let header = ["  field", "present", "null", "types", "longest", "from", "to", "odd"]
    let rows = profile.fields.map { field in
      [
        "  " + field.path, share(field.present, field.holders), share(field.nulls, field.present),
        field.types.map(\.type).joined(separator: ", "), field.longest.map { "\($0)" } ?? "",
        field.smallest ?? "", field.largest ?? "", odd(field),
      ]
    }
    console.result(TextLayout.table([header] + rows))
    for note in profile.notes { console.result("  note: \(note)") }
  }

  private func share(_ part: Int, _ whole: Int) -> String {
    guard part > 0 else { return "" }
    guard part < whole else { return "all" }
    let permille = part * 1000 / whole
    return permille == 0 ? GroupedNumber.text(part) : "\(permille / 10).\(permille % 10)%"
  }

  private func odd(_ field: FieldProfile) -> String {
    FieldProfile.Oddity.allCases.compactMap { oddity in
      field.oddities[oddity].map { "\(oddity.words): \(GroupedNumber.text($0.count))" }
    }.joined(separator: ", ")
  }
}

extension FieldProfile.Oddity {
  fileprivate var words: String {
    switch self {
    case .nulByte: "NUL bytes"
    case .badUTF8: "not UTF-8"
    case .dateOutOfRange: "dates out of range"
    case .fraction: "with decimals"
    case .beyondInteger: "beyond int4"
    case .beyondBigint: "beyond int8"
    case .notFinite: "NaN or infinite"
    case .emptyText: "empty"
    case .outerBlanks: "outer blanks"
    case .danglingID: "ids that match no row"
    }
  }
}

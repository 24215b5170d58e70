import MigrationCore

/// A profile as people read it: a table for each source, then what does not fit.
struct ProfileText {
  let report: ProfileReport
  let console: Console

  init(_ report: ProfileReport, console: Console) {
    (self.report, self.console) = (report, console)
  }

  func tell() {
    for profile in report.profiles { tell(profile) }
    for finding in report.findings { console.result(finding.description) }
    for note in report.notes { console.result("note: \(note)") }
    let rows = report.profiles.reduce(0) { $0 + $1.examined }
    let good: Check.Verdict = rows > 0 ? .pass : .warning
    let mark = console.output.mark(report.isGood ? good : .failure)
    if rows == 0 { console.result("\(mark) no row was looked at: the sources are empty") }
    console.result(
      "\(mark) \(report.profiles.count) sources looked through: \(report.errors) errors, "
        + "\(report.findings.count - report.errors) warnings")
  }

  private func tell(_ profile: SourceProfile) {
    let extent =
      profile.isSample
      ? "a sample of \(profile.examined) of \(profile.total) rows" : "all \(profile.examined) rows"
    console.result("\(profile.name): \(extent)")
    let header = ["  field", "there", "null", "types", "longest", "from", "to", "odd"]
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
    return permille == 0 ? "\(part)" : "\(permille / 10).\(permille % 10) %"
  }

  private func odd(_ field: FieldProfile) -> String {
    FieldProfile.Oddity.allCases.compactMap { oddity in
      field.oddities[oddity].map { "\(oddity.words): \($0.count)" }
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
    case .outerBlanks: "blanks around"
    case .danglingID: "ids that point nowhere"
    }
  }
}

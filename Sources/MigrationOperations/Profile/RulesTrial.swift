import MigrationBasics
import MigrationPlan
import MigrationRows
import Postgres

/// Runs a feed's rules over rows of the source and keeps only the results.
///
/// Look-ups are omitted: the ids that match no row show what they find. Where a reference
/// goes by the id alone, its id is made and tried all the same.
final class RulesTrial {
  private struct Subject: Hashable {
    let column: String
    let reason: Reason
  }

  private let table: TablePlan
  private let feed: Feed
  private let machine: RowMachine
  private let buffer = CopyBuffer()
  private var refused: [Subject: FieldProfile.Finding] = [:]
  private var values: [Subject: String] = [:]
  private(set) var rows = 0
  private var loaded = 0
  /// The condition on the rows.
  var filter: String? { feed.filter }

  init(_ table: TablePlan, _ feed: Feed, machine: RowMachine) {
    (self.table, self.feed, self.machine) = (table, feed, machine)
  }

  /// The feed without the columns that require look-ups.
  static func withoutLookups(_ feed: Feed) -> Feed {
    var simple = feed
    simple.columns = feed.columns.filter { $0.rule.references.allSatisfy(\.isByResultAlone) }
    return simple
  }

  /// The table with the checks that are left when some columns are missing.
  static func table(_ table: TablePlan, keeping feed: Feed) -> TablePlan {
    let columns = Set(feed.columns.map(\.column))
    var simple = table
    simple.feeds = [feed]
    simple.checks = table.checks.filter { check in
      guard columns.contains(check.left) else { return false }
      if case .column(let right) = check.right { return columns.contains(right) }
      return true
    }
    return simple
  }

  func take(_ row: UnsafeRawBufferPointer) {
    machine.forEachRow(of: row) { take(row, element: $0) }
  }

  private func take(_ row: UnsafeRawBufferPointer, element: Int) {
    rows += 1
    if case .row = machine.run(row, element: element, into: buffer) {
      buffer.removeAll()
      loaded += 1
      return
    }
    let reject = machine.reject
    let subject = Subject(column: reject.column, reason: reject.reason)
    refused[subject, default: .init()].count += 1
    if refused[subject, default: .init()].examples.count < 3 {
      refused[subject]?.examples.append(KeyText.text(machine.key(row, element: element)))
      if let value = reject.value, values[subject] == nil { values[subject] = value }
    }
  }

  /// - Parameter judged: what is found about the source, of which nothing is reported twice.
  func findings(besides judged: [ProfileFinding] = []) -> [ProfileFinding] {
    refusals() + warnings() + alwaysNull(besides: judged)
  }

  private func alwaysNull(besides judged: [ProfileFinding]) -> [ProfileFinding] {
    guard loaded > 0 else { return [] }
    let missing = Set(judged.filter { $0.kind == .neverThere }.map(\.path))
    return machine.alwaysNull.compactMap { value in
      let paths = ReadPaths.paths(of: value.rule, each: feed.each).map {
        $0.joined(separator: ".")
      }
      guard !paths.allSatisfy(missing.contains) else { return nil }
      let place = feed.columns.first { $0.column == value.column }?.place
      return ProfileFinding(
        kind: .alwaysNull, severity: .warning, source: feed.from,
        path: paths.joined(separator: ", "),
        what: "\(table.name).\(value.label) would be null in every row loaded from \(feed.from) "
          + "(\(CountText.of(loaded, "row")))",
        count: loaded, examples: [], place: place ?? feed.place,
        remedy: "correct the rule; or nothing, if the field is not used yet")
    }
  }

  private func refusals() -> [ProfileFinding] {
    refused.sorted { $0.value.count > $1.value.count }.map { subject, finding in
      let value = values[subject].map { ", such as \"\(String($0.prefix(60)).printable)\"" } ?? ""
      return self.finding(
        .refused, subject, finding.count, finding.examples,
        "\(CountText.of(finding.count, "row")) of \(feed.from) would be quarantined: \(table.name).\(subject.column) "
          + "\(subject.reason.name)\(value)")
    }
  }

  private func warnings() -> [ProfileFinding] {
    machine.warnings.counts.sorted { $0.value > $1.value }.map { warning, count in
      finding(
        .warned, Subject(column: warning.column, reason: warning.reason), count, [],
        "\(CountText.of(count, "value")) of \(feed.from) would be changed with a warning: "
          + "\(table.name).\(warning.column) \(warning.reason.name)")
    }
  }

  private func finding(
    _ kind: ProfileFinding.Kind, _ subject: Subject, _ count: Int, _ examples: [String],
    _ what: String
  ) -> ProfileFinding {
    let column = feed.columns.first { $0.column == subject.column }
    let paths = column.map { ReadPaths.paths(of: $0.rule, each: feed.each) } ?? []
    return ProfileFinding(
      kind: kind, severity: kind == .refused ? .error : .warning, source: feed.from,
      path: paths.map { $0.joined(separator: ".") }.joined(separator: ", "), what: what,
      count: count, examples: examples, place: column?.place ?? feed.place,
      remedy: subject.reason.hint)
  }
}

extension Reference {
  /// Whether the value that is looked for is the one that is found.
  var isByResultAlone: Bool { ways.count == 1 && ways[0].column == result }
}

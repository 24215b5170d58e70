import FoundationEssentials
import MigrationCore

/// `migrate baseline`: records row counts and resources before a migration.
enum BaselineCommand {
  static let compare = Option.flag(
    "compare", help: "Count again, and show the changes since the baseline.")

  static let page = CommandPage(
    words: ["baseline"], group: .check,
    summary: "Record row counts and machine resources, to compare with after the migration.",
    discussion: [
      "Writes \(Baseline.fileName) into the report folder: the row counts of every source "
        + "and target table, the size of the target, and the processors, load, memory and disk "
        + "of this machine.",
      "With --compare, counts again and shows both. Exits with 4 if the number of source "
        + "rows changed: the migration may be incomplete. Counts do not show updated rows; "
        + "migrate validate finds them.",
    ],
    options: [compare.spec],
    examples: [
      ("migrate baseline", "right before the run"), ("migrate baseline --compare", "after it"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .validation], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let target = try SchemaTarget(invocation)
    let databases = Databases(target.settings)
    let folder = invocation.program.folder
    let path = path(target.settings, invocation)
    let before = invocation[compare] ? try read(path, target.plan.name) : nil
    let now = try Baseline.take(
      target.plan, source: databases.sourcePlace(target.plan.source), target: target.connect(),
      folder: folder)
    guard let before else {
      try now.write(path)
      show(now, path, target.console)
      return .done
    }
    let comparison = BaselineComparison(before: before, now: now)
    show(comparison, target.console)
    return comparison.sourceChanged ? .validation : .done
  }

  private static func path(_ settings: Settings, _ invocation: Invocation) -> String {
    invocation.path(settings.value(.reportFolder) + "/" + Baseline.fileName)
  }

  private static func read(_ path: String, _ plan: String) throws -> Baseline {
    let text: String
    do throws(FileProblem) { text = try InputFile.text(path) } catch {
      let isMissing = error.code == .missing
      throw MigrationError(
        .failed,
        isMissing
          ? "no baseline to compare with" : "could not read the baseline: \(error.reason)",
        place: path, remedy: "record one before the migration: migrate baseline")
    }
    let baseline = try Baseline(text: text, file: path)
    guard baseline.plan == plan else {
      throw MigrationError(
        .failed, "the baseline belongs to plan \(baseline.plan)", place: path,
        remedy: "pass --plan \(baseline.plan), or record a baseline of \(plan)")
    }
    return baseline
  }

  private static func show(_ baseline: Baseline, _ path: String, _ console: Console) {
    guard !console.isJSON else { return console.result(baseline.json) }
    let rows = baseline.source.values.reduce(0) { $0 + ($1 ?? 0) }
    for (name, count) in baseline.source.sorted(by: { $0.key < $1.key }) {
      console.result("\(name): \(count.map { "\($0)" } ?? "-")")
    }
    let loaded = baseline.target.values.reduce(0) { $0 + ($1 ?? 0) }
    console.result(
      "source: \(CountText.of(baseline.source.count, "table")), \(CountText.of(rows, "row"))")
    console.result(
      "target: \(CountText.of(baseline.target.count, "table")), \(CountText.of(loaded, "row"))")
    console.result("written to \(path); after the migration: migrate baseline --compare")
  }

  private static func show(_ comparison: BaselineComparison, _ console: Console) {
    guard !console.isJSON else { return console.result(comparison.json) }
    let header = ["", "before", "now", "change"]
    func rows(_ what: String, _ lines: [BaselineComparison.Line]) -> [[String]] {
      lines.map { line in
        [
          "\(what) \(line.name)", line.before.map { GroupedNumber.text($0) } ?? "-",
          line.now.map { GroupedNumber.text($0) } ?? "-",
          (line.change > 0 ? "+" : "") + GroupedNumber.text(line.change),
        ]
      }
    }
    console.result(
      TextLayout.table(
        [header] + rows("source", comparison.source) + rows("target", comparison.target)))
    let mark = console.output.mark(comparison.sourceChanged ? .failure : .pass)
    console.result(
      comparison.sourceChanged
        ? "\(mark) the number of source rows changed since \(comparison.before.taken)"
        : "\(mark) the number of source rows is the same as at \(comparison.before.taken)")
  }
}

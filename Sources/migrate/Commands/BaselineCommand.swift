import FoundationEssentials
import MigrationCore

/// `migrate baseline`: counts and resources before a migration, to compare with after it.
enum BaselineCommand {
  static let compare = Option.flag(
    "compare", help: "Count again, and say what has changed since the baseline was taken.")

  static let page = CommandPage(
    words: ["baseline"], group: .check,
    summary: "Count sources and targets and look at the machine, to compare with afterwards.",
    discussion: [
      "Writes \(Baseline.fileName) (in the folder for reports): how many rows each source and each "
        + "target table has, the size of the target, and processors, load, memory and disk of this "
        + "machine. With --compare it counts again and shows both. The exit code is 4 if rows came to "
        + "the source or left it since: what was migrated may not be all. Rows that were changed in "
        + "place do not show in counts; migrate validate finds them."
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
      tell(now, path, target.console)
      return .done
    }
    let comparison = BaselineComparison(before: before, now: now)
    tell(comparison, target.console)
    return comparison.sourceChanged ? .validation : .done
  }

  private static func path(_ settings: Settings, _ invocation: Invocation) -> String {
    let folder = settings.value(.reportFolder)
    let file = (folder == "." ? "" : folder + "/") + Baseline.fileName
    return file.hasPrefix("/") ? file : invocation.program.folder + "/" + file
  }

  private static func read(_ path: String, _ plan: String) throws -> Baseline {
    let text: String
    do throws(FileProblem) { text = try InputFile.text(path) } catch {
      let isMissing = error.code == .missing
      throw MigrationError(
        .failed,
        isMissing
          ? "there is no baseline to compare with" : "the baseline can't be read: \(error.reason)",
        place: path, remedy: "take one before the migration: migrate baseline")
    }
    let baseline = try Baseline(text: text, file: path)
    guard baseline.plan == plan else {
      throw MigrationError(
        .failed, "the baseline is of the plan \(baseline.plan)", place: path,
        remedy: "compare with --plan \(baseline.plan), or take one of \(plan)")
    }
    return baseline
  }

  private static func tell(_ baseline: Baseline, _ path: String, _ console: Console) {
    guard !console.isJSON else { return console.result(baseline.json) }
    let rows = baseline.source.values.reduce(0) { $0 + ($1 ?? 0) }
    let loaded = baseline.target.values.reduce(0) { $0 + ($1 ?? 0) }
    console.result("\(baseline.source.count) sources hold \(rows) rows")
    console.result("\(baseline.target.count) target tables hold \(loaded)")
    console.result("written to \(path); afterwards: migrate baseline --compare")
  }

  private static func tell(_ comparison: BaselineComparison, _ console: Console) {
    guard !console.isJSON else { return console.result(comparison.json) }
    let header = ["", "before", "now", "change"]
    func rows(_ what: String, _ lines: [BaselineComparison.Line]) -> [[String]] {
      lines.map { line in
        [
          "\(what) \(line.name)", line.before.map { "\($0)" } ?? "-",
          line.now.map { "\($0)" } ?? "-", line.change > 0 ? "+\(line.change)" : "\(line.change)",
        ]
      }
    }
    console.result(
      TextLayout.table(
        [header] + rows("source", comparison.source) + rows("target", comparison.target)))
    let mark = console.output.mark(comparison.sourceChanged ? .failure : .pass)
    console.result(
      comparison.sourceChanged
        ? "\(mark) the source has changed since \(comparison.before.taken)"
        : "\(mark) the source has as many rows as at \(comparison.before.taken)")
  }
}

import FoundationEssentials
import MigrationCore

/// `migrate sample`: fills a source database with realistic legacy data.
enum SampleCommand {
  static let rows = Option.integer(
    "rows", "N", in: 1...100_000_000, otherwise: 10_000,
    help: "How many customers; the other tables follow in proportion. 10000 if not given.")
  static let dirty = Option.text(
    "dirty", "P",
    help: "The share of faulty rows in percent, up to 50: every fault a plan's rule names.")
  static let seed = Option.integer(
    "seed", "N", in: 0...Int.max, otherwise: 1,
    help: "The same seed gives the same rows to the byte. 1 if not given.")
  static let replace = Option.flag(
    "replace", help: "Drop tables of these names that are there already, with their rows.")

  static let page = CommandPage(
    words: ["sample"], group: .database,
    summary: "Fill the source database with made-up legacy data, to try the migration out.",
    discussion: [
      "Makes the legacy tables of the plan nxt in SOURCE_DATABASE_URL and fills them with linked, "
        + "realistic rows. With --dirty every fault that the mapping has a rule for is there in known "
        + "numbers; sample-manifest.json (in the folder for reports) says which row has which. Tables "
        + "that are there already are an error, unless --replace is given, which asks first."
    ],
    options: [rows.spec, dirty.spec, seed.spec, replace.spec, SharedOptions.yes.spec],
    examples: [
      ("migrate sample --rows 1000", "a small set"),
      ("migrate sample --rows 100000 --dirty 2 --replace --yes", "a larger one with faults"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let location = try invocation.planLocation(settings)
    let connection = try Databases(settings).source()
    let replaces = invocation[replace]
    if replaces {
      try invocation.confirm(
        "This drops the legacy tables of \(connection.facts.database), with their rows.",
        word: connection.facts.database, yes: invocation[SharedOptions.yes])
    }
    let options = SampleData.Options(
      customers: invocation[rows], dirty: try share(invocation), seed: UInt64(invocation[seed]),
      replaces: replaces)
    let manifest = try SampleData.generate(
      options, definitions: location.folder + "/legacy.sql", on: connection,
      onTable: { console.note("\($0.rawValue): \($1) rows") })
    let file = try write(manifest, settings, invocation)
    if console.isJSON {
      console.result(manifest.json)
    } else {
      console.result(
        "sample data is in \(connection.facts.database); what is faulty stands in \(file)")
    }
    return .done
  }

  private static func share(_ invocation: Invocation) throws -> Double {
    guard let text = invocation[dirty] else { return 0 }
    let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
    guard let percent = Double(digits.filter { $0 != " " }), (0...50).contains(percent) else {
      throw UsageError.badValue(text, of: "--dirty", expected: "a percentage from 0 to 50")
    }
    return percent / 100
  }

  private static func write(
    _ manifest: SampleManifest, _ settings: Settings, _ invocation: Invocation
  ) throws -> String {
    let folder = settings.value(.reportFolder)
    let file = (folder == "." ? "" : folder + "/") + "sample-manifest.json"
    let path = file.hasPrefix("/") ? file : invocation.program.folder + "/" + file
    do {
      try Data((manifest.json.pretty + "\n").utf8).write(to: URL(filePath: path))
    } catch {
      throw MigrationError(
        .failed, "the sample data is there, and its manifest can't be written", place: path,
        remedy: "set MIGRATION_REPORT_DIR to a folder that can be written to, and make it again")
    }
    return file
  }
}

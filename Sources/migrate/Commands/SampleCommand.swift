import FoundationEssentials
import MigrationCore

/// `migrate sample`: fills a source database with generated legacy data.
enum SampleCommand {
  static let rows = Option.integer(
    "rows", "N", in: 1...100_000_000, otherwise: 10_000,
    help: "The number of customers or contacts; other tables are proportional (default: "
      + "10,000).")
  static let dirty = Option.text(
    "dirty", "P",
    help: "The percentage of faulty rows, up to 50, with every fault that a rule of the plan "
      + "handles.")
  static let seed = Option.integer(
    "seed", "N", in: 0...Int.max, otherwise: 1,
    help: "The random seed; the same seed creates the same bytes (default: 1).")
  static let to = Option.text(
    "to", "URL",
    help: "The target of collections: a mongodb:// URL, or dump:/path for a mongodump folder "
      + "(default: the plan's source).")
  static let replace = Option.flag(
    "replace",
    help: "Drop existing tables or collections of these names, with their rows.")

  static let page = CommandPage(
    words: ["sample"], group: .database,
    summary: "Fill the source database with generated legacy data, to try a migration.",
    discussion: [
      "For plan nxt, creates the legacy tables in SOURCE_DATABASE_URL and fills them with "
        + "linked, realistic rows. For plan nextcrm, fills the 29 collections of MONGODB_URL, "
        + "or of --to.",
      "With --dirty, includes every fault that a rule handles, in known numbers. "
        + "sample-manifest.json in the report folder lists the faulty rows.",
      "Existing tables are an error, unless --replace is given, which asks first.",
    ],
    options: [rows.spec, dirty.spec, seed.spec, to.spec, replace.spec, SharedOptions.yes.spec],
    examples: [
      ("migrate sample --rows 1000", "a small data set"),
      ("migrate sample --rows 100000 --dirty 2 --replace --yes", "a larger one with faulty rows"),
      (
        "migrate sample --plan nextcrm --rows 5000 --to dump:/tmp/nextcrm", "a dump as the source"
      ),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let location = try invocation.planLocation(settings)
    let plan = try PlanReader.read(file: location.planFile)
    let (manifest, place) =
      plan.source.kind.hasDocuments
      ? try documents(invocation, settings, console, plan)
      : try rows(invocation, settings, console, location)
    let file = try write(manifest, settings, invocation)
    if console.isJSON {
      console.result(manifest)
    } else {
      console.result("sample data: \(place); faulty rows: \(file)")
    }
    return .done
  }

  private static func rows(
    _ invocation: Invocation, _ settings: Settings, _ console: Console, _ location: PlanLocation
  ) throws -> (manifest: JSONValue, place: String) {
    if invocation[to] != nil {
      throw UsageError.conflict("--to", with: "--plan \(location.name)")
    }
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
      onTable: { console.note("\($0.rawValue): \(CountText.of($1, "row"))") })
    return (manifest.json, connection.facts.database)
  }

  private static func documents(
    _ invocation: Invocation, _ settings: Settings, _ console: Console, _ plan: Plan
  ) throws -> (manifest: JSONValue, place: String) {
    let url = try invocation[to].map { try DatabaseURL($0) } ?? settings.required(.mongo)
    guard url.kind.hasDocuments else {
      throw UsageError.badValue(
        url.redacted, of: "--to", expected: "a mongodb:// URL or dump:/path")
    }
    let place: CRMSample.Place =
      url.kind.isFile
      ? .dump(folder: url.connectionString)
      : .database(url, setting: invocation[to] == nil ? "MONGODB_URL" : "--to")
    if invocation[replace] {
      try invocation.confirm(
        "This drops the collections of \(plan.name) in \(url.redacted), with their documents.",
        word: plan.name, yes: invocation[SharedOptions.yes])
    }
    let options = CRMSample.Options(
      contacts: invocation[rows], dirty: try share(invocation), seed: UInt64(invocation[seed]),
      replaces: invocation[replace])
    let manifest = try CRMSample.generate(
      options, to: place, onCollection: { console.note("\($0): \(CountText.of($1, "document"))") })
    return (manifest.json, url.redacted)
  }

  private static func share(_ invocation: Invocation) throws -> Double {
    guard let text = invocation[dirty] else { return 0 }
    let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
    guard let percent = Double(digits.filter { $0 != " " }), (0...50).contains(percent) else {
      throw UsageError.badValue(text, of: "--dirty", expected: "0 to 50")
    }
    return percent / 100
  }

  private static func write(
    _ manifest: JSONValue, _ settings: Settings, _ invocation: Invocation
  ) throws -> String {
    let folder = settings.value(.reportFolder)
    let file = (folder == "." ? "" : folder + "/") + "sample-manifest.json"
    let path = invocation.path(file)
    do {
      try PrivateFile.write(manifest.pretty + "\n", to: path)
    } catch {
      throw MigrationError(
        .failed, "created the sample data, but could not write its manifest", place: path,
        remedy: "set MIGRATION_REPORT_DIR to a writable folder, and run the command again")
    }
    return file
  }
}

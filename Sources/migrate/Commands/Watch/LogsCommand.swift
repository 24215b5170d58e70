import MigrationCore

/// `migrate logs`: what runs have logged, and what they log now.
enum LogsCommand {
  static let follow = Option.flag(
    "follow", short: "f", help: "Go on showing what is written; Ctrl+C ends it.")
  static let level = Option.text(
    "level", "LEVEL", choices: LogLevel.allCases.map(\.rawValue),
    help: "Only entries of this level and graver ones: error, warn, info, debug, trace.")
  static let table = Option.text("table", "TABLE", help: "Only entries about one table.")
  static let count = Option.integer(
    "lines", "N", in: 0...1_000_000, otherwise: 100,
    help: "How many of the last entries; 100 if not given.")

  static let page = CommandPage(
    words: ["logs"], group: .watch,
    summary: "Show the log of runs, and follow it.",
    discussion: [
      "Each run writes to migrate.log in MIGRATION_LOG_DIR, a line of JSON for each event, on the "
        + "machine that it runs on. A full file is moved to migrate.log.1 and so on; MIGRATION_LOG_LEVEL, "
        + "MIGRATION_LOG_MAX_SIZE and MIGRATION_LOG_MAX_FILES say how much is kept. No password is "
        + "written. Messages of a server may quote values of rows, so that only the owner can read it.",
      "At its end a run logs, as errors, what rows were quarantined for and how many. If the log has fewer entries "
        + "than are asked for, those that archive-logs has put away are read too.",
    ],
    options: [follow.spec, level.spec, table.spec, count.spec],
    examples: [
      ("migrate logs --level warn", "what went wrong"),
      ("migrate logs --follow --table customers", "what is happening to one table"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .interrupted, .terminated], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    if invocation[follow], invocation.console.isJSON {
      throw UsageError.badValue(
        "--json", of: "--follow", expected: "one of the two: --json prints one document")
    }
    let (settings, console) = try invocation.settingsAndConsole()
    let folder = RunLogging.folder(invocation, settings)
    let reader = LogReader(folder: folder)
    guard invocation[follow] || reader.isThere else {
      throw MigrationError(
        .failed, "there is no log", place: folder + "/" + LogFile.name,
        remedy:
          "a run writes it, in the folder that it is started in; MIGRATION_LOG_DIR names another")
    }
    let isWanted = filter(invocation)
    let found = try reader.last(invocation[count], where: isWanted)
    if console.isJSON {
      console.result([
        "entries": .array(found.lines.map(\.json)),
        "archives": .array(found.archives.map(JSONValue.text)),
      ])
      return .done
    }
    for archive in found.archives { console.note("read from the archive: \(archive)") }
    for line in found.lines { console.result(line.text) }
    guard invocation[follow] else { return .done }
    let control = RunControl()
    StopSignals.lead(to: control)
    reader.follow(until: { control.cause != nil }) { line in
      if isWanted(line) { console.result(line.text) }
    }
    return control.cause == .terminated ? .terminated : .interrupted
  }

  private static func filter(_ invocation: Invocation) -> (LogLine) -> Bool {
    let level = invocation[level].flatMap(LogLevel.init(rawValue:)) ?? .trace
    let name = invocation[table]
    let otherName = name?.replacing("-", with: "_")
    return { line in
      line.level <= level && (name == nil || line.table == name || line.table == otherName)
    }
  }
}

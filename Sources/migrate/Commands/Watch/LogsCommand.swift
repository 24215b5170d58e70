import MigrationCore

/// `migrate logs`: what runs have logged, and what they log now.
enum LogsCommand {
  static let follow = Option.flag(
    "follow", short: "f", help: "Continue to print new entries until Ctrl+C.")
  static let level = Option.text(
    "level", "LEVEL", choices: LogLevel.allCases.map(\.rawValue),
    help: "Only entries of this level and more severe ones.")
  static let table = Option.text("table", "TABLE", help: "Only entries about one table.")
  static let count = Option.integer(
    "lines", "N", in: 0...1_000_000, otherwise: 100,
    help: "The number of entries, the newest (default: 100).")

  static let page = CommandPage(
    words: ["logs"], group: .watch,
    summary: "Show the log of runs, or follow it.",
    discussion: [
      "Each run writes a line of JSON for each event to migrate.log in MIGRATION_LOG_DIR, on its own "
        + "machine. A full file becomes migrate.log.1 and so on. MIGRATION_LOG_LEVEL, "
        + "MIGRATION_LOG_MAX_SIZE and MIGRATION_LOG_MAX_FILES limit the log. It has no passwords. "
        + "Messages of a server may quote values of rows, so only the owner can read the file.",
      "A run writes an error entry for the first quarantined row of each reason, and again at 10, 100, "
        + "1,000 and so on. It ends with an entry for each reason, with the number of rows. If the "
        + "log has fewer entries than asked for, the command also reads the archives of archive-logs.",
    ],
    options: [follow.spec, level.spec, table.spec, count.spec],
    examples: [
      ("migrate logs --level warn", "what went wrong"),
      ("migrate logs --follow --table customers", "what is happening to one table"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration, .interrupted, .terminated], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    if invocation[follow], invocation.console.isJSON {
      throw UsageError.conflict("--follow", with: "--json")
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

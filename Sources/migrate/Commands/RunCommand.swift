import MigrationCore

/// `migrate run`: moves the plan's tables.
enum RunCommand {
  static let all = Option.flag("all", help: "Move all tables of the plan (default).")
  static let phase = Option.integer(
    "phase", "N", in: 1...99, help: "Move the tables of this phase of the plan.")
  static let limit = Option.integer(
    "limit", "N", in: 1...Int.max, help: "Read only the first N rows of each source.")
  static let condition = Option.text(
    "where", "CONDITION",
    help: "Read only source rows that match a condition: SQL or a MongoDB filter; requires one "
      + "table.")
  static let maxRejects = Option.integer(
    "max-rejects", "N", in: 0...Int.max,
    help: "Stop if the migration has more quarantined rows than this.")
  static let acceptRejects = Option.text(
    "accept-rejects", "N%",
    help: "Accept this share of quarantined rows of each table, over the plan's limits; exit "
      + "code 0 up to it.",
    check: ShareOption.check)
  static let maxMinutes = Option.integer(
    "max-minutes", "N", in: 1...100_000,
    help: "Pause after the current chunks when this many minutes have passed.")
  static let until = Option.text(
    "until", "HH:MM", help: "Pause after the current chunks at this time of day.")
  static let maxMemory = Option.text(
    "max-memory", "SIZE", help: "Stop if this process uses more memory (MIGRATION_MAX_MEMORY).")
  static let minFreeDisk = Option.text(
    "min-free-disk", "SIZE",
    help: "Stop if the target's disk has less free space (MIGRATION_MIN_FREE_DISK).")
  static let throttle = Option.text(
    "throttle", "N%", help: "The share of time that lanes rest, up to 95% (default: 0).")
  static let rollback = Option.text(
    "rollback", "WHEN", choices: Triggers.Consent.allCases.map(\.rawValue),
    help: "Whether the plan's triggers may roll back: off, ask or on.")
  static let resume = Option.flag(
    "resume", help: "Continue the unfinished migration (default).")
  static let fresh = Option.flag(
    "fresh", help: "Abandon an unfinished migration and start again; requires empty tables.")
  static let emptyTables = Option.flag(
    "empty-tables", help: "With --fresh: delete all rows of the target's tables first; asks before."
  )
  static let details = Option.flag(
    "details",
    help: "With --dry-run: list every row that would be quarantined, with its reason (up to "
      + "10,000).")
  static let force = Option.flag(
    "force",
    help: "Move a table although a referenced table is not migrated, or rows of an earlier "
      + "session are in it."
  )

  // These are also settings; the resolver reads them by their flags.
  static let lanes = Option.text(
    "parallel", "N|auto",
    help: "The number of chunks to move in parallel (MIGRATION_PARALLEL_MAX_CONCURRENT).",
    check: CountOption.lanes)
  static let batchSize = Option.text(
    "batch-size", "N", help: "The number of rows of a chunk (MIGRATION_BATCH_SIZE) (default: auto)."
  )
  static let timeout = Option.text(
    "timeout", "TIME", help: "The time limit of a chunk (MIGRATION_TIMEOUT).")
  static let maxRetries = Option.text(
    "max-retries", "N", help: "The number of retries of a chunk (MIGRATION_MAX_RETRIES).")

  static let page = CommandPage(
    words: ["run"], group: .migrate,
    summary: "Move the plan's tables, or continue an unfinished run.",
    discussion: [
      "Loads rows in chunks, each in one transaction. After any interruption, the next run "
        + "continues with the remaining chunks; no row is loaded twice.",
      "The first Ctrl+C finishes the current chunks and exits with 7; the second rolls "
        + "them back. Rows that the rules or the server reject are quarantined with a reason: "
        + "migrate errors.",
      "If a table has more rejects than the plan's limits.stopAt, the run stops with exit "
        + "code 6. Later runs stop too, until migrate retry loads the rows, or the plan or "
        + "--accept-rejects allows more.",
      "--limit and --where move a part of the rows in a separate session, without a "
        + "checkpoint file. They require that no other session of the plan is unfinished. A "
        + "dry run prints the rows that would be quarantined, grouped, or all with --details.",
    ],
    operands: [
      Operand(
        name: "TABLE", help: "The tables to move (default: all).", isRepeated: true)
    ],
    options: [
      all.spec, phase.spec, lanes.spec, batchSize.spec, timeout.spec, maxRetries.spec, limit.spec,
      condition.spec, throttle.spec, maxRejects.spec, acceptRejects.spec,
      maxMinutes.spec, until.spec, maxMemory.spec, minFreeDisk.spec, rollback.spec, resume.spec,
      fresh.spec,
      emptyTables.spec, force.spec,
      SharedOptions.dryRun.spec, details.spec, SharedOptions.yes.spec,
    ],
    examples: [
      ("migrate run", "all tables, or the remaining chunks"),
      ("migrate run customers suppliers", "two tables"),
      ("migrate run --dry-run --limit 1000", "load 1,000 rows of each table and roll back"),
      ("migrate run --dry-run --details", "list every row that would be quarantined"),
      ("migrate run --accept-rejects 1%", "exit code 0 with up to 1% of each table quarantined"),
      ("migrate run --until 05:30", "pause at 05:30"),
    ],
    exitCodes: [
      .done, .failed, .usage, .configuration, .validation, .quarantine, .limit, .paused, .locked,
      .interrupted, .terminated,
    ],
    isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    guard !invocation[details] || invocation[SharedOptions.dryRun] else {
      throw UsageError.dependent(
        "--details", on: "--dry-run (after a run: migrate errors --details)")
    }
    let request = try RunCommandRequest(invocation, settings).make()
    if request.emptiesTables, !invocation[SharedOptions.yes] {
      try confirmEmptying(request, invocation)
    }
    return try perform(request, invocation, settings, console)
  }

  /// Asks for confirmation with the database's name, the tables and their row counts.
  private static func confirmEmptying(
    _ request: RunRequest, _ invocation: Invocation
  ) throws {
    let emptied = try EmptiedTables.look(request)
    let tables = emptied.tables.map { "\($0.name) (\(CountText.of($0.rows, "row")))" }
    try invocation.confirm(
      "This deletes \(CountText.of(emptied.rows, "row")) from \(emptied.database)"
        + (tables.isEmpty ? "." : ": " + tables.joined(separator: ", ") + "."),
      word: emptied.database, yes: false)
  }
}

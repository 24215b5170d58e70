import MigrationCore

/// `migrate run`: moves the plan's tables.
enum RunCommand {
  static let all = Option.flag("all", help: "Move all tables of the plan, which is the default.")
  static let phase = Option.integer(
    "phase", "N", in: 0...99, otherwise: 0, help: "Move the tables of this phase of the plan.")
  static let lanes = Option.integer(
    "parallel", "N", in: 0...64, otherwise: 0,
    help: "How many chunks are moved side by side; the engine chooses if not given.")
  static let limit = Option.integer(
    "limit", "N", in: 0...Int.max, otherwise: 0, help: "Read only the first N rows of each source.")
  static let condition = Option.text(
    "where", "CONDITION",
    help:
      "Read only source rows that meet a condition, in SQL or as a MongoDB filter; for one table.")
  static let maxRejects = Option.integer(
    "max-rejects", "N", in: -1...Int.max, otherwise: -1,
    help: "Stop when the migration has more quarantined rows than this.")
  static let acceptRejects = Option.text(
    "accept-rejects", "N%",
    help:
      "Let tables pass with so many of their rows quarantined, over the plan's limits; exit code 0 up to there.",
    check: ShareOption.check)
  static let maxMinutes = Option.integer(
    "max-minutes", "N", in: 0...100_000, otherwise: 0,
    help: "Pause at a checkpoint after so many minutes.")
  static let until = Option.text(
    "until", "HH:MM", help: "Pause at a checkpoint at this time of the day.")
  static let maxMemory = Option.text(
    "max-memory", "SIZE", help: "Stop when this program takes more memory (MIGRATION_MAX_MEMORY).")
  static let minFreeDisk = Option.text(
    "min-free-disk", "SIZE",
    help: "Stop when the target's disk has less room (MIGRATION_MIN_FREE_DISK).")
  static let throttle = Option.text(
    "throttle", "N%", help: "The share of time that lanes rest, up to 95%; 0 if not given.")
  static let rollback = Option.text(
    "rollback", "WHEN", choices: Triggers.Consent.allCases.map(\.rawValue),
    help: "Whether a rollback that the plan's triggers name is made: off, ask or on.")
  static let resume = Option.flag(
    "resume", help: "Go on where an earlier run ended, which is the default.")
  static let fresh = Option.flag(
    "fresh", help: "Give up an unfinished migration and start over; the tables must be empty.")
  static let emptyTables = Option.flag(
    "empty-tables", help: "With --fresh: empty the target's tables first; asks before.")
  static let details = Option.flag(
    "details",
    help: "With --dry-run: list every row that would be set aside, with its reason (up to 10,000).")
  static let force = Option.flag(
    "force",
    help:
      "Move a table although one that it refers to is not migrated yet, or rows of an earlier session are in it."
  )

  // These are settings too; the resolver reads them by the names of their flags.
  static let batchSize = Option.text(
    "batch-size", "N", help: "Rows of a chunk (MIGRATION_BATCH_SIZE); auto if not given.")
  static let timeout = Option.text(
    "timeout", "TIME", help: "How long a chunk may take (MIGRATION_TIMEOUT).")
  static let maxRetries = Option.text(
    "max-retries", "N", help: "How often a chunk is tried again (MIGRATION_MAX_RETRIES).")

  static let page = CommandPage(
    words: ["run"], group: .migrate,
    summary: "Move the plan's tables, or go on where the last run ended.",
    discussion: [
      "Rows are moved in chunks, each of which is in the target as a whole or not at all. Whatever "
        + "ends a run, the next one goes on with the chunks that are left; no row comes twice.",
      "Ctrl+C once lets the chunks in hand finish and ends with exit code 7; twice rolls them back. "
        + "Rows that can't be taken over are set aside with their reason: migrate errors.",
      "A table with more rejects than the plan's limits.stopAt stops the run with exit code 6, and each run after it, "
        + "until the rows are loaded (migrate retry), the plan allows more, or --accept-rejects does.",
      "--limit and --where move a part of the rows, in a session of its own that ends with it, apart from "
        + "the migration as a whole: without a checkpoint file, and only while no other session of the plan is "
        + "unfinished. A dry run prints the rows that would be set aside, grouped, or all with --details.",
    ],
    operands: [
      Operand(
        name: "TABLE", help: "Tables to move; all if none is named.", isRepeated: true)
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
      ("migrate run", "everything, or the rest of it"),
      ("migrate run customers suppliers", "two tables"),
      ("migrate run --dry-run --limit 1000", "what would happen, without a change"),
      ("migrate run --dry-run --details", "and which rows would be set aside"),
      ("migrate run --accept-rejects 1%", "exit code 0 with up to 1 % of each table quarantined"),
      ("migrate run --until 05:30", "as much as fits into the night"),
    ],
    exitCodes: [
      .done, .failed, .usage, .configuration, .validation, .quarantine, .limit, .paused, .locked,
      .interrupted, .terminated,
    ],
    isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    guard !invocation[details] || invocation[SharedOptions.dryRun] else {
      throw UsageError.badValue(
        "", of: "--details", expected: "--dry-run beside it; after a run: migrate errors --details")
    }
    let request = try RunCommandRequest(invocation, settings).make()
    if request.emptiesTables, !invocation[SharedOptions.yes] {
      try confirmEmptying(request, invocation)
    }
    return try perform(request, invocation, settings, console)
  }

  /// Asks with the database's name, and how many rows of which tables go.
  private static func confirmEmptying(
    _ request: RunRequest, _ invocation: Invocation
  ) throws {
    let emptied = try EmptiedTables.look(request)
    let tables = emptied.tables.map { "\($0.name) (\($0.rows) rows)" }
    try invocation.confirm(
      "This deletes \(emptied.rows) rows from \(emptied.database)"
        + (tables.isEmpty ? "." : ": " + tables.joined(separator: ", ") + "."),
      word: emptied.database, yes: false)
  }
}

import MigrationCore

/// `migrate session start`: starts a named migration.
enum SessionStartCommand {
  static let name = Option.text(
    "name", "NAME",
    help: "The name of the migration in reports and commands (default: plan and date).")
  static let force = Option.flag(
    "force", help: "Start although tables of the plan contain rows.")

  static let page = CommandPage(
    words: ["session", "start"], group: .migrate,
    summary: "Start a named migration, and install its ledger.",
    discussion: [
      "Without this command, a run starts a session itself. A named session accepts notes "
        + "from the first minute. All following commands belong to the open session; only one "
        + "can be open. Rules that write the time of the run use the time of this command."
    ],
    options: [name.spec, force.spec],
    examples: [("migrate session start --name production-2026-03", "before the first table")],
    exitCodes: [.done, .failed, .usage, .configuration, .locked], isAudited: true, run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let plan = try settings.plan(at: invocation.planLocation(settings).planFile)
    try plan.requireHashKey()
    let title = invocation[name] ?? "\(plan.name)-\(Moment.now().description.prefix(10))"
    let ledger = try Ledger(Databases(settings).target(), schema: settings.value(.ledgerSchema))
    let session = try SessionKeeping(ledger).start(plan, title: title, force: invocation[force])
    if console.isJSON {
      console.result(SessionText.document(session))
    } else {
      console.result("\(session.label) of \(session.plan) is open; next: migrate run --all")
    }
    return .done
  }
}

import MigrationCore

/// `migrate session start`: gives a migration a name before it begins.
enum SessionStartCommand {
  static let name = Option.text(
    "name", "NAME",
    help:
      "What the migration is called in reports and by other commands; plan and date if not given.")
  static let force = Option.flag(
    "force", help: "Begin although there are rows in the tables of the plan.")

  static let page = CommandPage(
    words: ["session", "start"], group: .migrate,
    summary: "Begin a migration under a name, and install its ledger.",
    discussion: [
      "A run begins a session by itself where none is open; with this command it has a name, and notes "
        + "can be added from the first minute. All commands that follow belong to the open session. One "
        + "is open at a time. The time of the run that rules write is the moment of this command."
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
      console.result("\(session.label) of \(session.plan) is open; begin with: migrate run --all")
    }
    return .done
  }
}

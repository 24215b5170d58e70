import MigrationCore

/// `migrate notify`: sends a notification now.
enum NotifyCommand {
  static let emergency = Option.flag(
    "emergency", help: "Send the event emergency.")

  static let page = CommandPage(
    words: ["notify"], group: .watch,
    summary: "Send a message with the state of the migration to the webhook or the command.",
    discussion: [
      "NOTIFY_URL is a webhook that receives a POST of JSON. NOTIFY_COMMAND is a shell "
        + "command that receives it on stdin. NOTIFY_EVENTS selects the events of other "
        + "commands; this command always sends. The state of the migration comes from the "
        + "target, and is omitted if the target is unreachable.",
      "Retries up to NOTIFY_RETRIES times, for NOTIFY_TIMEOUT in all. Exits with 1 if the "
        + "message could not be delivered, and with 3 if no notification channel is set.",
    ],
    operands: [Operand(name: "MESSAGE", help: "The message.", isRepeated: true)],
    options: [emergency.spec],
    examples: [
      ("migrate notify \"the window begins\"", "a message"),
      ("migrate notify --emergency", "an emergency, with the state"),
    ],
    exitCodes: [.done, .failed, .usage, .configuration], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let state = MigrationState(invocation)
    let message = invocation.operands.joined(separator: " ")
    let isEmergency = invocation[emergency]
    return try send(
      isEmergency ? .emergency : .message,
      (isEmergency ? ["EMERGENCY"] : []) + (message.isEmpty ? [] : [message]) + [state.text],
      state, invocation)
  }

  /// Sends one notification and waits for its delivery.
  static func send(
    _ event: NotifyEvent, _ words: [String], _ state: MigrationState, _ invocation: Invocation
  ) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let notices = Notices(invocation, settings, console, plan: state.plan)
    guard notices.isSet else {
      throw MigrationError(
        .configuration, "no notification channel is set", reason: "notSet",
        remedy: "set NOTIFY_URL to a webhook or NOTIFY_COMMAND to a command")
    }
    let text = words.joined(separator: ": ")
    notices.post(event, text, state.details)
    let lost = notices.finish()
    if console.isJSON {
      console.result([
        "event": .text(event.rawValue), "text": .text(text), "delivered": .bool(lost.isEmpty),
        "failures": .array(lost.map { .text($0.why) }),
      ])
    } else if lost.isEmpty {
      console.result("sent: \(text)")
    }
    return lost.isEmpty ? .done : .failed
  }
}

/// `migrate notify test`: sends a test notification.
enum NotifyTestCommand {
  static let page = CommandPage(
    words: ["notify", "test"], group: .check,
    summary: "Send a test notification, and report whether it was delivered.",
    examples: [("migrate notify test", "before the maintenance window")],
    exitCodes: [.done, .failed, .usage, .configuration],
    run: { invocation in
      try NotifyCommand.send(
        .test, ["a test notification of migrate"], MigrationState(), invocation)
    })
}

/// The state of the newest migration of the target; empty or partial if unknown.
struct MigrationState {
  let text: String
  private(set) var plan: String?
  private(set) var details: [(String, JSONValue)] = []

  init() { text = "" }

  init(_ invocation: Invocation) {
    guard let opened = try? OpenLedger(invocation),
      let progress = try? opened.ledger.progress(session: opened.session.id)
    else {
      text = "the state of the migration is unknown"
      return
    }
    let done = progress.count { $0.table.status == .done }
    let session = opened.session
    text =
      "\(session.label) of \(session.plan) is \(session.status), "
      + "\(done) of \(CountText.of(progress.count, "table")) done"
    plan = session.plan
    details = [
      ("session", .id(session.id)), ("status", .text("\(session.status)")),
      ("tables", .int(progress.count)), ("tablesDone", .int(done)),
      ("loaded", .int(progress.reduce(0) { $0 + $1.counts.loaded })),
      ("setAside", .int(progress.reduce(0) { $0 + $1.counts.quarantined })),
    ]
  }
}

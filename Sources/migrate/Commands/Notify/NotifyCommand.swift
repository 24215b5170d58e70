import MigrationCore

/// `migrate notify`: sends a notification now.
enum NotifyCommand {
  static let emergency = Option.flag(
    "emergency", help: "Tell it as an emergency: the event is emergency.")

  static let page = CommandPage(
    words: ["notify"], group: .watch,
    summary: "Tell the webhook or the command a message, with the state of the migration.",
    discussion: [
      "NOTIFY_URL names a webhook that gets a POST of JSON, NOTIFY_COMMAND a line for the shell that gets "
        + "it on stdin. What they are told by themselves, NOTIFY_EVENTS says; what this command sends "
        + "they always get. The state of the migration is read from the target, and left out where "
        + "that is out of reach.",
      "It is tried again up to NOTIFY_RETRIES times, for NOTIFY_TIMEOUT in all. The exit code is 1 "
        + "where it could not be delivered, and 3 where nobody is to be told.",
    ],
    operands: [Operand(name: "MESSAGE", help: "What to tell.", isRepeated: true)],
    options: [emergency.spec],
    examples: [
      ("migrate notify \"the window begins\"", "a message"),
      ("migrate notify --emergency", "all is not well, see the state"),
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

  /// Sends one notification and waits for what comes of it.
  static func send(
    _ event: NotifyEvent, _ words: [String], _ state: MigrationState, _ invocation: Invocation
  ) throws -> ExitCode {
    let (settings, console) = try invocation.settingsAndConsole()
    let notices = Notices(invocation, settings, console, plan: state.plan)
    guard notices.isSet else {
      throw MigrationError(
        .configuration, "nobody is to be told anything", reason: "notSet",
        remedy: "set NOTIFY_URL to a webhook, or NOTIFY_COMMAND to a command")
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
      console.result("told: \(text)")
    }
    return lost.isEmpty ? .done : .failed
  }
}

/// `migrate notify test`: does it arrive?
enum NotifyTestCommand {
  static let page = CommandPage(
    words: ["notify", "test"], group: .check,
    summary: "Send a trial to the webhook or the command, and say whether it arrived.",
    examples: [("migrate notify test", "before the window, rather than in it")],
    exitCodes: [.done, .failed, .usage, .configuration],
    run: { invocation in
      try NotifyCommand.send(
        .test, ["a trial of migrate's notifications"], MigrationState(), invocation)
    })
}

/// The state of the newest migration of the target, as far as it is known.
struct MigrationState {
  let text: String
  private(set) var plan: String?
  private(set) var details: [(String, JSONValue)] = []

  init() { text = "" }

  init(_ invocation: Invocation) {
    guard let opened = try? OpenLedger(invocation),
      let progress = try? opened.ledger.progress(session: opened.session.id)
    else {
      text = "the state of the migration is not known"
      return
    }
    let done = progress.count { $0.table.status == .done }
    let session = opened.session
    text =
      "\(session.label) of \(session.plan) is \(session.status), "
      + "\(done) of \(progress.count) tables done"
    plan = session.plan
    details = [
      ("session", .int(session.id)), ("status", .text("\(session.status)")),
      ("tables", .int(progress.count)), ("tablesDone", .int(done)),
      ("loaded", .int(progress.reduce(0) { $0 + $1.counts.loaded })),
      ("setAside", .int(progress.reduce(0) { $0 + $1.counts.quarantined })),
    ]
  }
}

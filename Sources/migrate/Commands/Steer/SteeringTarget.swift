import MigrationCore

/// What the commands that steer a migration share: the ledger, who runs, and how it is waited for.
struct SteeringTarget {
  /// How long a run is waited for by commands that have no option for it.
  static let patience = Duration.seconds(600)

  static let timeout = Option.text(
    "timeout", "TIME",
    help: "How long to wait until the migration has ended (30s, 10m); 10m if not given.")

  let opened: OpenLedger
  let steering: RunSteering

  var console: Console { opened.console }

  init(_ invocation: Invocation) throws {
    opened = try OpenLedger(invocation)
    steering = RunSteering(opened.ledger)
  }

  /// The time that `--timeout` gives.
  static func patience(_ invocation: Invocation) throws -> Duration {
    guard let text = invocation[timeout] else { return patience }
    guard let time = Quantity.duration(text), time > .zero else {
      throw UsageError.badValue(text, of: "--timeout", expected: "a time such as 30s or 10m")
    }
    return time
  }

  /// Asks a run to finish the current chunks and waits until it has ended.
  func pause(_ run: Run, waiting time: Duration) throws -> RunSteering.Ending {
    console.note("run \(run.id) finishes the chunks in hand")
    // A run that ends just now can't be asked, and need not be.
    _ = try steering.ask(.pause)
    return try steering.waitForEnd(of: run, for: time)
  }

  /// The session of a run; without one that is not finished, or the newest.
  func session(of run: Run?) throws -> Session {
    try run.flatMap { try opened.ledger.session($0.session) }
      ?? opened.ledger.latestOpenSession() ?? opened.session
  }
}

/// The report about a migration that was asked to end.
struct EndingReport {
  let target: SteeringTarget
  let run: Run?
  let ending: RunSteering.Ending?

  /// Tells it, and returns the exit code.
  func tell() throws -> ExitCode {
    let session = try target.session(of: run)
    let sheets = try target.opened.ledger.balance(session: session.id)
    if target.console.isJSON {
      target.console.result(document(session, sheets))
    } else {
      for line in lines(session, sheets) { target.console.result(line) }
    }
    return code(session)
  }

  private var state: String {
    switch ending {
    case nil: "notRunning"
    case .working: "running"
    case .lost: "lost"
    case .ended(let run): run.ending?.rawValue ?? "ended"
    }
  }

  /// A request that is already fulfilled is no failure.
  private func code(_ session: Session) -> ExitCode {
    switch ending {
    case .working: .failed
    case .ended(let run) where run.ending == .failed: .failed
    default: .done
    }
  }

  private func lines(_ session: Session, _ sheets: [BalanceSheet]) -> [String] {
    let next = session.status == .open ? ["go on with: migrate resume"] : []
    let safe = safe(sheets)
    switch ending {
    case nil:
      return session.status == .open
        ? ["nothing is running; session \(session.id) is not finished", safe] + next
        : [
          "nothing is running, and nothing is left to do: session \(session.id) is \(session.status)"
        ]
    case .working(let run):
      return [
        "run \(run.id) was asked and has not ended yet; it will after the chunks in hand",
        "see what it is doing: migrate status --lanes; end it at once: migrate stop --now",
      ]
    case .lost(let run):
      return ["run \(run.id) ended without a word", safe] + next
    case .ended(let run) where run.ending == .lost:
      return ["run \(run.id) was \(run.note ?? "lost")", safe] + next
    case .ended(let run) where run.ending == .completed:
      return ["run \(run.id) was done before it could pause", safe]
    case .ended(let run) where run.ending == .failed:
      return ["run \(run.id) failed: \(run.note ?? "see its messages")", safe] + next
    case .ended(let run): return ["run \(run.id) has paused", safe] + next
    }
  }

  private func safe(_ sheets: [BalanceSheet]) -> String {
    let rows = sheets.reduce(0) { $0 + $1.inTarget }
    let done = sheets.reduce(0) { $0 + $1.chunksDone }
    let all = sheets.reduce(0) { $0 + $1.chunks }
    return "safe: \(rows) rows in \(done) of \(all) chunks are committed; none of them comes again"
  }

  private func document(_ session: Session, _ sheets: [BalanceSheet]) -> JSONValue {
    [
      "state": .text(state), "run": run.map { .int($0.id) } ?? .null, "session": .int(session.id),
      "sessionStatus": .text("\(session.status)"),
      "committedRows": .int(sheets.reduce(0) { $0 + $1.inTarget }),
      "chunks": .int(sheets.reduce(0) { $0 + $1.chunks }),
      "chunksDone": .int(sheets.reduce(0) { $0 + $1.chunksDone }),
      "next": session.status == .open ? "migrate resume" : .null,
    ]
  }
}

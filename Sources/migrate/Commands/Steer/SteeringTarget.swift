import MigrationCore

/// The ledger and the running process, for commands that control a migration.
struct SteeringTarget {
  /// The time to wait for a run without `--timeout`.
  static let patience = Duration.seconds(600)

  static let timeout = Option.text(
    "timeout", "TIME",
    help: "The time to wait for the end of the migration, such as 30s (default: 10m).")

  let opened: OpenLedger
  let steering: RunSteering
  /// Whether the operator decides what comes next.
  let isLast: Bool

  var console: Console { opened.console }

  init(_ invocation: Invocation) throws {
    opened = try OpenLedger(invocation)
    isLast = invocation.isLast
    steering = RunSteering(opened.ledger)
  }

  /// Returns the time of `--timeout`.
  static func patience(_ invocation: Invocation) throws -> Duration {
    guard let text = invocation[timeout] else { return patience }
    guard let time = Quantity.duration(text), time > .zero else {
      throw UsageError.badValue(text, of: "--timeout", expected: "a time such as 30s or 10m")
    }
    return time
  }

  /// Asks a run to finish the current chunks and waits until it has ended.
  func pause(_ run: Run, waiting time: Duration) throws -> RunSteering.Ending {
    console.note("run \(run.id) is finishing its current chunks")
    // A run that has just ended takes no request, and needs none.
    _ = try steering.ask(.pause)
    return try steering.waitForEnd(of: run, for: time)
  }

  /// Returns the session of a run; without a run, the open one or the newest.
  func session(of run: Run?) throws -> Session {
    try run.flatMap { try opened.ledger.session($0.session) }
      ?? opened.ledger.latestOpenSession() ?? opened.session
  }
}

/// The report after a request to end a migration.
struct EndingReport {
  let target: SteeringTarget
  let run: Run?
  let ending: RunSteering.Ending?

  /// Prints the report, and returns the exit code.
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

  /// Returns `.failed` if the run failed or has not ended.
  private func code(_ session: Session) -> ExitCode {
    switch ending {
    case .working: .failed
    case .ended(let run) where run.ending == .failed: .failed
    default: .done
    }
  }

  private func lines(_ session: Session, _ sheets: [RowCounts]) -> [String] {
    let next = session.status == .open && target.isLast ? ["next: migrate resume"] : []
    let safe = safe(sheets)
    switch ending {
    case nil:
      return session.status == .open
        ? ["nothing is running; session \(session.id) is unfinished", safe] + next
        : [
          "nothing is running, and nothing is left to do: session \(session.id) is \(session.status)"
        ]
    case .working(let run):
      return [
        "run \(run.id) has not ended yet; it ends after its current chunks",
        "see its chunks: migrate status --lanes; end it immediately: migrate stop --now",
      ]
    case .lost(let run):
      return ["run \(run.id) ended without a report", safe] + next
    case .ended(let run) where run.ending == .lost:
      return ["run \(run.id) was \(run.note ?? "lost")", safe] + next
    case .ended(let run) where run.ending == .completed:
      return ["run \(run.id) completed before it could pause", safe]
    case .ended(let run) where run.ending == .failed:
      return ["run \(run.id) failed: \(run.note ?? "see its messages")", safe] + next
    case .ended(let run): return ["run \(run.id) is paused", safe] + next
    }
  }

  private func safe(_ sheets: [RowCounts]) -> String {
    let rows = sheets.reduce(0) { $0 + $1.inTarget }
    let done = sheets.reduce(0) { $0 + $1.chunksDone }
    let all = sheets.reduce(0) { $0 + $1.chunks }
    return
      "committed: \(CountText.of(rows, "row")) in \(GroupedNumber.text(done)) of \(CountText.of(all, "chunk")); no row is loaded twice"
  }

  private func document(_ session: Session, _ sheets: [RowCounts]) -> JSONValue {
    [
      "state": .text(state), "run": run.map { .id($0.id) } ?? .null, "session": .id(session.id),
      "sessionStatus": .text("\(session.status)"),
      "committedRows": .int(sheets.reduce(0) { $0 + $1.inTarget }),
      "chunks": .int(sheets.reduce(0) { $0 + $1.chunks }),
      "chunksDone": .int(sheets.reduce(0) { $0 + $1.chunksDone }),
      "next": session.status == .open ? "migrate resume" : .null,
    ]
  }
}

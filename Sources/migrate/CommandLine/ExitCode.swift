/// The exit code of the process; a documented contract.
enum ExitCode: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case usage = 2
  case configuration = 3
  case validation = 4
  case quarantine = 5
  case limit = 6
  case paused = 7
  case locked = 8
  case interrupted = 130
  case terminated = 143

  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .usage: "wrong usage: the command line can't be understood"
    case .configuration:
      "configuration or connection: a setting is wrong or a database is not usable"
    case .validation: "validation says no"
    case .quarantine: "completed, but rows are in quarantine"
    case .limit: "stopped by a safety limit"
    case .paused: "paused with work left; the checkpoint is kept"
    case .locked: "another migration holds the target"
    case .interrupted: "interrupted (Ctrl+C)"
    case .terminated: "terminated (SIGTERM)"
    }
  }
}

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
    case .usage: "usage error: the command line is invalid"
    case .configuration:
      "configuration or connection error: a setting is invalid or a database is unusable"
    case .validation: "validation failed"
    case .quarantine: "completed with quarantined rows"
    case .limit: "stopped by a safety limit"
    case .paused: "paused with chunks left; the checkpoint is kept"
    case .locked: "another migration holds the target"
    case .interrupted: "interrupted (Ctrl+C)"
    case .terminated: "terminated (SIGTERM)"
    }
  }
}

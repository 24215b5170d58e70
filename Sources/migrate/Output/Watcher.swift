import Glibc
import MigrationCore

/// Shows a text repeatedly until it no longer changes.
///
/// On a terminal the new text replaces the old one; elsewhere the texts follow each other.
struct Watcher {
  static let watch = Option.flag(
    "watch", help: "Refresh the output until the migration ends; Ctrl+C stops.")
  static let interval = Option.text(
    "interval", "TIME", help: "The time between refreshes with --watch (default: 2s).")

  let console: Console
  private let interval: Duration

  /// - Throws: `UsageError` if the options contradict each other.
  init(_ invocation: Invocation, _ console: Console) throws {
    self.console = console
    guard let text = invocation[Self.interval] else {
      interval = .seconds(2)
      return
    }
    guard let time = Self.time(text) else {
      throw UsageError.badValue(text, of: "--interval", expected: "a time from 50ms to 1h")
    }
    interval = time
  }

  /// Whether to watch. `--json` excludes it: a command prints only one document.
  static func isWanted(_ invocation: Invocation) throws -> Bool {
    guard invocation[watch] else { return false }
    guard !invocation.console.isJSON else {
      throw UsageError.conflict("--watch", with: "--json")
    }
    return true
  }

  /// - Parameter draw: Returns the text, and whether it can still change.
  func run(_ draw: () throws -> (text: String, canChange: Bool)) throws {
    var lines = 0
    while true {
      let (text, canChange) = try draw()
      if lines > 0, console.output.isTerminal {
        console.output.write("\u{1B}[\(lines)A\u{1B}[0J")
      }
      console.result(text)
      lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
      guard canChange else { return }
      usleep(UInt32(interval / .microseconds(1)))
    }
  }

  private static func time(_ text: String) -> Duration? {
    guard let time = Quantity.duration(text), time >= .milliseconds(50), time <= .seconds(3600)
    else { return nil }
    return time
  }
}

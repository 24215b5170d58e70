import Glibc
import MigrationCore

/// Shows a text again and again until there is nothing more to watch.
///
/// On a terminal the new text takes the place of the old one; elsewhere one follows the other.
struct Watcher {
  static let watch = Option.flag(
    "watch", help: "Show it again and again until the migration ends; Ctrl+C ends it too.")
  static let interval = Option.text(
    "interval", "TIME", help: "The time between two views with --watch; 2s if not given.")

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
      throw UsageError.badValue(text, of: "--interval", expected: "a time such as 500ms or 5s")
    }
    interval = time
  }

  /// With `--json` a command prints one document, so that there is nothing to repeat.
  static func isWanted(_ invocation: Invocation) throws -> Bool {
    guard invocation[watch] else { return false }
    guard !invocation.console.isJSON else {
      throw UsageError.badValue(
        "--json", of: "--watch", expected: "one of the two: --json prints one document")
    }
    return true
  }

  /// - Parameter draw: returns what to show, and whether it may change yet.
  func run(_ draw: () throws -> (text: String, goesOn: Bool)) throws {
    var lines = 0
    while true {
      let (text, goesOn) = try draw()
      if lines > 0, console.output.isTerminal {
        console.output.write("\u{1B}[\(lines)A\u{1B}[0J")
      }
      console.result(text)
      lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
      guard goesOn else { return }
      usleep(UInt32(interval / .microseconds(1)))
    }
  }

  private static func time(_ text: String) -> Duration? {
    guard let time = Quantity.duration(text), time >= .milliseconds(50), time <= .seconds(3600)
    else { return nil }
    return time
  }
}

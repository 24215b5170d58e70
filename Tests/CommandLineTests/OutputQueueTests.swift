import Foundation
import TestSupport
import Testing

@testable import migrate

/// Output to a terminal that does not read.
@Suite struct OutputQueueTests {
  private func line(_ text: String, _ terminal: PseudoTerminal) -> OutputQueue.Entry {
    OutputQueue.Entry(descriptor: terminal.descriptor, text: text + "\n")
  }

  private func bar(_ text: String, _ terminal: PseudoTerminal) -> OutputQueue.Entry {
    OutputQueue.Entry(descriptor: terminal.descriptor, text: "\r" + text, isProgress: true)
  }

  @Test func linesWaitInOrderAndOfTheProgressTheNewestDoes() throws {
    let terminal = try PseudoTerminal()
    let queue = OutputQueue(patience: .milliseconds(200))
    terminal.stop()
    let begun = ContinuousClock.now
    for number in 1...50 {
      queue.add(line("line \(number)", terminal))
      for share in 1...20 { queue.add(bar("bar \(number) \(share)", terminal)) }
    }
    queue.add(line("end", terminal))
    queue.finish()
    let time = ContinuousClock.now - begun
    #expect(time >= .milliseconds(200) && time < .seconds(5), "\(time)")
    terminal.goOn()
    let shown = terminal.read(until: "end\r\n")
    let expected = (1...50).map { "line \($0)\r\n\rbar \($0) 20\r\n" }.joined() + "end\r\n"
    #expect(shown == expected, "\(shown)")
  }

  /// A bar at the end has the end of its line, and a question has none.
  @Test func aBarEndsItsLine() throws {
    let terminal = try PseudoTerminal()
    let queue = OutputQueue()
    queue.add(bar("one", terminal))
    queue.add(bar("two", terminal))
    queue.finish()
    queue.add(OutputQueue.Entry(descriptor: terminal.descriptor, text: "well? "))
    queue.add(line("yes", terminal))
    queue.finish()
    let shown = terminal.read(until: "yes")
    #expect(shown.hasSuffix("\rtwo\r\nwell? yes\r\n"), "\(shown)")
  }

  @Test func whatFindsNoRoomIsCounted() throws {
    let terminal = try PseudoTerminal()
    let queue = OutputQueue(patience: .milliseconds(200), mostBytes: 1000)
    terminal.stop()
    let begun = ContinuousClock.now
    for number in 1...100 { queue.add(line("a line with the number \(number)", terminal)) }
    // Only the first that finds no room waits.
    #expect(ContinuousClock.now - begun < .seconds(5))
    queue.finish()
    terminal.goOn()
    let shown = terminal.read(until: "read nothing")
    let lines = shown.split(separator: "\r\n")
    let kept = lines.count - 1
    #expect(kept >= 30 && kept < 50, "\(kept)")
    #expect(lines.first == "a line with the number 1")
    #expect(
      lines.last == "\(100 - kept) lines were not shown: the terminal read nothing", "\(shown)")
  }

  @Test func allIsWrittenToWhoeverReads() throws {
    let terminal = try PseudoTerminal()
    let queue = OutputQueue(mostBytes: 100)
    // The threads of tasks may all be at work for other tests.
    Thread.detachNewThread { [descriptor = terminal.descriptor] in
      for number in 1...2000 {
        queue.add(OutputQueue.Entry(descriptor: descriptor, text: "\(number)\n"))
      }
      queue.finish()
    }
    let shown = terminal.read(until: "\r\n2000\r\n")
    #expect(shown.split(separator: "\r\n").map { Int($0) } == (1...2000).map(\.self))
  }
}

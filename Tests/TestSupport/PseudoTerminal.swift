import Foundation
import Glibc

/// A terminal of a test's own, which reads what a program writes only when the test does.
public final class PseudoTerminal {
  /// The path that programs write to.
  public let path: String
  /// The terminal as programs have it; kept open, so that what was written last can be read when they have ended.
  public let descriptor: Int32
  private let master: Int32

  public init() throws {
    // Swift does not see `posix_openpt` and its like: these are the calls behind them.
    let (setLock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (lock, number): (Int32, UInt32) = (0, 0)
    guard ioctl(master, setLock, &lock) == 0, ioctl(master, getNumber, &number) == 0 else {
      throw SubprocessFailure(description: "no pseudo terminal: error \(errno)")
    }
    path = "/dev/pts/\(number)"
    descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
  }

  deinit {
    // Frees whoever still waits for this terminal.
    goOn()
    close(master)
    close(descriptor)
  }

  /// Types Ctrl+S: from now on the terminal shows nothing, and writes to it wait.
  ///
  /// The kernel takes what is typed a moment later, and says then that there is no room to write.
  public func stop() {
    type("\u{13}")
    let end = ContinuousClock.now + .seconds(30)
    while hasRoom, ContinuousClock.now < end { usleep(1000) }
  }

  private var hasRoom: Bool {
    var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&question, 1, 0) > 0 && question.revents & Int16(POLLOUT) != 0
  }

  /// Types Ctrl+Q.
  public func goOn() { type("\u{11}") }

  public func type(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(master, $0.baseAddress, $0.count) }
  }

  /// Reads what the terminal shows until a program has ended.
  public func read(untilEndOf pid: pid_t) -> String { read { _ in !isAtWork(pid) } }

  /// Reads what the terminal shows until it shows a text, or half a minute has passed.
  public func read(until text: String) -> String {
    let end = ContinuousClock.now + .seconds(30)
    return read { $0.contains(text) || .now > end }
  }

  private func read(_ isEnough: (String) -> Bool) -> String {
    var shown: [UInt8] = []
    while true {
      // Whoever ended before had written all of it.
      let isEnough = isEnough(String(decoding: shown, as: UTF8.self))
      if !readSome(into: &shown), isEnough { return String(decoding: shown, as: UTF8.self) }
    }
  }

  private func readSome(into shown: inout [UInt8]) -> Bool {
    var question = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&question, 1, 100) > 0, question.revents & Int16(POLLIN) != 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = Glibc.read(master, &buffer, buffer.count)
    if count > 0 { shown += buffer[..<count] }
    return count > 0
  }
}

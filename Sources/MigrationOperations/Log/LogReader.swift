import Glibc
import MigrationBasics

/// Reads the log of runs: what is there, and what comes.
package struct LogReader: Sendable {
  private let path: String

  package init(folder: String) { path = folder + "/" + LogFile.name }

  /// The files from the oldest to the one that is written.
  package var files: [String] {
    var numbered: [String] = []
    var number = 1
    while access("\(path).\(number)", F_OK) == 0 {
      numbered.append("\(path).\(number)")
      number += 1
    }
    return numbered.reversed() + (access(path, F_OK) == 0 ? [path] : [])
  }

  /// Returns the last N lines that are wanted, the oldest first.
  package func last(_ count: Int, where isWanted: (LogLine) -> Bool) throws -> [LogLine] {
    var found: [LogLine] = []
    for file in files {
      var stream = LineStream()
      guard stream.open(file) else { continue }
      stream.read { text in
        guard let line = LogLine(text), isWanted(line) else { return }
        found.append(line)
        // Trimmed now and then, so that memory does not grow with the files.
        if found.count > 2 * count + 100 { found.removeFirst(found.count - count) }
      }
      stream.close()
    }
    return found.suffix(count)
  }

  /// Hands over what is written from now on, until it is over.
  ///
  /// A file that was full and moved away is read to its end before the next one is begun.
  package func follow(until isOver: () -> Bool, _ take: (LogLine) -> Void) {
    let hand = { (text: String) in if let line = LogLine(text) { take(line) } }
    var stream = LineStream()
    if stream.open(path) { stream.skipToEnd() }
    while !isOver() {
      if !stream.isOpen { _ = stream.open(path) }
      stream.read(hand)
      if stream.isOpen, stream.identity != FileIdentity(path: path) {
        stream.read(hand)
        stream.close()
      } else {
        WorkerThread.sleep(.milliseconds(100))
      }
    }
    stream.close()
  }
}

/// A file read line by line; what has no end yet is kept for the next time.
private struct LineStream {
  private var descriptor: Int32 = -1
  private var rest: [UInt8] = []
  private(set) var identity: FileIdentity?

  var isOpen: Bool { descriptor >= 0 }

  mutating func open(_ path: String) -> Bool {
    guard let opened = try? InputFile.open(path) else { return false }
    descriptor = opened
    var status = stat()
    identity = fstat(descriptor, &status) == 0 ? FileIdentity(status) : nil
    rest = []
    return true
  }

  mutating func skipToEnd() { lseek(descriptor, 0, SEEK_END) }

  mutating func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Hands over the lines that are there, up to the end of the file.
  mutating func read(_ take: (String) -> Void) {
    guard descriptor >= 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      rest += buffer[..<count]
      var start = 0
      while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
        take(String(decoding: rest[start..<end], as: UTF8.self))
        start = end + 1
      }
      rest.removeFirst(start)
    }
  }
}

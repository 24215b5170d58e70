import Glibc
import MigrationBasics
import MigrationLedger
import Mongo

/// Reads the log of runs: what is there, and what comes.
package struct LogReader: Sendable {
  private let folder: String
  private let path: String

  package init(folder: String) { (self.folder, path) = (folder, folder + "/" + LogFile.name) }

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

  /// What was found, the oldest first, and the archives that were read for it.
  package struct Found {
    package fileprivate(set) var lines: [LogLine] = []
    package fileprivate(set) var archives: [String] = []
  }

  /// Whether there is anything to read.
  package var isThere: Bool { !files.isEmpty || !LogArchive.runLogs(in: folder).isEmpty }

  /// Returns the last N lines that are wanted; archives are read only if the log has fewer.
  package func last(_ count: Int, where isWanted: @escaping (LogLine) -> Bool) throws -> Found {
    var found = Found()
    var seen: Set<FileIdentity> = []
    // A file that is full meanwhile gets another name.
    for file in files.reversed() where found.lines.count < count {
      guard let identity = FileIdentity(path: file), seen.insert(identity).inserted else {
        continue
      }
      var lines = LastLines(count - found.lines.count, isWanted)
      var stream = LineStream()
      guard stream.open(file) else { continue }
      stream.read { lines.take($0) }
      stream.close()
      found.lines.insert(contentsOf: lines.found, at: 0)
    }
    for archive in LogArchive.runLogs(in: folder) where found.lines.count < count {
      let lines = try Self.lines(of: archive, count - found.lines.count, isWanted)
      found.lines.insert(contentsOf: lines, at: 0)
      found.archives.append(archive)
    }
    return found
  }

  private static func lines(
    of archive: String, _ count: Int, _ isWanted: @escaping (LogLine) -> Bool
  ) throws -> ArraySlice<LogLine> {
    var lines = LastLines(count, isWanted)
    var splitter = LineSplitter()
    do throws(DumpError) {
      try CompressedCopy.decompress(archive) { bytes in splitter.add(bytes) { lines.take($0) } }
    } catch {
      throw MigrationError(
        .failed, "could not read the archive of logs: \(error.reason)", reason: AtomicFile.reason,
        place: archive, remedy: "move it away to read the others")
    }
    return lines.found
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

/// The last entries of a file that are wanted.
private struct LastLines {
  private let count: Int
  private let isWanted: (LogLine) -> Bool
  private var lines: [LogLine] = []

  init(_ count: Int, _ isWanted: @escaping (LogLine) -> Bool) {
    (self.count, self.isWanted) = (count, isWanted)
  }

  mutating func take(_ text: String) {
    guard let line = LogLine(text), isWanted(line) else { return }
    lines.append(line)
    // Trimmed now and then, so that memory does not grow with the file.
    if lines.count > 2 * count + 100 { lines.removeFirst(lines.count - count) }
  }

  var found: ArraySlice<LogLine> { lines.suffix(count) }
}

/// Bytes cut into lines; what has no end yet is kept for the next time.
private struct LineSplitter {
  private var rest: [UInt8] = []

  mutating func add(_ bytes: ArraySlice<UInt8>, _ take: (String) -> Void) {
    rest += bytes
    var start = 0
    while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
      take(String(decoding: rest[start..<end], as: UTF8.self))
      start = end + 1
    }
    rest.removeFirst(start)
  }
}

/// A file read line by line.
private struct LineStream {
  private var descriptor: Int32 = -1
  private var splitter = LineSplitter()
  private(set) var identity: FileIdentity?

  var isOpen: Bool { descriptor >= 0 }

  mutating func open(_ path: String) -> Bool {
    guard let opened = try? InputFile.open(path) else { return false }
    descriptor = opened
    var status = stat()
    identity = fstat(descriptor, &status) == 0 ? FileIdentity(status) : nil
    splitter = LineSplitter()
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
      splitter.add(buffer[..<count], take)
    }
  }
}

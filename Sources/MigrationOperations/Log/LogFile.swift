import Glibc
import MigrationBasics
import MigrationLedger
import MigrationPlan
import Synchronization

/// The log of runs: lines of JSON in a file that is followed by another when it is full.
///
/// `migrate.log` is written; `migrate.log.1`, `.2`, … are what was full, the newest first. Programs
/// may write to the same file at once: lines are appended whole, and who finds the file full moves
/// it while holding a lock. A log that can't be written never stops a run.
package final class LogFile: Sendable {
  package static let name = "migrate.log"

  /// How large a file may become, and how many full ones are kept.
  package struct Limits: Sendable {
    package let bytes: Int
    package let files: Int

    package init(bytes: Int, files: Int) { (self.bytes, self.files) = (max(1, bytes), files) }
  }

  package let path: String
  private let limits: Limits
  private let descriptor = Mutex<Int32>(-1)

  /// Opens the log in a folder, which is made if it is not there.
  ///
  /// - Throws: `MigrationError`, with the path and what to do.
  package init(folder: String, limits: Limits) throws(MigrationError) {
    path = folder + "/" + Self.name
    self.limits = limits
    try AtomicFile.makeFolder(folder)
    let opened = try Self.open(path)
    descriptor.withLock { $0 = opened }
  }

  deinit { descriptor.withLock { _ = close($0) } }

  /// Adds a line; returns false if that was not possible.
  @discardableResult
  package func append(_ line: String) -> Bool {
    let bytes = Array((line + "\n").utf8)
    return descriptor.withLock { descriptor in
      do throws(MigrationError) {
        try makeRoom(for: bytes.count, &descriptor)
        try AtomicFile.writeAll(bytes, to: descriptor, path)
        return true
      } catch { return false }
    }
  }

  /// Rows of the source may be in messages of servers, so that only the owner may read it.
  private static func open(_ path: String) throws(MigrationError) -> Int32 {
    try AtomicFile.openToAppend(path)
  }

  private func makeRoom(for count: Int, _ descriptor: inout Int32) throws(MigrationError) {
    if Self.identity(path) != Self.identity(descriptor) { try reopen(&descriptor) }
    guard let size = Self.size(descriptor), size > 0, size + count > limits.bytes else { return }
    flock(descriptor, LOCK_EX)
    // Whoever waited for the lock finds that another program has moved the file already.
    if Self.identity(path) == Self.identity(descriptor) { moveFiles() }
    flock(descriptor, LOCK_UN)
    try reopen(&descriptor)
  }

  private func reopen(_ descriptor: inout Int32) throws(MigrationError) {
    let fresh = try Self.open(path)
    close(descriptor)
    descriptor = fresh
  }

  private func moveFiles() {
    guard limits.files > 0 else {
      unlink(path)
      return
    }
    for number in stride(from: limits.files - 1, through: 1, by: -1) {
      rename("\(path).\(number)", "\(path).\(number + 1)")
    }
    rename(path, path + ".1")
  }

  private static func size(_ descriptor: Int32) -> Int? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
  }

  private static func identity(_ descriptor: Int32) -> FileIdentity? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? FileIdentity(status) : nil
  }

  private static func identity(_ path: String) -> FileIdentity? { FileIdentity(path: path) }
}

/// Which file it is, whatever it is called.
struct FileIdentity: Hashable {
  let device: dev_t
  let number: ino_t

  init(_ status: stat) { (device, number) = (status.st_dev, status.st_ino) }

  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }
}

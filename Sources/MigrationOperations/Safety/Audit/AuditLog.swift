import Glibc
import MigrationBasics
import MigrationLedger

/// The file of the audit log. Programs that write at once wait for each other, so that there is one
/// chain; a line is on disk before the command continues.
package struct AuditLog: Sendable {
  package static let name = "migration-audit.log"

  package let path: String

  package init(folder: String) { path = folder + "/" + Self.name }

  /// Whether there is a file; it may be empty, which no program leaves it.
  var exists: Bool { access(path, F_OK) == 0 }

  /// Adds a line, and returns it.
  ///
  /// - Throws: `LedgerError` if the file can't be written, or if its last line is not one.
  @discardableResult
  package func append(_ fields: [(String, JSONValue)]) throws(MigrationError) -> AuditLine {
    let descriptor = try open()
    defer { close(descriptor) }
    flock(descriptor, LOCK_EX)
    let last = try lastLine(descriptor)
    let line = AuditLine(after: last, log: last?.log ?? Self.drawName(), fields)
    try AtomicFile.writeAll(Array((line.text + "\n").utf8), to: descriptor, path)
    guard fsync(descriptor) == 0 else { throw AtomicFile.problem("sync the file", path) }
    return line
  }

  /// Returns the lines as they are in the file; none if there is no file.
  package func lines() throws(MigrationError) -> [String] {
    guard let descriptor = try AtomicFile.openToRead(path) else { return [] }
    defer { close(descriptor) }
    flock(descriptor, LOCK_SH)
    let bytes = try read(descriptor, from: 0)
    return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  private func open() throws(MigrationError) -> Int32 {
    let folder = String(path.dropLast(Self.name.utf8.count + 1))
    try AtomicFile.makeFolder(folder)
    return try AtomicFile.openToAppend(path, reading: true)
  }

  /// Returns the last line. One that has no end was never acknowledged: a program was killed while
  /// it wrote it, and is removed.
  private func lastLine(_ descriptor: Int32) throws(MigrationError) -> AuditLine? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw AtomicFile.problem("read the file", path) }
    let size = Int(status.st_size)
    // No command line is longer than this.
    let start = max(0, size - (4 << 20))
    let bytes = try read(descriptor, from: start)
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else {
      try cut(descriptor, to: 0)
      return nil
    }
    try cut(descriptor, to: start + end + 1)
    let begin = bytes[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard let line = AuditLine(String(decoding: bytes[begin..<end], as: UTF8.self)) else {
      throw MigrationError(
        .coded(.corruption), "the last line of the audit log was changed", reason: "ledgerDamaged",
        place: path,
        remedy: "see the findings: migrate audit verify; then keep the file under another name")
    }
    return line
  }

  private func cut(_ descriptor: Int32, to size: Int) throws(MigrationError) {
    guard ftruncate(descriptor, off_t(size)) == 0 else {
      throw AtomicFile.problem("write the file", path)
    }
  }

  private func read(_ descriptor: Int32, from start: Int) throws(MigrationError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = pread(descriptor, &buffer, buffer.count, off_t(start + bytes.count))
      if count == 0 { return bytes }
      if count > 0 {
        bytes += buffer[..<count]
      } else if errno != EINTR {
        throw AtomicFile.problem("read the file", path)
      }
    }
  }

  private static func drawName() -> String {
    var random = SystemRandomNumberGenerator()
    let digits = String(random.next(), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

import Glibc
import MigrationBasics

/// A file whose contents become what is given, in place: what is right already is not written again.
struct MendedFile {
  private let path: String
  private let descriptor: Int32
  private var offset = 0
  /// Whether the file ends at the offset, as from there on it was another one.
  private var isCut = false

  init(_ path: String) throws(MigrationError) {
    self.path = path
    descriptor = try AtomicFile.openToAppend(path, reading: true)
  }

  /// Continues with some bytes: they are there, or are written in place of what follows.
  mutating func add(_ bytes: [UInt8]) throws(MigrationError) {
    if !isCut, !isThere(bytes) { try cut() }
    if isCut { try AtomicFile.writeAll(bytes, to: descriptor, path) }
    offset += bytes.count
  }

  /// Takes away what is left of the old contents, and forces the file to disk.
  mutating func end() throws(MigrationError) {
    if !isCut { try cut() }
    guard fsync(descriptor) == 0 else { throw AtomicFile.problem("sync the file", path) }
  }

  func close() { Glibc.close(descriptor) }

  private mutating func cut() throws(MigrationError) {
    guard ftruncate(descriptor, offset) == 0 else {
      throw AtomicFile.problem("write the file", path)
    }
    isCut = true
  }

  private func isThere(_ bytes: [UInt8]) -> Bool {
    var found = [UInt8](repeating: 0, count: bytes.count)
    var read = 0
    while read < bytes.count {
      let count = found.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + read }, $0.count - read, offset + read)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      read += count
    }
    return found == bytes
  }
}

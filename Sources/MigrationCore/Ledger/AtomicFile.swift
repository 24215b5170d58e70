import Glibc

/// Replaces files so that after a crash there is the old one or the new one, whole.
enum AtomicFile {
  /// Writes beside the file, forces it to disk, renames it over the file, and forces that too.
  static func write(
    _ path: String, permissions: mode_t = 0o644,
    _ produce: (_ append: (String) throws -> Void) throws -> Void
  ) throws {
    let temporary = path + ".tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw problem("can't be created", temporary) }
    do {
      defer { close(descriptor) }
      try produce { text in try writeAll(Array(text.utf8), to: descriptor, temporary) }
      guard fsync(descriptor) == 0 else { throw problem("can't be forced to disk", temporary) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else { throw problem("can't be replaced", path) }
    try syncFolder(of: path)
  }

  /// Removes a file; one that is not there is fine.
  static func remove(_ path: String) throws(LedgerError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw problem("can't be removed", path) }
    try syncFolder(of: path)
  }

  /// Writes all bytes, however often the system takes less than that or is interrupted.
  static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(LedgerError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw problem("can't be written", path)
      }
    }
  }

  static func problem(_ what: String, _ path: String) -> LedgerError {
    let code = errno
    let reason = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return LedgerError(
      .fileProblem, "the file \(what): \(reason)", place: path,
      remedy: "see that the folder can be written to and its disk has space")
  }

  /// A rename is in the folder, and only on disk when the folder is.
  private static func syncFolder(of path: String) throws(LedgerError) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem("has a folder that can't be opened", path) }
    defer { close(descriptor) }
    // Some network file systems can't do this and say EINVAL: there is nothing more to do.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw problem("has a folder that can't be forced to disk", path)
    }
  }
}

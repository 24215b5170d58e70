import Glibc

/// Writes files for their owner alone: everything that this program leaves may hold values of rows.
///
/// A file that is replaced is, after a crash, the old one or the new one, whole.
package enum AtomicFile {
  package static let permissions: mode_t = 0o600
  /// One word for programs.
  package static let reason = "fileProblem"

  /// Writes next to the file, forces it to disk, renames it over the file, and forces that too.
  ///
  /// The name next to it can't be guessed, and nothing may be there yet: a link that others have
  /// laid is not followed.
  package static func write(
    _ path: String, _ produce: (_ append: (String) throws -> Void) throws -> Void
  ) throws {
    let temporary = "\(path).\(randomDigits()).tmp"
    let descriptor = open(
      temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw problem("create the file", temporary) }
    do {
      defer { close(descriptor) }
      try produce { text in try writeAll(Array(text.utf8), to: descriptor, temporary) }
      guard fsync(descriptor) == 0 else { throw problem("sync the file", temporary) }
    } catch {
      unlink(temporary)
      throw error
    }
    guard rename(temporary, path) == 0 else {
      let failure = problem("replace the file", path)
      unlink(temporary)
      throw failure
    }
    try syncFolder(of: path)
  }

  /// Opens a file that is written at its end, and made if it is not there; the caller closes it.
  ///
  /// A link or anything else that is no file is refused, and wider rights are taken back.
  package static func openToAppend(_ path: String, reading: Bool = false) throws(MigrationError)
    -> Int32
  {
    let flags = (reading ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND
    let descriptor = open(
      path, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, permissions)
    guard descriptor >= 0 else {
      throw problem("open the file", path, because: errno == ELOOP ? "it is a symbolic link" : nil)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw MigrationError(
        .failed, "could not open the file: it is not a regular file", reason: Self.reason,
        place: path,
        remedy: "move it away")
    }
    narrow(descriptor, status)
    return descriptor
  }

  /// Opens a file for reading, which the caller closes; nil if there is none.
  package static func openToRead(_ path: String) throws(MigrationError) -> Int32? {
    do throws(FileProblem) { return try InputFile.open(path) } catch {
      if error.code == .missing { return nil }
      throw MigrationError(
        .failed, "could not open the file: \(error.reason)", reason: Self.reason, place: path,
        remedy: "make the file readable for this user, or move it away")
    }
  }

  /// Takes rights of others from a file of older versions; one that belongs to another user stays as it is.
  private static func narrow(_ descriptor: Int32, _ status: stat) {
    if status.st_mode & 0o7777 != permissions, status.st_uid == geteuid() {
      fchmod(descriptor, permissions)
    }
  }

  /// Makes a folder for its owner alone, with those above it; one that is there stays as it is.
  package static func makeFolder(_ path: String) throws(MigrationError) {
    if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
    let above = DiskSpace.parent(of: path)
    guard errno == ENOENT, above != path else { throw problem("create the folder", path) }
    try makeFolder(above)
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw problem("create the folder", path)
    }
  }

  private static func randomDigits() -> String {
    var random = SystemRandomNumberGenerator()
    return String(random.next() as UInt64, radix: 16)
  }

  /// Removes a file; one that is not there is fine.
  package static func remove(_ path: String) throws(MigrationError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw problem("remove the file", path) }
    try syncFolder(of: path)
  }

  /// Writes all bytes, however often the system takes less than that or is interrupted.
  package static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, _ path: String
  ) throws(MigrationError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw problem("write the file", path)
      }
    }
  }

  /// - Parameter act: what failed: `write the file`.
  package static func problem(
    _ act: String, _ path: String, because cause: String? = nil
  ) -> MigrationError {
    let code = errno
    return MigrationError(
      .failed, "could not \(act): \(cause ?? errorText(code))", reason: Self.reason, place: path,
      remedy: "check that the folder is writable and its disk has space")
  }

  /// A rename is in the folder, and only on disk when the folder is.
  private static func syncFolder(of path: String) throws(MigrationError) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem("open the folder of the file", path) }
    defer { close(descriptor) }
    // Some network file systems can't do this and say EINVAL: there is nothing more to do.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw problem("sync the folder of the file", path)
    }
  }
}

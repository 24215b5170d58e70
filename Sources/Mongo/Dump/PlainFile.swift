import Glibc

/// Opens files for reading so that nothing but a plain file is ever waited for.
///
/// A pipe, a socket or a device under a name that a setting gives would stop the program in `open`,
/// where no signal ends it. So it is opened without waiting, and checked before it is read.
public enum PlainFile {
  /// Why a file could not be opened.
  public struct Problem: Error, Hashable, Sendable {
    /// The system's number; 0 if the name is no file.
    public let code: CInt
    public let reason: String
  }

  /// Returns a descriptor, which the caller closes.
  ///
  /// - Parameter flags: besides those that every file is opened with.
  public static func open(_ path: String, flags: CInt = 0) throws(Problem) -> CInt {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags)
    guard descriptor >= 0 else { throw systemProblem() }
    do throws(Problem) {
      try check(descriptor)
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Makes sure that a name is a plain file or leads to one, without opening it.
  public static func require(_ path: String) throws(Problem) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw systemProblem() }
    try check(status)
  }

  private static func check(_ descriptor: CInt) throws(Problem) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemProblem() }
    try check(status)
  }

  private static func check(_ status: stat) throws(Problem) {
    let kind: String
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFDIR: kind = "a folder"
    case S_IFIFO: kind = "a named pipe"
    case S_IFSOCK: kind = "a socket"
    default: kind = "a device"
    }
    throw Problem(code: 0, reason: "it is \(kind), not a file")
  }

  private static func systemProblem() -> Problem {
    let code = errno
    // A socket can't be opened at all.
    return Problem(
      code: code,
      reason: code == ENXIO ? "it is a socket, not a file" : String(cString: strerror(code)))
  }
}

import Glibc

/// How a file is distinguished from others, and from what it is after a change, without reading it.
///
/// The same mark means the same contents: whatever writes to a file changes its times, and the second of them can be
/// not set by users. Another mark may be that of a copy.
public struct DumpFileMark: Hashable, Sendable {
  public let text: String

  public init(text: String) { self.text = text }

  public init(of path: String) throws(DumpError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system("could not access", path) }
    let times = [status.st_mtim, status.st_ctim].map { "\($0.tv_sec).\($0.tv_nsec)" }
    text = (["\(status.st_dev)", "\(status.st_ino)", "\(status.st_size)"] + times)
      .joined(separator: " ")
  }
}

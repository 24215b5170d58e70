import Glibc
import MigrationBasics

/// Is there space for what the migration writes here?
///
/// The manual asks for twice the size of the source for temporary files and backups, the runbooks
/// for three times: less than the first is a failure, less than the second a warning.
struct DiskCheck {
  let name: String
  /// Whose disk it is: ours for backups, the target's for the data.
  let subject: Check.Subject
  let path: String
  let sourceByteCount: Int?

  func run() -> Check {
    guard let space = DiskSpace(of: path) else {
      return .warning(
        subject, name, "could not read the free space below \(path): \(errorText(errno))",
        remedy: "check by hand: df -h \(path)")
    }
    let free = ByteCount.text(space.freeByteCount)
    guard let size = sourceByteCount else {
      return .warning(
        subject, name, "\(free) free; not compared, because the source's size is unknown",
        remedy: "make the source reachable and check again")
    }
    let comparison = "\(free) free below \(path); the source has \(ByteCount.text(size))"
    let remedy = "free some space, or choose another disk"
    if space.freeByteCount < 2 * size {
      return .failure(subject, name, comparison + "; required: twice the source", remedy: remedy)
    }
    if space.freeByteCount < 3 * size {
      return .warning(
        subject, name, comparison + "; recommended: three times the source", remedy: remedy)
    }
    return .pass(subject, name, comparison + "; at least three times the source is free")
  }
}

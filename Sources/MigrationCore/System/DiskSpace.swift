import Glibc

/// The room on the file system that holds a path.
struct DiskSpace: Sendable {
  let freeByteCount: Int

  /// Looks at the path, or at the nearest folder above it that exists.
  init?(of path: String) {
    var status = statvfs()
    var place = path
    while statvfs(place, &status) != 0 {
      guard errno == ENOENT || errno == ENOTDIR, place != "/", !place.isEmpty else { return nil }
      place = Self.parent(of: place)
    }
    freeByteCount = Int(status.f_bavail) * Int(status.f_frsize)
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

/// Is there room for what the migration writes here?
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
        subject, name, "the free space below \(path) can't be read: \(errorText(errno))",
        remedy: "look at it by hand: df -h \(path)")
    }
    let free = ByteCount.text(space.freeByteCount)
    guard let size = sourceByteCount else {
      return .warning(
        subject, name, "\(free) free; not compared, the source's size is not known",
        remedy: "make the source reachable and check again")
    }
    let comparison = "\(free) free below \(path); the source has \(ByteCount.text(size))"
    let remedy = "free some space, or choose another disk"
    if space.freeByteCount < 2 * size {
      return .failure(subject, name, comparison + ", and twice that is needed", remedy: remedy)
    }
    if space.freeByteCount < 3 * size {
      return .warning(
        subject, name, comparison + ", and three times that is wanted", remedy: remedy)
    }
    return .pass(subject, name, comparison + ", three times that is there")
  }
}

/// Sizes as people read them.
public enum ByteCount {
  public static func text(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    let number =
      unit == 0 || tenths % 10 == 0 || tenths >= 1000
      ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    return "\(number) \(units[unit])"
  }
}

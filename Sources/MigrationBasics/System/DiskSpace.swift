import Glibc

/// The space on the file system that holds a path.
package struct DiskSpace: Sendable {
  package let freeByteCount: Int

  /// Checks the path, or at the nearest folder above it that exists.
  package init?(of path: String) {
    var status = statvfs()
    var place = path
    while statvfs(place, &status) != 0 {
      guard errno == ENOENT || errno == ENOTDIR, place != "/", !place.isEmpty else { return nil }
      place = Self.parent(of: place)
    }
    freeByteCount = Int(status.f_bavail) * Int(status.f_frsize)
  }

  package static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

import FoundationEssentials
import Glibc
import MigrationCore

/// The process of npm that this program was started by, directly or through a shell.
enum NpmParent {
  /// Returns npm's own variables, as it was started with them; nil if they cannot be read.
  ///
  /// A variable that npm was started with was exported by someone before; npm hands it on like its options.
  static func variables(_ environment: [String: String]) -> Set<String>? {
    guard let node = environment["npm_node_execpath"].flatMap(file(at:)) else { return nil }
    var process = getppid()
    // Between npm and this program are the shells of the script.
    for _ in 0..<16 where process > 1 {
      if file(at: "/proc/\(process)/exe") == node { return read("/proc/\(process)/environ") }
      process = parent(of: process)
    }
    return nil
  }

  /// Which file a path leads to: node may be called by several names.
  private static func file(at path: String) -> [UInt]? {
    var found = stat()
    guard stat(path, &found) == 0 else { return nil }
    return [UInt(found.st_dev), UInt(found.st_ino)]
  }

  private static func read(_ path: String) -> Set<String>? {
    guard let bytes = try? InputFile.read(path) else { return nil }
    return Set(bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
  }

  /// Returns 0 if it is not known.
  private static func parent(of process: pid_t) -> pid_t {
    guard let bytes = try? InputFile.read("/proc/\(process)/status") else { return 0 }
    let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .first { $0.hasPrefix("PPid:") }
    return line.flatMap { pid_t($0.dropFirst(5).drop { $0.isWhitespace }) } ?? 0
  }
}

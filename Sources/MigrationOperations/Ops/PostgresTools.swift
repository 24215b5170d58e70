import FoundationEssentials
import Glibc
import MigrationBasics

/// Finds PostgreSQL's programs, of a version that fits a server.
///
/// Debian and Red Hat keep several versions side by side, of which the PATH has one or none.
struct PostgresTools: Sendable {
  let environment: [String: String]

  /// Returns the program of the lowest version that is not below another, or of the newest.
  ///
  /// - Parameter package: what to install if there is none.
  func find(
    _ name: String, atLeast major: Int, newest: Bool = false, package: String
  ) throws(MigrationError) -> Tool {
    let found = candidates(name)
    let fitting = found.filter { $0.majorVersion >= major }
    let order: (Tool, Tool) -> Bool = { $0.majorVersion < $1.majorVersion }
    if let tool = newest ? fitting.max(by: order) : fitting.min(by: order) { return tool }
    let versions = found.map { "\($0.version) (\($0.path))" }.joined(separator: ", ")
    throw MigrationError(
      .configuration,
      found.isEmpty
        ? "\(name) was not found" : "every \(name) is older than the server: found \(versions)",
      reason: "toolMissing", place: "PATH, /usr/lib/postgresql, /usr/pgsql-*",
      remedy: "install \(package) of PostgreSQL \(major) or newer (Debian: \(package)-\(major))")
  }

  private func candidates(_ name: String) -> [Tool] {
    var paths = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map {
      "\($0)/\(name)"
    }
    paths += Self.entries("/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin/\(name)" }
    paths += Self.entries("/usr").filter { $0.hasPrefix("pgsql-") }.map { "/usr/\($0)/bin/\(name)" }
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted && access($0, X_OK) == 0 }
      .compactMap { try? Tool(name: name, path: $0, environment: environment) }
  }

  private static func entries(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}

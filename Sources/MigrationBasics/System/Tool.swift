import Glibc

/// A program that a migration calls, found on the PATH.
package struct Tool: Sendable {
  package let name: String
  package let path: String
  /// The first number of its version, such as 15.
  package let majorVersion: Int
  package let version: String

  /// Finds a program of PostgreSQL and asks it for its version; nil if it is not on the PATH.
  package static func find(
    _ name: String, environment: [String: String]
  ) throws(Subprocess.Failure) -> Tool? {
    let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let candidates: [String] = folders.map { "\($0)/\(name)" }
    guard let path = candidates.first(where: { access($0, X_OK) == 0 }) else {
      return nil
    }
    return try Tool(name: name, path: path, environment: environment)
  }

  /// Asks a program for its version.
  package init(name: String, path: String, environment: [String: String]) throws(Subprocess.Failure)
  {
    let answer = try Subprocess.run(
      path, ["--version"], environment: environment, limit: .seconds(5))
    guard answer.exitCode == 0, let version = Self.versionNumber(in: answer.output),
      let major = Int(version.prefix { $0 != "." })
    else { throw Subprocess.Failure(reason: "\(path) --version printed no version") }
    (self.name, self.path, self.version, majorVersion) = (name, path, version, major)
  }

  /// Finds `15.3` in `pg_dump (PostgreSQL) 15.3 (Debian 15.3-0+deb12u1)`.
  package static func versionNumber(in text: String) -> String? {
    text.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber ?? false }.map {
      String($0.prefix { $0.isNumber || $0 == "." })
    }
  }
}

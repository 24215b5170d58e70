import Glibc

/// A program that a migration calls, found on the PATH.
struct Tool: Sendable {
  let name: String
  let path: String
  /// The first number of its version, such as 15.
  let majorVersion: Int
  let version: String

  /// Finds a program of PostgreSQL and asks it for its version; nil if it is not on the PATH.
  static func find(
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
  init(name: String, path: String, environment: [String: String]) throws(Subprocess.Failure) {
    let answer = try Subprocess.run(
      path, ["--version"], environment: environment, limit: .seconds(5))
    guard answer.exitCode == 0, let version = Self.versionNumber(in: answer.output),
      let major = Int(version.prefix { $0 != "." })
    else { throw Subprocess.Failure(reason: "\(path) --version gives no version") }
    (self.name, self.path, self.version, majorVersion) = (name, path, version, major)
  }

  /// Finds `15.3` in `pg_dump (PostgreSQL) 15.3 (Debian 15.3-0+deb12u1)`.
  static func versionNumber(in text: String) -> String? {
    text.split(whereSeparator: \.isWhitespace).first { $0.first?.isNumber ?? false }.map {
      String($0.prefix { $0.isNumber || $0 == "." })
    }
  }
}

/// Are the tools there that backups need, and are they new enough for the servers?
struct ToolChecks {
  let environment: [String: String]
  /// The newest PostgreSQL among the databases; nil where none could be reached.
  let serverMajorVersion: Int?

  func run() -> [Check] { ["pg_dump", "pg_restore", "psql"].map(check) + [serverProgram()] }

  /// Only a backup that was restored into a private server counts as verified.
  private func serverProgram() -> Check {
    let name = "initdb"
    do {
      let tool = try PostgresTools(environment: environment).find(
        name, atLeast: serverMajorVersion ?? 0, package: "postgresql")
      return .pass(.tools, name, "\(tool.version) (\(tool.path)), to verify backups with")
    } catch {
      return .warning(
        .tools, name, "\(error.what): no backup can be verified here",
        remedy: "\(error.remedy ?? "install PostgreSQL's server"), or verify backups elsewhere; "
          + "rollback --full takes none that was not")
    }
  }

  private func check(_ name: String) -> Check {
    let install = "install PostgreSQL's client tools (Debian: postgresql-client)"
    let tool: Tool
    do {
      guard let found = try Tool.find(name, environment: environment) else {
        return .failure(.tools, name, "\(name) is not on the PATH", remedy: install)
      }
      tool = found
    } catch {
      return .failure(.tools, name, "\(name) does not run: \(error.reason)", remedy: install)
    }
    let finding = "\(tool.version) (\(tool.path))"
    guard let server = serverMajorVersion else {
      return .pass(.tools, name, finding + "; not compared, no PostgreSQL server was reached")
    }
    if tool.majorVersion < server {
      return .failure(
        .tools, name, "\(finding) is older than the server, which is version \(server)",
        remedy: "install the client tools of PostgreSQL \(server) or newer")
    }
    return .pass(.tools, name, "\(finding), not older than the server (\(server))")
  }
}

import MigrationBasics

/// Are the tools there that backups need, and are they new enough for the servers?
struct ToolChecks {
  let environment: [String: String]
  /// The newest PostgreSQL among the databases; nil if none could be reached.
  let serverMajorVersion: Int?

  func run() -> [Check] { ["pg_dump", "pg_restore", "psql"].map(check) + [serverProgram()] }

  /// Only a backup that was restored into a private server counts as verified.
  private func serverProgram() -> Check {
    let name = "initdb"
    do {
      let tool = try PostgresTools(environment: environment).find(
        name, atLeast: serverMajorVersion ?? 0, package: "postgresql")
      return .pass(.tools, name, "\(tool.version) (\(tool.path)), for backup verify")
    } catch {
      return .warning(
        .tools, name, "\(error.what): backups cannot be verified here",
        remedy: "\(error.remedy ?? "install PostgreSQL's server"), or verify backups elsewhere; "
          + "rollback --full requires a verified backup")
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
      return .failure(.tools, name, "could not run \(name): \(error.reason)", remedy: install)
    }
    let finding = "\(tool.version) (\(tool.path))"
    guard let server = serverMajorVersion else {
      return .pass(
        .tools, name, finding + "; not compared, because no PostgreSQL server was reached")
    }
    if tool.majorVersion < server {
      return .failure(
        .tools, name, "\(finding) is older than the server (\(server))",
        remedy: "install the client tools of PostgreSQL \(server) or newer")
    }
    return .pass(.tools, name, "\(finding), not older than the server (\(server))")
  }
}

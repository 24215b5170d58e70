import Foundation

/// A physical copy of a private PostgreSQL, which ends with the object: a standby of it, or a clone.
public final class CopiedServer: Sendable {
  /// The target's database in the copy.
  public let url: String
  private let folder: String
  private let programs: String

  public init(of servers: PrivateServers, isStandby: Bool) throws {
    programs = try TestServers.postgresPrograms()
    folder = NSTemporaryDirectory() + "/migrate-copy-\(UUID().uuidString.prefix(8).lowercased())"
    let server = servers.environment["DATABASE_URL"] ?? ""
    let port = try freePort()
    var components = URLComponents(string: server)
    components?.port = Int(port)
    url = components?.string ?? ""
    let options = ["-X", "stream", "-c", "fast", "-N"] + (isStandby ? ["-R"] : [])
    // PostgreSQL's programs want the folder to be of the user that they run as.
    try asPostgres(
      [programs + "/pg_basebackup", "-D", folder, "-d", TestSupport.url(server, database: "")]
        + options)
    let file = folder + "/postgresql.auto.conf"
    let before = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    try (before + "\nunix_socket_directories = ''\nlisten_addresses = '127.0.0.1'\n")
      .write(toFile: file, atomically: false, encoding: .utf8)
    try asPostgres(control(["-l", folder + "/copy.log", "-o", "-p \(port)", "start"]))
  }

  /// Lets the copy go its own way.
  public func promote() throws { try asPostgres(control(["promote"])) }

  private func control(_ words: [String]) -> [String] {
    [programs + "/pg_ctl", "-D", folder, "-w", "-s"] + words
  }

  private func asPostgres(_ words: [String]) throws {
    let prefix =
      getuid() == 0
      ? ["/usr/bin/setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"] : []
    let all = prefix + words
    try mustRun(all[0], Array(all.dropFirst()))
  }

  deinit {
    try? asPostgres(control(["-m", "immediate", "stop"]))
    try? FileManager.default.removeItem(atPath: folder)
  }
}

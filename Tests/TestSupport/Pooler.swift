import Foundation
import Glibc

/// A pgbouncer before the shared PostgreSQL server, for as long as a test.
///
/// It takes everybody who knocks, and connects to the server with the login of the server's URL.
public final class Pooler: Sendable {
  public enum Mode: String, Sendable { case session, transaction, statement }

  private let pid: pid_t
  private let port: UInt16
  private let folder: TemporaryFolder

  /// - Parameter ignored: the startup parameters that it drops instead of refusing them.
  public init(_ mode: Mode, ignoring ignored: String = "options,extra_float_digits") throws {
    folder = try TemporaryFolder()
    port = try freePort()
    let server = try URLComponents(string: TestServers.postgresURL())
    let login = [
      "host=127.0.0.1", "port=\(server?.port ?? 5432)", "user=\(server?.user ?? "")",
      "password=\(server?.password ?? "")",
    ]
    let file = try folder.file(
      "pgbouncer.ini",
      """
      [databases]
      * = \(login.joined(separator: " "))
      [pgbouncer]
      listen_addr = 127.0.0.1
      listen_port = \(port)
      unix_socket_dir =
      auth_type = any
      pool_mode = \(mode.rawValue)
      ignore_startup_parameters = \(ignored)
      default_pool_size = 40
      max_client_conn = 200
      \(getuid() == 0 ? "user = postgres" : "")
      """)
    pid = try spawn(
      ["/usr/sbin/pgbouncer", "-q", file], ProcessInfo.processInfo.environment,
      output: folder.path + "/output", errors: folder.path + "/errors")
    for _ in 0..<250 where connectToLoopback(port).map({ close($0) }) == nil { usleep(20_000) }
  }

  deinit {
    kill(pid, SIGTERM)
    _ = waitForEnd(of: pid, until: .now + .seconds(10))
  }

  /// A URL with the way through the pooler in place of the straight one.
  public func url(_ url: String) -> String {
    var components = URLComponents(string: url)
    components?.port = Int(port)
    return components?.string ?? url
  }
}

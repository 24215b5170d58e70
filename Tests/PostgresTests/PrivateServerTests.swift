import Foundation
import TestSupport
import Testing

@testable import Postgres

/// What needs a server of its own: TLS, and a server on its way down.
@Suite struct PrivateServerTests {
  @Test func tls() throws {
    let servers = try PrivateServers(.postgres, tls: true)
    let url = try #require(servers.environment["DATABASE_URL"])
    let authority = try #require(servers.environment["MIGRATE_SERVERS_CA"])
    let base = try ConnectionString(url)

    let trusted = try base.setting("sslmode", to: "verify-full")
      .setting("sslrootcert", to: authority)
    let tls = try #require(try Connection(to: trusted).facts.tls)
    #expect(tls.version.hasPrefix("TLSv1."))
    #expect(!tls.cipher.isEmpty && (tls.keyBits ?? 0) >= 128)

    let folder = try TemporaryFolder()
    try mustRun(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=stranger",
        "-keyout", folder.path + "/key", "-out", folder.path + "/stranger.pem",
      ])
    for untrusted in [folder.path + "/stranger.pem", folder.path + "/missing.pem"] {
      let error = try failure {
        _ = try Connection(to: trusted.setting("sslrootcert", to: untrusted))
      }
      #expect(reason(error) == .certificateNotTrusted)
      #expect(error.nature == .needsHuman)
    }
    // 127.0.0.2 is the same server, but not the one that the certificate names.
    let otherName = try failure {
      _ = try Connection(
        to: trusted.setting("host", to: "not-the-name").setting("hostaddr", to: "127.0.0.1"))
    }
    #expect(reason(otherName) == .certificateNotTrusted)
    #expect(try Connection(to: base.setting("sslmode", to: "require")).facts.tls != nil)
    #expect(try Connection(to: base.setting("sslmode", to: "disable")).facts.tls == nil)

    let wrong = try failure {
      _ = try Connection(to: trusted.withPassword("wrong"))
    }
    #expect(reason(wrong) == .authentication)
    try roundTripOverTLS(trusted)
    try refusalWhileShuttingDown(
      trusted, data: servers.environment["MIGRATE_SERVERS_POSTGRES_DATA"])
  }

  private func roundTripOverTLS(_ target: ConnectionString) throws {
    let connection = try Connection(to: target)
    try connection.execute("create temp table t (v text)")
    let copy = try connection.copyIn("copy t from stdin")
    let buffer = CopyBuffer()
    for index in 0..<200_000 { buffer.append("row \(index) some text to make it longer\n") }
    try copy.send(buffer)
    #expect(try copy.finish() == 200_000)
  }

  /// A smart shutdown waits for the session here and takes no other: 57P03.
  private func refusalWhileShuttingDown(_ target: ConnectionString, data: String?) throws {
    let witness = try Connection(to: target)
    let folder = try #require(data)
    let file = try String(contentsOfFile: folder + "/postmaster.pid", encoding: .utf8)
    let pid = try #require(file.split(separator: "\n").first.flatMap { Int32($0) })
    #expect(kill(pid, SIGTERM) == 0)
    try eventually {
      do { _ = try Connection(to: target) } catch let error as PostgresError {
        #expect(reason(error) == .startingUp)
        #expect(error.sqlState == .cannotConnectNow)
        return true
      }
      return false
    }
    #expect(try witness.ping() > .zero)
  }
}

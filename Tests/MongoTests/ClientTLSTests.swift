import Foundation
import Mongo
import TestSupport
import Testing

@Suite struct ClientTLSTests {
  @Test func trustsOnlyTheRightAuthorityAndHost() throws {
    let servers = try PrivateServers(.mongo, tls: true)
    let good = try #require(servers.environment["MONGODB_URL"])
    let authority = try #require(servers.environment["MIGRATE_SERVERS_CA"])

    let client = try MongoClient(try MongoURL(good))
    #expect(try client.facts().usesTLS)

    let plain = try changed(good) {
      $0.queryItems = $0.queryItems?.filter { !$0.name.hasPrefix("tls") }
    }
    #expect(try connectFailure(plain).error?.kind == .tlsRequired)

    let systemAuthorities = try changed(good) {
      $0.queryItems = $0.queryItems?.filter { $0.name != "tlsCAFile" }
    }
    #expect(try connectFailure(systemAuthorities).error?.kind == .certificateNotTrusted)

    let impostor = try TLSImpostor(authority: servers.folder + "/tls")
    let query = "?tls=true&tlsCAFile=\(authority)"
    let elsewhere = "mongodb://127.0.0.1:\(impostor.port)/"
    #expect(try connectFailure(elsewhere + query).error?.kind == .certificateForOtherHost)
    let lenient = query + "&tlsAllowInvalidHostnames=true"
    #expect(
      try connectFailure(elsewhere + lenient, timeout: .seconds(3)).error?.kind == .tlsFailed)
  }
}

/// A TLS server whose certificate is signed by the right authority, but for another host; it never
/// speaks MongoDB's protocol.
private final class TLSImpostor {
  let port: UInt16
  private let folder: TemporaryFolder
  private let process = Process()

  init(authority: String) throws {
    folder = try TemporaryFolder()
    port = try freePort()
    let extensions = try folder.file("extensions", "subjectAltName=DNS:elsewhere.example\n")
    let (key, request) = (folder.path + "/key", folder.path + "/request")
    let certificate = folder.path + "/certificate"
    try mustRun(
      "/usr/bin/openssl",
      [
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=elsewhere.example", "-keyout", key,
        "-out", request,
      ])
    try mustRun(
      "/usr/bin/openssl",
      [
        "x509", "-req", "-days", "2", "-in", request, "-CA", authority + "/ca.pem", "-CAkey",
        authority + "/ca.key", "-CAcreateserial", "-extfile", extensions, "-out", certificate,
      ])
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = [
      "s_server", "-accept", "127.0.0.1:\(port)", "-key", key, "-cert", certificate, "-quiet",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try waitUntilItListens()
  }

  /// A connection that says nothing would keep it from taking the next one, so that the kernel is asked.
  private func waitUntilItListens() throws {
    let listening = try Regex("0100007F:\(String(format: "%04X", port)) 00000000:0000 0A")
    let deadline = ContinuousClock.now + .seconds(30)
    while try !String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).contains(listening) {
      guard process.isRunning, ContinuousClock.now < deadline else {
        throw TestSetupFailure("openssl does not listen on port \(port)")
      }
      usleep(20_000)
    }
  }

  deinit {
    // It inherits a signal mask in which it never sees SIGTERM.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}

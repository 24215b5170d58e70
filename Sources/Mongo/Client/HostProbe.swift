import CMongoDriver
import Glibc

/// Checks one host without a client, to learn by its behaviour why the driver could not use it.
///
/// The driver reports every failed connection with the same code and gives the reason only in
/// words. Here the reason shows: in the resolver's code, in `errno`, in whether the host answers
/// `hello` in plain, and in which checks of its certificate make a TLS handshake fail.
struct HostProbe {
  typealias Finding = (kind: MongoConnectionError.Kind, detail: String)

  let host: String
  let port: UInt16
  let usesTLS: Bool
  let tls: TLSSettings
  /// How long each step may take.
  let patience: Duration

  /// Returns what is wrong; nil when nothing is, now.
  func run() -> Finding? {
    let connection: ProbeSocket
    do {
      connection = try ProbeSocket(host: host, port: port, patience: patience)
    } catch {
      return error.finding
    }
    return usesTLS ? diagnoseTLS(connection) : diagnosePlain(connection)
  }

  private func diagnosePlain(_ connection: ProbeSocket) -> Finding? {
    let answer = connection.hello()
    if answer == .answered { return nil }
    if handshake(checking: .nothing) == nil {
      return (.tlsRequired, "it answers only after a TLS handshake")
    }
    return answer == .silence
      ? (.timedOut, "it accepts connections, but does not answer")
      : (.notMongoDB, "it closes the connection or answers something else")
  }

  private func diagnoseTLS(_ connection: ProbeSocket) -> Finding? {
    guard let failure = handshake(checking: .nothing, on: connection) else {
      return certificateFinding()
    }
    switch (try? ProbeSocket(host: host, port: port, patience: patience))?.hello() {
    case .answered: return (.tlsNotOffered, "it answers without TLS")
    case .silence: return (.timedOut, "it accepts connections, but does not answer")
    default: return (.tlsFailed, failure)
    }
  }

  /// Adds one check after the other until the handshake fails, and then asks for a greeting.
  private func certificateFinding() -> Finding? {
    if !tls.acceptsAnyCertificate {
      if let failure = handshake(checking: .authority) { return (.certificateNotTrusted, failure) }
      if !tls.acceptsAnyHost, let failure = handshake(checking: .everything) {
        return (.certificateForOtherHost, failure)
      }
    }
    return securedGreetingFinding()
  }

  private func securedGreetingFinding() -> Finding? {
    guard let connection = try? ProbeSocket(host: host, port: port, patience: patience),
      handshake(checking: .nothing, on: connection) == nil
    else { return nil }
    switch connection.hello() {
    case .answered: return nil
    case .silence: return (.timedOut, "it completes the TLS handshake, but does not answer")
    case .closed:
      return (
        .tlsFailed,
        "it closes the connection after the TLS handshake; it may want a client certificate"
      )
    }
  }

  private func handshake(checking checks: TLSChecks) -> String? {
    guard let connection = try? ProbeSocket(host: host, port: port, patience: patience) else {
      return "it no longer accepts connections"
    }
    return handshake(checking: checks, on: connection)
  }

  private func handshake(checking checks: TLSChecks, on connection: ProbeSocket) -> String? {
    connection.handshake(as: host, tls, checks)
  }
}

/// How much of a server's certificate a handshake insists on.
enum TLSChecks { case nothing, authority, everything }

/// What a URL says about certificates.
struct TLSSettings: Sendable {
  var authority: String?
  var certificateAndKey: String?
  var keyPassword: String?
  var acceptsAnyCertificate = false
  var acceptsAnyHost = false

  init(_ url: MongoURL) {
    authority = url.tlsCAFile
    certificateAndKey = url.tlsCertificateKeyFile
    keyPassword = url.tlsKeyPassword
    acceptsAnyCertificate = url.tlsAllowInvalidCertificates
    acceptsAnyHost = url.tlsAllowInvalidHostnames
  }

  /// The first file that cannot be read.
  var unreadable: String? {
    [authority, certificateAndKey].compactMap { $0 }.first { access($0, R_OK) != 0 }
  }
}

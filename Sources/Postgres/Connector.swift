import CPostgres

/// Makes one session out of a list of servers within one deadline.
struct Connector {
  private let plan: ConnectPlan
  /// The end of the time for everything up to a usable session.
  let deadline: Deadline

  init(_ plan: ConnectPlan) {
    self.plan = plan
    deadline = Deadline(after: plan.timeout)
  }

  /// Returns a connection that the caller owns, ready for the first statement.
  func connect() throws(PostgresError) -> OpaquePointer {
    var failures: [PostgresError] = []
    for (passIndex, attributes) in plan.passes.enumerated() {
      for (index, server) in plan.servers.enumerated() {
        let triesLeft = (plan.passes.count - passIndex) * plan.servers.count - index
        do throws(PostgresError) {
          return try connect(to: server, attributes, deadline.share(of: triesLeft))
        } catch {
          failures.append(error)
          guard case .connect(let reason) = error.kind, reason.allowsNextHost else { throw error }
        }
      }
    }
    throw summary(of: failures)
  }

  /// Tries each address of one server in turn.
  private func connect(
    to server: ConnectPlan.Server, _ attributes: String?, _ deadline: Deadline
  ) throws(PostgresError) -> OpaquePointer {
    let addresses = try addresses(of: server, deadline)
    var failures: [PostgresError] = []
    for (index, address) in addresses.enumerated() {
      let attempt = ConnectAttempt(
        settings: plan.settings(for: server, address: address, attributes: attributes),
        server: server, sslMode: plan.sslMode, secret: plan.password,
        deadline: deadline.share(of: addresses.count - index))
      do throws(PostgresError) { return try attempt.run() } catch {
        failures.append(error)
        guard case .connect(let reason) = error.kind, reason.allowsNextHost else { throw error }
      }
    }
    throw summary(of: failures)
  }

  private func addresses(
    of server: ConnectPlan.Server, _ deadline: Deadline
  ) throws(PostgresError) -> [String?] {
    if server.isLocal { return [nil] }
    if let address = server.hostAddress { return [address] }
    do throws(NameResolver.Failure) {
      return try NameResolver.resolve(server.host, deadline: deadline)
    } catch {
      switch error {
      case .notResolved:
        throw PostgresError(
          .connect, .connect(.nameNotResolved), "the host name \(server.host) has no address")
      case .timedOut:
        throw PostgresError(
          .connect, .connect(.timedOut), "looking up the name \(server.host) timed out")
      case .noThread:
        throw PostgresError(.connect, .library, "could not create a thread or socket")
      }
    }
  }

  /// Makes one error of several: the kind of the first, which is the preferred server's.
  private func summary(of failures: [PostgresError]) -> PostgresError {
    guard let first = failures.first else {
      return PostgresError(.connect, .connect(.invalidSettings), "no host to connect to")
    }
    var messages: [String] = []
    for failure in failures where !messages.contains(failure.message) {
      messages.append(failure.message)
    }
    return PostgresError(
      .connect, first.kind, messages.joined(separator: "; "), report: first.report)
  }
}

import CMongoDriver

extension ConnectionAttempt {
  typealias Kind = MongoConnectionError.Kind

  func failure(
    _ kind: Kind, _ detail: String, hosts: [MongoConnectionError.HostFailure] = []
  ) -> MongoConnectionError {
    MongoConnectionError(
      kind, place: url.hosts.joined(separator: ","), detail: detail, hosts: hosts)
  }

  /// The time is up, and the driver is still at it: what it has seen so far shows where.
  func lateFailure() -> MongoConnectionError {
    if !observer.snapshot.answers.isEmpty {
      return failure(.timedOut, "authentication did not complete in time")
    }
    return url.usesSRV
      ? failure(.nameNotResolved, "looking up the name took too long")
      : failure(.timedOut, "connecting took too long")
  }

  /// No server was chosen: either none answers, or those that do are not what is wanted.
  func selectionFailure(_ error: MongoError, remaining: Duration) -> MongoConnectionError {
    let seen = observer.snapshot
    if let found = wrongSet(among: seen.answers) {
      let name =
        found.map { "the servers belong to \($0)" } ?? "the servers belong to no replica set"
      return failure(.wrongReplicaSetName, name)
    }
    if error.code == .wireVersion { return failure(.notMongoDB, error.message) }
    if !seen.answers.isEmpty { return unsuitable(seen.answers, error) }
    if error.domain == .stream, error.code == .nameNotResolved {
      return failure(.nameNotResolved, error.message)
    }
    let hosts = diagnose(seen.heartbeatFailures, within: remaining)
    guard let first = hosts.first else { return failure(.other, error.message) }
    return failure(first.kind, first.detail, hosts: hosts)
  }

  /// A server was chosen, and the first commands failed.
  func commandFailure(_ error: MongoError) -> MongoConnectionError {
    let last = observer.snapshot.lastCommandFailure
    // A connection that breaks during authentication is reported like a wrong password;
    // the failed command's own event still has the true code.
    if error.code == .clientAuthentication, let last, last.failure.isNetworkFailure {
      return failure(.timedOut, last.failure.text)
    }
    switch error.code {
    case .clientAuthentication, .authenticationFailed:
      return failure(.authentication, error.message)
    case .unauthorized: return failure(.notAuthorized, error.message)
    default:
      return failure(error.domain == .stream ? .timedOut : .other, error.message)
    }
  }

  func noPrimary(_ hello: Hello) -> MongoConnectionError {
    if hello.role == .primary || hello.role == .standalone {
      return failure(
        .noPreferredMember, "the URL asks for \(url.wantedMembers), and the server is the primary")
    }
    return failure(.noPrimary, "the server is \(hello.role.explanation)")
  }

  /// Servers answer, and the driver takes none of them.
  private func unsuitable(
    _ answers: [String: ConnectionObserver.Answer], _ error: MongoError
  ) -> MongoConnectionError {
    let isPrimaryWanted = url.readPreference == .primary
    let serving = answers.values.contains { $0.role == .primary || $0.role == .secondary }
    guard !isPrimaryWanted, serving else { return failure(.noPrimary, error.message) }
    let members = answers.sorted { $0.key < $1.key }.map { host, answer in
      "\(host) is \(answer.role.name)\(answer.tags.map { " with the tags \($0)" } ?? "")"
    }
    let silent = observer.snapshot.heartbeatFailures.keys.sorted().map { "\($0) does not answer" }
    return failure(
      .noPreferredMember,
      "the URL asks for \(url.wantedMembers), and \((members + silent).joined(separator: ", "))")
  }

  /// The other name, or nil for no set at all, when a server is not of the set in the URL.
  private func wrongSet(among answers: [String: ConnectionObserver.Answer]) -> String?? {
    guard let wanted = url.replicaSet else { return nil }
    for answer in answers.values {
      if let name = answer.setName, name != wanted { return .some(name) }
      if !answer.isReplicaSetMember { return .some(nil) }
    }
    return nil
  }

  private func diagnose(
    _ failures: [String: ConnectionObserver.Failure], within remaining: Duration
  ) -> [MongoConnectionError.HostFailure] {
    let endpoints = url.endpoints.filter { failures[$0.name] != nil }
    guard !endpoints.isEmpty else {
      return failures.map { name, failure in
        .init(host: name, kind: .other, detail: failure.text)
      }
    }
    // A host takes few steps that can each use up the patience, seldom more than two.
    let patience = max(remaining / (endpoints.count * 4), .milliseconds(50))
    return endpoints.map { endpoint in
      let probe = HostProbe(
        host: endpoint.host, port: endpoint.port, usesTLS: url.usesTLS, tls: TLSSettings(url),
        patience: patience)
      let finding =
        endpoint.port == 0
        ? nil
        : probe.run() ?? (.other, failures[endpoint.name]?.text ?? "the second attempt succeeded")
      return .init(
        host: endpoint.name, kind: finding?.kind ?? .unreachable,
        detail: finding?.detail ?? failures[endpoint.name]?.text ?? "")
    }
  }
}

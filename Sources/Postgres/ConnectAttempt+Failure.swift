import CPostgres
import Glibc

extension ConnectAttempt {
  /// Reads the reason of a failed attempt, facts first.
  func failure(_ connection: OpaquePointer, _ trace: Trace) -> PostgresError {
    if trace.socketError != 0 { return socketFailure(trace.socketError) }
    let text = String(cString: PQerrorMessage(connection))
    if let report = ConnectRefusal.mostTelling(in: text), let state = report.sqlState {
      return PostgresError(
        .connect, .connect(ConnectFailure(state)), withoutSecret(report.message), report: report)
    }
    let reason = reason(connection, trace, text)
    return PostgresError(.connect, .connect(reason), message(for: reason, text))
  }

  private func socketFailure(_ error: Int32) -> PostgresError {
    let reason: ConnectFailure =
      switch error {
      // A missing Unix socket is to it what a closed port is to TCP.
      case ECONNREFUSED, ENOENT: .refused
      case ETIMEDOUT: .timedOut
      default: .unreachable(errno: error)
      }
    return PostgresError(.connect, .connect(reason), "\(server.name): \(systemMessage(error))")
  }

  private func reason(
    _ connection: OpaquePointer, _ trace: Trace, _ text: String
  ) -> ConnectFailure {
    if PQconnectionNeedsPassword(connection) != 0 { return .passwordMissing }
    switch trace.phase {
    case .preparing: return .invalidSettings
    case .connecting: return .other
    case .negotiatingTLS:
      return trace.tlsAnswer == UInt8(ascii: "N") ? .tlsNotOffered : tlsReason(text)
    case .awaitingAnswer:
      // libpq reads up to the check of the role in one step, so that no phase shows it.
      return asksForRole && trace.hasAnswer ? .wrongServerRole : .closedByServer
    case .checkingRole: return .wrongServerRole
    }
  }

  private var asksForRole: Bool { (settings["target_session_attrs"] ?? "any") != "any" }

  /// The one place that goes by text: the verify result is gone with the TLS session.
  ///
  /// The words are OpenSSL's and libpq's in English, which they stay as long as
  /// nothing in the process calls setlocale(3).
  private func tlsReason(_ text: String) -> ConnectFailure {
    let signs = [
      "certificate verify failed", "does not match host name", "root certificate file",
      "self-signed certificate", "self signed certificate",
    ]
    return signs.contains(where: text.contains) ? .certificateNotTrusted : .tlsFailed
  }

  private func message(for reason: ConnectFailure, _ text: String) -> String {
    switch reason {
    case .tlsNotOffered:
      "\(server.name): the server does not offer TLS, and sslmode=\(sslMode) requires it"
    case .passwordMissing: "\(server.name): the server asks for a password, and none is set"
    case .closedByServer where !text.contains("SSL"):
      "\(server.name): the server closed the connection without a PostgreSQL answer"
    default: withoutSecret(firstLine(text))
    }
  }

  /// libpq never quotes the password; should it happen all the same, it ends here.
  private func withoutSecret(_ text: String) -> String {
    guard let secret, secret.utf8.count >= 4 else { return text }
    return text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
  }
}

/// What a server says at connect time instead of a session.
///
/// libpq makes no result of it but a text, which with PQERRORS_VERBOSE has a
/// fixed form: `…: FATAL:  28P01: message`, then lines such as `HINT:  …`. The
/// severity may be translated by the server; blanks, colons and code are not.
enum ConnectRefusal {
  /// Returns the refusal that says most, of one or, with sslmode=prefer, two.
  ///
  /// 28000 is "no rule for this host", often about the second try without TLS,
  /// and hides the reason of the other one.
  static func mostTelling(in text: String) -> ServerReport? {
    let refusals = all(in: text)
    return refusals.first { $0.sqlState != .invalidAuthorization } ?? refusals.first
  }

  static func all(in text: String) -> [ServerReport] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    return lines.indices.compactMap { index in
      guard let (state, message) = stateAndMessage(lines[index]) else { return nil }
      let following = lines[(index + 1)...].prefix { stateAndMessage($0) == nil }
      return ServerReport(
        sqlState: state, message: message, detail: value("DETAIL:  ", following),
        hint: value("HINT:  ", following))
    }
  }

  private static func value(_ label: String, _ lines: ArraySlice<Substring>) -> String? {
    lines.first { $0.hasPrefix(label) }.map { String($0.dropFirst(label.count)) }
  }

  private static func stateAndMessage(_ line: Substring) -> (SQLState, String)? {
    var rest = line
    while let mark = rest.firstRange(of: ":  ") {
      rest = rest[mark.upperBound...]
      let code = rest.prefix(5)
      let isCode = code.allSatisfy {
        $0.isASCII && ($0.isNumber || ($0.isLetter && $0.isUppercase))
      }
      if code.count == 5, isCode, rest.dropFirst(5).hasPrefix(": ") {
        return (SQLState(String(code)), String(rest.dropFirst(7)))
      }
    }
    return nil
  }
}

import CPostgres

/// What libpq would connect with, once it has checked service file, environment and defaults.
///
/// libpq has no call that only looks. But it checks `target_session_attrs` after
/// all that and before the network: with a value that cannot be, it stops there.
struct SettingsLookup {
  private(set) var settings: [String: String] = [:]
  let defaultHost: String
  let defaultPort: String

  init(_ given: [String: String]) throws(PostgresError) {
    try NamedFiles.check(given)
    var impossible = given
    impossible["target_session_attrs"] = "(none)"
    guard let stopped = LibpqHandle.startConnecting(impossible) else {
      throw .outOfMemory(.connect)
    }
    defer { PQfinish(stopped) }
    let message = String(cString: PQerrorMessage(stopped))
    // Any other message is about a fault before that: a missing service, a wrong value.
    guard message.contains("target_session_attrs") else {
      throw .invalidSettings(firstLine(message))
    }
    for option in LibpqOptions.inUse(by: stopped) {
      if let value = option.value, !value.isEmpty { settings[option.keyword] = value }
    }
    defaultHost = PQhost(stopped).map { String(cString: $0) } ?? ""
    defaultPort = PQport(stopped).map { String(cString: $0) } ?? ""
  }
}

extension PostgresError {
  static func invalidSettings(_ message: String) -> PostgresError {
    PostgresError(.connect, .connect(.invalidSettings), message)
  }
}

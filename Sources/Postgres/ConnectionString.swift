/// Where a database is and how to get in: a URL or `keyword=value` pairs, as libpq takes them.
///
/// What is not given here, libpq finds itself: environment (`PGHOST`,
/// `PGPASSWORD`, …), service file, password file. The password goes to the
/// server alone: no description, reflection or error shows it.
public struct ConnectionString: Sendable {
  /// The settings that were given, by libpq's keywords, in no other place visible.
  private(set) var settings: [String: String]

  /// Parameters of the URL that mean something to Prisma and nothing to libpq.
  ///
  /// They are ignored rather than refused, so that an application's
  /// `DATABASE_URL` works as it is.
  public private(set) var ignoredParameters: [String: String] = [:]

  /// Reads a `postgresql://` URL, with one or several hosts, or `keyword=value` pairs.
  public init(_ text: String) throws(ConnectionStringError) {
    let trimmed = Self.trimmed(text)
    guard !trimmed.isEmpty else { throw ConnectionStringError(reason: .empty) }
    guard !trimmed.utf8.contains(0) else { throw ConnectionStringError(reason: .containsNUL) }
    let (url, foreign) = Self.withoutForeignParameters(trimmed)
    if let fault = URLCheck(url)?.fault() { throw ConnectionStringError(reason: fault) }
    // Without an = libpq would refuse it too, but for a bare word such as "localhost" say why.
    guard let options = LibpqOptions.parse(url) else {
      throw ConnectionStringError(reason: .malformed)
    }
    ignoredParameters = foreign
    settings = [:]
    for option in options {
      if let value = option.value, !value.isEmpty { settings[option.keyword] = value }
    }
    try checkValues()
  }

  public var host: String? { settings["host"] ?? settings["hostaddr"] }
  /// The ports as given: one, or one for each host with commas between.
  public var port: String? { settings["port"] }
  public var database: String? { settings["dbname"] }
  public var user: String? { settings["user"] }
  public var sslMode: String? { settings["sslmode"] }
  public var hasPassword: Bool { settings["password"] != nil }
  /// The schema that Prisma's URLs name, which libpq itself does not check.
  public var schema: String? { ignoredParameters["schema"] }

  /// Returns a copy with one setting changed, or taken away with nil.
  public func setting(
    _ keyword: String, to value: String?
  ) throws(ConnectionStringError) -> ConnectionString {
    guard LibpqOptions.knownKeywords.contains(keyword) else {
      throw ConnectionStringError(reason: .unknownParameter(keyword))
    }
    guard value?.utf8.contains(0) != true else { throw ConnectionStringError(reason: .containsNUL) }
    var copy = self
    copy.settings[keyword] = value
    try copy.checkValues()
    return copy
  }

  /// Returns a copy with a password that was kept apart from the rest.
  public func withPassword(_ password: String) throws(ConnectionStringError) -> ConnectionString {
    try setting("password", to: password)
  }

  /// Returns the environment variables that make `pg_dump`, `psql` and the like use the same.
  ///
  /// - Warning: One of them is the password. Environments stay out of the
  ///   process list, which arguments do not; never print this.
  public func environmentForPrograms() -> [String: String] {
    var environment: [String: String] = [:]
    for option in LibpqOptions.parse("") ?? [] {
      guard let variable = option.environmentVariable else { continue }
      if let value = settings[option.keyword] { environment[variable] = value }
    }
    return environment
  }

  private func checkValues() throws(ConnectionStringError) {
    for entry in (settings["port"] ?? "").split(separator: ",") where !isPort(entry) {
      throw ConnectionStringError(reason: .badPort)
    }
    if let mode = settings["sslmode"], !Self.sslModes.contains(mode) {
      throw ConnectionStringError(reason: .badValue("sslmode"))
    }
    if let seconds = settings["connect_timeout"], Int(seconds) == nil {
      throw ConnectionStringError(reason: .badValue("connect_timeout"))
    }
  }

  private static let sslModes: Set<String> = [
    "disable", "allow", "prefer", "require", "verify-ca", "verify-full",
  ]

  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

extension ConnectionString {
  /// https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments
  private static let foreignParameters: Set<String> = [
    "schema", "connection_limit", "pool_timeout", "pgbouncer", "socket_timeout",
    "statement_cache_size", "sslaccept", "sslidentity",
  ]

  /// Takes Prisma's parameters out of a URL.
  private static func withoutForeignParameters(_ text: String) -> (String, [String: String]) {
    guard URLCheck(text) != nil, let mark = text.lastIndex(of: "?") else { return (text, [:]) }
    var foreign: [String: String] = [:]
    let kept = text[text.index(after: mark)...].split(separator: "&").filter { parameter in
      let parts = parameter.split(separator: "=", maxSplits: 1)
      guard let name = parts.first.map(String.init), foreignParameters.contains(name) else {
        return true
      }
      foreign[name] = parts.count == 2 ? String(parts[1]) : ""
      return false
    }
    guard !foreign.isEmpty else { return (text, [:]) }
    let query = kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
    return (text[..<mark] + query, foreign)
  }
}

extension ConnectionString: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// Returns user, hosts, port, database and TLS mode as a URL; never the password.
  public var description: String {
    var text = "postgresql://"
    if let user { text += user + "@" }
    text += hostsAndPorts.joined(separator: ",")
    if let database { text += "/" + database }
    if let sslMode { text += "?sslmode=" + sslMode }
    return text
  }

  private var hostsAndPorts: [String] {
    let hosts = (host ?? "").split(separator: ",", omittingEmptySubsequences: false)
    let ports = (port ?? "").split(separator: ",", omittingEmptySubsequences: false)
    return hosts.enumerated().map { index, host in
      let port = ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : ""
      let shown = host.contains(":") ? "[\(host)]" : String(host)
      return port.isEmpty ? shown : "\(shown):\(port)"
    }
  }

  public var debugDescription: String { description }

  /// Mirrors the description alone, so that `dump` shows no more than `print`.
  public var customMirror: Mirror {
    Mirror(self, children: ["description": description], displayStyle: .struct)
  }
}

/// Where a database is and how to log in, or the place of a dump; shows itself without secrets.
///
/// Four forms are known: `postgres://` and `postgresql://` URLs, libpq's keyword strings
/// (`host=… dbname=…`), `mongodb://` and `mongodb+srv://` URLs, and the path of a dump (`/…`,
/// `./…`, `../…` or `dump:…`). User name and password are taken apart where libpq and libmongoc
/// take them apart, so that what is checked here is what they will use.
public struct DatabaseURL: Hashable, Sendable {
  /// One server of the URL; no port means the usual one.
  package struct Host: Hashable, Sendable {
    package let name: String
    package let port: Int?
  }

  public let kind: Kind
  /// The text to hand to the client library.
  ///
  /// - Warning: It holds the password: never print it.
  public let connectionString: String
  /// The text with `***` in place of every secret.
  public let redacted: String
  public let user: String?
  /// The password, decoded.
  public let password: String?
  package let hosts: [Host]
  public let database: String?
  /// What works here but is read differently by other programs; without secrets.
  public let cautions: [String]
  let secrets: [String]
  package let form: Form

  /// How the text is built, which decides how a password is added.
  package enum Form: Hashable, Sendable {
    case url(URLParts)
    case keywords([ConnectionKeywords.Pair])
    case path
  }

  /// Reads a text in one of the forms.
  package init(_ text: String) throws(DatabaseURLError) {
    let text = text.trimmed
    let (scheme, rest) = text.cut(at: ":")
    guard let rest, rest.hasPrefix("//") else {
      self = try DatabaseURL(withoutScheme: text)
      return
    }
    guard let kind = Kind.of(scheme: scheme) else { throw .scheme(String(scheme)) }
    self = try DatabaseURL(URLParts(text, kind), kind)
  }

  private init(withoutScheme text: String) throws(DatabaseURLError) {
    let isPath = ["/", "./", "../"].contains { text.hasPrefix($0) } || text == "."
    if let kind = Kind.before(path: text) {
      self.init(kind, path: String(text.dropFirst(kind.name.utf8.count + 1)))
    } else if isPath {
      self.init(.dump, path: text)
    } else if let pairs = try ConnectionKeywords.parse(text) {
      self.init(pairs)
    } else {
      throw .noScheme(text)
    }
  }

  private init(_ kind: Kind, path: String) {
    self.kind = kind
    connectionString = path
    redacted = path
    (user, password, database) = (nil, nil, nil)
    (hosts, cautions, secrets) = ([], [], [])
    form = .path
  }

  package init(_ parts: URLParts, _ kind: Kind) throws(DatabaseURLError) {
    self.kind = kind
    connectionString = parts.text
    redacted = parts.redacted
    user = try parts.decoded(\.user, "user name") ?? parts.parameter("user")
    password = try parts.decoded(\.password, "password") ?? parts.parameter("password")
    hosts = try parts.parsedHosts(kind)
    database = try parts.decoded(\.path, "database name") ?? parts.parameter("dbname")
    cautions = parts.cautions(kind)
    secrets = parts.secrets
    form = .url(parts)
  }

  package init(_ pairs: [ConnectionKeywords.Pair]) {
    func value(_ key: String) -> String? { pairs.last { $0.key == key }?.value }
    kind = .postgres
    connectionString = ConnectionKeywords.render(pairs)
    redacted = ConnectionKeywords.render(pairs, redacting: true)
    (user, password, database) = (value("user"), value("password"), value("dbname"))
    let names = (value("host") ?? value("hostaddr") ?? "").split(separator: ",")
    let ports = (value("port") ?? "").split(separator: ",").map { Int($0) }
    hosts = names.enumerated().map { index, name in
      let port = ports.isEmpty ? nil : ports[min(index, ports.count - 1)]
      return Host(name: String(name), port: port)
    }
    cautions = []
    secrets = pairs.filter { URLParameter.isHidden($0.key, $0.value, .postgres) }
      .flatMap { URLParameter.secrets(in: $0.value) }
    form = .keywords(pairs)
  }

  /// Returns the URL with a password from elsewhere, in place of its own if it has one.
  package func with(password: String) throws(DatabaseURLError) -> DatabaseURL {
    switch form {
    case .path: throw .passwordForDump
    case .keywords(let pairs):
      return DatabaseURL(pairs.filter { $0.key != "password" } + [.init("password", password)])
    case .url(let parts):
      if kind.traits.contains(.strictLogin), parts.user?.isEmpty ?? true {
        throw .passwordWithoutUser
      }
      return try DatabaseURL(parts.with(password: password), kind)
    }
  }
}

extension DatabaseURL {
  /// Returns the URL of another database of the same server; a dump has none.
  package func with(database: String) throws(DatabaseURLError) -> DatabaseURL {
    switch form {
    case .path: return self
    case .keywords(let pairs):
      return DatabaseURL(pairs.filter { $0.key != "dbname" } + [.init("dbname", database)])
    case .url(let parts): return try DatabaseURL(parts.with(database: database), kind)
    }
  }
}

extension DatabaseURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { redacted }
  public var debugDescription: String { redacted }
  // Without this, dump() and test reports would print the fields.
  public var customMirror: Mirror { Mirror(self, children: ["url": redacted]) }
}

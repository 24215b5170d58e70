/// A database URL cut into its parts, each still encoded.
package struct URLParts: Hashable, Sendable {
  package var scheme: String
  package var user: String?
  package var password: String?
  package var hosts: String
  package var path: String?
  package var query: String?

  /// Cuts a URL where libpq and libmongoc cut it: the authority ends at the first `/`, and user
  /// name and password end at its first `@`. Marks that would make them misread it are errors.
  init(_ text: String, _ kind: DatabaseURL.Kind) throws(DatabaseURLError) {
    let (scheme, rest) = text.cut(at: ":")
    guard let rest, rest.hasPrefix("//") else { throw .noScheme(text) }
    self.scheme = String(scheme)
    let (authority, afterSlash) = rest.dropFirst(2).cut(at: "/")
    let (before, afterAt) = authority.cut(at: "@")
    let login = afterAt == nil ? nil : before
    let (hosts, hostQuery) = (afterAt ?? before).cut(at: "?")
    let (path, pathQuery) = (afterSlash ?? "").cut(at: "?")
    if hosts.contains("@") { throw .unescaped("@", in: "password or user name") }
    if hostQuery == nil, path.contains("@") {
      throw .unescaped(login == nil ? "/" : "@", in: "password or user name")
    }
    self.hosts = String(hosts)
    // Without a database, "?" may follow the hosts; a "/" after it belongs to a parameter.
    if let hostQuery {
      query = String(hostQuery) + (afterSlash.map { "/" + $0 } ?? "")
      self.path = nil
    } else {
      query = pathQuery.map { String($0) }
      self.path = afterSlash == nil ? nil : String(path)
    }
    // A parameter behind an odd separator would be shown as the database's name.
    for mark in ";&=#" where self.path?.contains(mark) == true {
      throw .unescaped(mark, in: "database name")
    }
    try checkParameters()
    // More likely the rest of a password than a parameter, and then it would be shown.
    if login != nil, query?.contains("@") == true { throw .unescaped("@", in: "URL") }
    if let login { try takeLogin(login, kind) }
  }

  private mutating func takeLogin(
    _ login: Substring, _ kind: DatabaseURL.Kind
  ) throws(DatabaseURLError) {
    let (user, password) = login.cut(at: ":")
    self.user = String(user)
    self.password = password.map { String($0) }
    for mark in "?#[];&=" where user.contains(mark) { throw .unescaped(mark, in: "user name") }
    // libmongoc refuses a second ":"; libpq takes it as part of the password.
    if kind.traits.contains(.strictLogin), password?.contains(":") == true {
      throw .unescaped(":", in: "password")
    }
  }

  private func checkParameters() throws(DatabaseURLError) {
    guard let query, !query.isEmpty else { return }
    for pair in query.split(separator: "&", omittingEmptySubsequences: false) {
      guard let name = pair.cut(at: "=").after.map({ _ in pair.cut(at: "=").before }),
        !name.isEmpty, name.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0 == 0x5F })
      else { throw .parameters }
    }
  }

  /// Returns a part decoded; nil when it is missing or empty.
  func decoded(
    _ part: KeyPath<URLParts, String?> & Sendable, _ name: String
  ) throws(DatabaseURLError) -> String? {
    guard let text = self[keyPath: part], !text.isEmpty else { return nil }
    guard let decoded = PercentEncoding.decode(text) else { throw .unescaped("%", in: name) }
    return decoded
  }

  /// The parameters after the `?`, encoded.
  package var parameters: [(name: String, value: String)] {
    (query ?? "").split(separator: "&").map { pair in
      let (name, value) = pair.cut(at: "=")
      return (String(name), String(value ?? ""))
    }
  }

  /// The decoded value of a parameter.
  package func parameter(_ name: String) -> String? {
    let value = parameters.last { $0.name.lowercased() == name }?.value
    return value.flatMap { $0.isEmpty ? nil : PercentEncoding.decode($0) }
  }

  package func with(password: String) -> URLParts {
    var parts = self
    parts.user = user ?? ""
    parts.password = PercentEncoding.encode(password)
    let kept = parameters.filter { $0.name.lowercased() != "password" }
    if query != nil { parts.query = kept.map { "\($0.name)=\($0.value)" }.joined(separator: "&") }
    return parts
  }
}

extension URLParts {
  package func with(database: String) -> URLParts {
    var parts = self
    parts.path = PercentEncoding.encode(database)
    let kept = parameters.filter { $0.name.lowercased() != "dbname" }
    if query != nil { parts.query = kept.map { "\($0.name)=\($0.value)" }.joined(separator: "&") }
    return parts
  }

  package var text: String { assembled(password: password) { $0.value } }

  package var redacted: String {
    assembled(password: password.map { $0.isEmpty ? "" : "***" }) { name, value in
      URLParameter.isHidden(name, value, kind) ? "***" : value
    }
  }

  private var kind: DatabaseURL.Kind {
    .of(scheme: scheme[...]) ?? .postgres
  }

  private func assembled(
    password: String?, value: (_ parameter: (name: String, value: String)) -> String
  ) -> String {
    var text = scheme + "://"
    if let user { text += user + (password.map { ":" + $0 } ?? "") + "@" }
    text += hosts
    if let path { text += "/" + path }
    if query != nil {
      text += "?" + parameters.map { "\($0.name)=\(value($0))" }.joined(separator: "&")
    }
    return text
  }

  /// The secrets in every spelling that the URL has for them.
  var secrets: [String] {
    let values = parameters.filter { URLParameter.isHidden($0.name, $0.value, kind) }
    let passwords = [password, password.flatMap { PercentEncoding.decode($0) }].compactMap { $0 }
    return passwords + values.flatMap { URLParameter.secrets(in: $0.value) }
  }

  func cautions(_ kind: DatabaseURL.Kind) -> [String] {
    oddMarks(kind) + unknownOptions(kind)
  }

  /// Others, such as libpq, refuse what they do not know.
  private func unknownOptions(_ kind: DatabaseURL.Kind) -> [String] {
    guard kind.traits.contains(.ignoresOptions) else { return [] }
    return parameters.map(\.name).filter { !URLParameter.isKnown($0, kind) }.map {
      "the option \($0) is not known to the \(kind.product) driver, which takes no notice of it"
    }
  }

  private func oddMarks(_ kind: DatabaseURL.Kind) -> [String] {
    let marks = kind.traits.contains(.strictLogin) ? "?#[]$" : ":?#[]$"
    let odd = Set(password ?? "").intersection(marks).sorted()
    guard !odd.isEmpty else { return [] }
    let written = odd.map { "\"\($0)\" as \(PercentEncoding.encode(String($0)))" }
    let list = written.joined(separator: ", ")
    return ["the password is read as it stands, but other programs may misread it: write \(list)"]
  }
}

extension StringProtocol where SubSequence == Substring {
  /// Cuts a text at the first occurrence of a mark.
  package func cut(at mark: Character) -> (before: Substring, after: Substring?) {
    guard let index = firstIndex(of: mark) else { return (self[...], nil) }
    return (self[..<index], self[self.index(after: index)...])
  }
}

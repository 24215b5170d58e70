/// A MongoDB URL as text, looked over for what people get wrong before the driver parses it.
struct MongoURLText {
  /// The whole text, secrets included.
  let text: String
  /// The same URL with other credentials and without the values of secret options.
  let redacted: String
  /// The names of the options after the `?`.
  let optionNames: [String]

  private static let schemes = ["mongodb://", "mongodb+srv://"]
  private static let secretOptions = [
    "tlscertificatekeyfilepassword", "sslclientcertificatekeypassword",
    "authmechanismproperties",
  ]

  init(_ text: String) throws(MongoURLError) {
    guard let scheme = Self.schemes.first(where: text.hasPrefix) else {
      throw MongoURLError(.scheme)
    }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    try Self.checkAuthority(authority, rest: rest)
    let options = Self.options(in: rest)
    self.text = text
    optionNames = options.map(\.name)
    redacted = scheme + Self.redact(authority, rest: rest, options: options)
  }

  private struct Option {
    let name: String
    let value: String
    /// The value of an unknown option may be a secret.
    var isSecret: Bool {
      let name = name.lowercased()
      return MongoURLText.secretOptions.contains(name) || !MongoURL.knownOptions.contains(name)
    }
  }

  /// Finds the characters that cut the URL in the wrong place.
  private static func checkAuthority(
    _ authority: Substring, rest: Substring
  ) throws(MongoURLError) {
    let ats = authority.filter { $0 == "@" }.count
    if ats > 1 { throw MongoURLError(.unescaped("@")) }
    if ats == 0 { try checkCutShort(authority, rest: rest) }
    guard let at = authority.firstIndex(of: "@") else { return }
    let user = authority[..<at]
    // A '/' or '?' in the password moves what follows out of the authority; a second '@' shows it.
    if user.filter({ $0 == ":" }).count > 1 { throw MongoURLError(.unescaped(":")) }
    if let other = user.first(where: { "#[]".contains($0) }) {
      throw MongoURLError(.unescaped(other))
    }
    try checkPercents(user)
  }

  /// Detects `user:pa/ss@host`: no `@` before the first `/` or `?`, but one behind it that does not
  /// belong to an option.
  private static func checkCutShort(
    _ authority: Substring, rest: Substring
  ) throws(MongoURLError) {
    let tail = rest[authority.endIndex...]
    let portsAreNumbers = authority.split(separator: ",").allSatisfy(hasNumericPort)
    if let cut = tail.first, tail.contains("@") {
      let beforeAt = tail.prefix { $0 != "@" }
      if !portsAreNumbers || !beforeAt.contains("=") && authority.contains(":") {
        throw MongoURLError(.unescaped(cut))
      }
    }
    // Most likely "user:password" without a host; the driver would quote it in its message.
    if !portsAreNumbers { throw MongoURLError(.port) }
  }

  private static func hasNumericPort(_ host: Substring) -> Bool {
    if host.hasPrefix("[") { return true }
    guard let colon = host.firstIndex(of: ":") else { return true }
    let port = host[host.index(after: colon)...]
    return !port.isEmpty && port.allSatisfy { $0.isASCII && $0.isNumber }
  }

  private static func checkPercents(_ user: Substring) throws(MongoURLError) {
    let bytes = Array(user.utf8)
    for index in bytes.indices where bytes[index] == UInt8(ascii: "%") {
      let digits = bytes[(index + 1)...].prefix(2)
      if digits.count < 2 || !digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) {
        throw MongoURLError(.percentEscape)
      }
    }
  }

  private static func options(in rest: Substring) -> [Option] {
    guard let mark = rest.firstIndex(of: "?") else { return [] }
    return rest[rest.index(after: mark)...].split { $0 == "&" || $0 == ";" }.map { pair in
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return Option(name: String(halves[0]), value: halves.count > 1 ? String(halves[1]) : "")
    }
  }

  private static func redact(
    _ authority: Substring, rest: Substring, options: [Option]
  ) -> String {
    let path = rest[authority.endIndex...].prefix { $0 != "?" }
    let hosts = authority.firstIndex(of: "@").map { at in
      (authority[..<at].contains(":") ? "user:password" : "user") + authority[at...]
    }
    let shown = options.filter { !$0.isSecret }.map { $0.name + "=" + $0.value }
    return (hosts ?? String(authority)) + path
      + (options.isEmpty ? "" : "?" + shown.joined(separator: "&"))
  }
}

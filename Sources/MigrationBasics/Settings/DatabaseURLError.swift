/// Why a text is no usable database URL, without repeating the text.
package struct DatabaseURLError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is; more kinds may come.
  package struct Code: Hashable, Sendable {
    package let name: String

    package init(name: String) {
      self.name = name
    }

    package static let scheme = Code(name: "scheme")
    package static let unescaped = Code(name: "unescaped")
    package static let host = Code(name: "host")
    package static let port = Code(name: "port")
    package static let parameter = Code(name: "parameter")
    package static let password = Code(name: "password")
  }

  package let code: Code
  package let message: String
  /// What to do about it.
  package let remedy: String

  package var description: String { "\(message); \(remedy)" }

  package static let forms =
    "expected postgres://user@host:5432/database, mongodb://user@host:27017/database, "
    + "host=… dbname=…, or the path of a dump (/… or ./…)"

  package static func scheme(_ scheme: String) -> DatabaseURLError {
    // Only a word is shown: a text with "://" somewhere in a password would show its beginning.
    let isWord = scheme.count <= 20 && scheme.utf8.allSatisfy { $0.isLetter || $0 == 0x2B }
    let shown = isWord ? "the scheme \"\(scheme)://\"" : "what stands before \"://\""
    return DatabaseURLError(code: .scheme, message: "\(shown) is not known", remedy: forms)
  }

  static func noScheme(_ text: String) -> DatabaseURLError {
    if text.hasPrefix("$") {
      return DatabaseURLError(
        code: .scheme, message: "it is the name of a variable, which is not expanded here",
        remedy: "write env:NAME to take the value of another variable")
    }
    return DatabaseURLError(code: .scheme, message: "it has no scheme", remedy: forms)
  }

  static func unescaped(_ character: Character, in part: String) -> DatabaseURLError {
    let code = PercentEncoding.encode(String(character))
    return DatabaseURLError(
      code: .unescaped, message: "the \(part) holds an unescaped \"\(character)\"",
      remedy: "write it as \(code) (in user name and password: @ as %40, / as %2F, : as %3A, "
        + "# as %23, ? as %3F, [ as %5B, ] as %5D, $ as %24, % as %25), "
        + "or give the password on its own in the setting for it")
  }

  package static func host(_ message: String) -> DatabaseURLError {
    DatabaseURLError(
      code: .host, message: message,
      remedy: "check the part between \"@\" and \"/\"; a mark such as @ / : ? # in the password "
        + "must be written as %40 %2F %3A %3F %23")
  }

  package static let port = DatabaseURLError(
    code: .port, message: "the port is not a number from 1 to 65535",
    remedy: "write host:5432; a \":\", \"/\", \"?\" or \"#\" that belongs to the password must be "
      + "written as %3A, %2F, %3F or %23")

  package static let parameters = DatabaseURLError(
    code: .parameter, message: "what follows \"?\" is not a list of name=value",
    remedy: "write ?name=value&name=value; a \"?\" or \"@\" that belongs to the password must be "
      + "written as %3F or %40")

  static let keywords = DatabaseURLError(
    code: .parameter, message: "the keyword string is not a list of name=value",
    remedy: "write host=… dbname=… user=…, with values that hold blanks in single quotes")

  static let passwordForDump = DatabaseURLError(
    code: .password, message: "a password is set for the path of a dump",
    remedy: "remove the password, or give the URL of a database")

  static let passwordWithoutUser = DatabaseURLError(
    code: .password, message: "a password is set, but the URL names no user",
    remedy: "write mongodb://user@host/database")
}

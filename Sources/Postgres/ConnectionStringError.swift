/// Why a connection string cannot be used, without a word of what it holds.
///
/// libpq's own message quotes the text, password and all, so it is never shown.
public struct ConnectionStringError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of fault that are distinguished.
  public enum Reason: Sendable, Hashable {
    case empty
    case containsNUL
    /// A blank, line break or control character is in a URL.
    case unescapedBlank
    /// An `@`, `/` or `?` of the user name or password is not escaped.
    case unescapedInCredentials
    /// A `%` is not followed by two hexadecimal digits.
    case badPercentEscape
    /// The text in the place of the host is no host name.
    case badHost
    case badPort
    /// A URL parameter or keyword that libpq does not know.
    case unknownParameter(String)
    /// A setting has a value that is not allowed for it.
    case badValue(String)
    /// The text is neither a URL nor `keyword=value` pairs.
    case malformed
  }

  public let reason: Reason

  public var description: String {
    switch reason {
    case .empty: "the connection string is empty"
    case .containsNUL: "the connection string holds a NUL byte"
    case .unescapedBlank:
      "the connection URL holds a blank or control character; escape a blank as %20"
    case .unescapedInCredentials:
      "invalid connection URL: a user name or password with @ / or ? in it must "
        + "be escaped (@ as %40, / as %2F, ? as %3F)"
    case .badPercentEscape:
      "the connection URL has a % that is not followed by two hexadecimal digits; escape a % as %25"
    case .badHost:
      "the host in the connection URL has invalid characters; if they "
        + "belong to the password, escape them (@ as %40, / as %2F, : as %3A)"
    case .badPort: "the connection string has a port that is not a number from 1 to 65535"
    case .unknownParameter(let name): "the connection string has an unknown parameter: \(name)"
    case .badValue(let keyword): "the connection string has a value not allowed for \(keyword)"
    case .malformed:
      "the connection string is neither a postgresql:// URL nor keyword=value pairs; put a value "
        + "with blanks between single quotes, with a backslash before any ' or \\"
    }
  }
}

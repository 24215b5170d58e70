/// Why a MongoDB URL cannot be used; none of its texts holds any part of the user name or password.
public struct MongoURLError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Reason: Sendable, Hashable {
    /// It starts with neither `mongodb://` nor `mongodb+srv://`.
    case scheme
    /// The user name or password holds a character that must be percent-encoded.
    case unescaped(Character)
    /// A `%` in the user name or password is not followed by two hexadecimal digits.
    case percentEscape
    /// What follows the `:` of a host is not a number.
    case port
    /// The driver refuses the URL for a reason that only its text shows.
    case malformed(String)
    /// An option has a value that it cannot take.
    case option(name: String, allowed: String)
  }

  public let reason: Reason

  public init(_ reason: Reason) { self.reason = reason }

  public var description: String {
    switch reason {
    case .scheme:
      "the URL must start with mongodb:// or mongodb+srv://"
    case .unescaped(let character):
      "the user name or password holds an unescaped '\(character)'; "
        + "write it as \(Self.escape(of: character))"
    case .percentEscape:
      "the user name or password holds a '%' that does not start an escape; write it as %25"
    case .port:
      "a port is not a number, or the '@' between the password and the host is missing"
    case .malformed(let text):
      "the URL is not valid: \(text)"
    case .option(let name, let allowed):
      "the option \(name) cannot have this value; allowed: \(allowed)"
    }
  }

  private static func escape(of character: Character) -> String {
    guard let byte = character.asciiValue else { return "its percent-encoded bytes" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "%" + (digits.count == 1 ? "0" : "") + digits
  }
}

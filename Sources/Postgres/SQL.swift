/// Why a name cannot be an identifier.
public enum IdentifierError: Error, Sendable, Hashable {
  case empty
  case containsNUL
  /// The server would cut it at 63 bytes without an error.
  case tooLong(byteCount: Int)
}

/// Writes names and texts so that the server reads them as nothing else.
public enum SQL {
  /// How many bytes of a name the server keeps.
  public static let longestIdentifier = 63

  /// Returns a name in double quotes, whatever is in it.
  public static func identifier(_ name: String) throws(IdentifierError) -> String {
    guard !name.isEmpty else { throw .empty }
    guard !name.utf8.contains(0) else { throw .containsNUL }
    guard name.utf8.count <= longestIdentifier else { throw .tooLong(byteCount: name.utf8.count) }
    return "\"" + doubling("\"", in: name) + "\""
  }

  /// Returns a name with its schema before it; without one, the search path decides.
  public static func identifier(
    schema: String?, _ name: String
  ) throws(IdentifierError) -> String {
    guard let schema else { return try identifier(name) }
    return try identifier(schema) + "." + identifier(name)
  }

  /// Returns names with commas between, as a list of columns.
  public static func identifiers(_ names: [String]) throws(IdentifierError) -> String {
    var quoted: [String] = []
    for name in names { quoted.append(try identifier(name)) }
    return quoted.joined(separator: ", ")
  }

  /// Returns a value as the text that the server sends of it.
  ///
  /// - Parameter bySendingFunction: never by a cast, which users may have made, or which takes blanks off.
  package static func text(of value: String, bySendingFunction: Bool) -> String {
    guard bySendingFunction else { return value + "::text" }
    return "CASE WHEN pg_catalog.num_nulls(\(value)) OPERATOR(pg_catalog.=) 0 "
      + "THEN pg_catalog.concat(\(value)) END"
  }

  /// Returns a text as a literal.
  ///
  /// With a backslash in it the form is `E'…'`, which reads the same under both
  /// values of `standard_conforming_strings`. A statement with a NUL byte is
  /// refused where it is sent.
  public static func literal(_ text: String) -> String {
    let quoted = doubling("'", in: text)
    guard quoted.unicodeScalars.contains("\\") else { return "'\(quoted)'" }
    return " E'" + doubling("\\", in: quoted) + "'"
  }

  /// By scalars: a quote with a combining accent is one character, and not a quote.
  private static func doubling(_ quote: Unicode.Scalar, in text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar)
      if scalar == quote { result.append(scalar) }
    }
    return String(result)
  }
}

/// Reads JSON and JSON5, the JSON with comments that plans are written in.
///
/// JSON5 adds to JSON: `//` and `/* */` comments, commas after the last item, keys without quotes,
/// single quotes, strings that continue after a backslash at the end of a line, hexadecimal numbers,
/// a leading `+`, a leading or trailing decimal point, `Infinity` and `NaN`. Stricter than its
/// specification, a key that comes twice in an object and half of a surrogate pair are errors.
package enum JSON5 {
  /// The grammar that a text is held to.
  package enum Dialect: Sendable {
    case json5
    case json
  }

  /// The deepest nesting that is read; deeper texts are an error, never an overflow of the stack.
  package static let maximumDepth = 128

  /// Parses a text; `file` is the name that errors show.
  package static func parse(
    _ text: String, file: String? = nil, dialect: Dialect = .json5
  ) throws(ParseError) -> JSONNode {
    try parse(bytes: Array(text.utf8), file: file, dialect: dialect)
  }

  /// Parses bytes, which may be anything; what is not JSON5 in UTF-8 is an error.
  package static func parse(
    bytes: [UInt8], file: String? = nil, dialect: Dialect = .json5
  ) throws(ParseError) -> JSONNode {
    if let error = UTF8Check.error(in: bytes, file: file) { throw error }
    var parser = JSON5Parser(bytes, file: file, dialect: dialect)
    return try parser.parseDocument()
  }
}

/// A file of `NAME=value` lines, read without a shell: `$NAME` and `$(command)` stay as they are.
///
/// Values may be bare (a `#` after a blank begins a comment), in single quotes (taken literally) or
/// in double quotes (`\n \r \t \\ \" \$` are escapes); quoted values may span lines. A line may
/// begin with `export`. Errors show places but never values, for these files hold secrets.
package struct DotEnvFile: Sendable {
  /// A variable, its value, and where it is.
  package struct Entry: Hashable, Sendable {
    package let name: String
    package let value: String
    package let line: Int

    package init(name: String, value: String, line: Int) {
      self.name = name
      self.value = value
      self.line = line
    }

  }

  package let path: String
  /// The variables in the order of the file; of one that comes twice, the last.
  package let entries: [Entry]
  package let warnings: [String]
  private let places: [String: Int]

  init(path: String, lines: [Entry], warnings: [String]) {
    var latest: [String: Entry] = [:]
    var doubles: [String] = []
    for entry in lines {
      if let earlier = latest.updateValue(entry, forKey: entry.name) {
        doubles.append(
          "\(path): \(entry.name) is set in line \(earlier.line) and again in line \(entry.line);"
            + " the last one counts")
      }
    }
    let kept = lines.filter { latest[$0.name] == $0 }
    self.path = path
    self.warnings = warnings + doubles
    entries = kept
    places = Dictionary(kept.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { $1 })
  }

  /// The variable of a name.
  package subscript(name: String) -> Entry? { places[name].map { entries[$0] } }

  /// Parses a text; `file` is the name that errors show.
  package static func parse(
    _ text: String, file: String = ".env"
  ) throws(ParseError) -> DotEnvFile {
    try parse(bytes: Array(text.utf8), file: file)
  }

  /// Parses bytes, which may be anything; what is not such a file in UTF-8 is an error.
  package static func parse(
    bytes: [UInt8], file: String = ".env"
  ) throws(ParseError) -> DotEnvFile {
    if let error = UTF8Check.error(in: bytes, file: file) { throw error }
    var parser = DotEnvParser(bytes, file: file)
    return DotEnvFile(path: file, lines: try parser.parseFile(), warnings: [])
  }
}

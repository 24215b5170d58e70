/// Looks through SQL of pg_dump for what has to be known before it is run: the version of the server,
/// the roles that it names and the tables that it makes.
struct SQLScan {
  private(set) var majorVersion = 0
  private(set) var roles: Set<String> = []
  private(set) var tables: [QualifiedName] = []
  private var line: [UInt8] = []
  private var isInRows = false

  /// More of a line than this is never a statement that is looked for.
  private static let longestLine = 4096

  init(_ path: String, watch: () throws -> Void) throws {
    let file = try SQLFile(path)
    while let bytes = try file.read() {
      try watch()
      add(bytes)
    }
    take()
  }

  private mutating func add(_ bytes: [UInt8]) {
    var start = 0
    while let end = bytes[start...].firstIndex(of: .lineFeed) {
      append(bytes[start..<end])
      take()
      start = end + 1
    }
    append(bytes[start...])
  }

  private mutating func append(_ part: ArraySlice<UInt8>) {
    line += part.prefix(max(0, Self.longestLine - line.count))
  }

  private mutating func take() {
    defer { line.removeAll(keepingCapacity: true) }
    if isInRows {
      isInRows = line != [.backslash, UInt8(ascii: ".")]
      return
    }
    guard let first = line.first, "ACGR-".utf8.contains(first) else { return }
    let text = String(decoding: line, as: UTF8.self)
    let words = text.split(separator: " ")
    switch words.first {
    case "COPY": isInRows = text.hasSuffix(" FROM stdin;")
    case "CREATE": takeTable(text)
    case "ALTER": takeRole(after: " OWNER TO ", text)
    case "GRANT": takeRole(after: " TO ", text)
    case "REVOKE": takeRole(after: " FROM ", text)
    case "--": takeVersion(text)
    default: break
    }
  }

  private mutating func takeTable(_ text: String) {
    for start in ["CREATE TABLE ", "CREATE UNLOGGED TABLE "] where text.hasPrefix(start) {
      if let name = QualifiedName(startOf: text.dropFirst(start.count)) { tables.append(name) }
    }
  }

  private mutating func takeRole(after word: String, _ text: String) {
    guard text.hasSuffix(";"), let place = text.ranges(of: word).last else { return }
    let name = text[place.upperBound...].dropLast().replacing(" WITH GRANT OPTION", with: "")
    let isQuoted = name.hasPrefix("\"") && name.hasSuffix("\"") && name.count > 1
    let role = isQuoted ? name.dropFirst().dropLast().replacing("\"\"", with: "\"") : name
    if !role.isEmpty, role != "PUBLIC", role != "CURRENT_USER" { roles.insert(String(role)) }
  }

  private mutating func takeVersion(_ text: String) {
    guard text.hasPrefix("-- Dumped "), let version = Tool.versionNumber(in: text) else { return }
    majorVersion = max(majorVersion, Int(version.prefix { $0 != "." }) ?? 0)
  }
}

import MigrationBasics

/// A hash over all definitions of a database, to find whether another has the same.
///
/// It is made of pg_dump's SQL, line by line and sorted: the order in which independent objects come
/// is no difference, and neither are comments and settings of the session.
struct SchemaHash {
  /// What differs between servers and is no part of what is compared.
  static let options = [
    "--no-owner", "--no-privileges", "--no-tablespaces", "--no-publications", "--no-subscriptions",
    "--no-security-labels",
  ]

  private var lines: [[UInt8]] = []
  private var rest: [UInt8] = []

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var start = 0
    while let end = bytes[start...].firstIndex(of: .lineFeed) {
      take(rest + bytes[start..<end])
      rest.removeAll(keepingCapacity: true)
      start = end + 1
    }
    rest += bytes[start...]
  }

  private mutating func take(_ line: [UInt8]) {
    let text = String(decoding: line, as: UTF8.self)
    // Materialized views are filled with the rows: pg_dump of definitions alone does not do that.
    let passed = [
      "--", "SET ", "SELECT pg_catalog.set_config", "\\restrict", "\\unrestrict",
      "REFRESH MATERIALIZED VIEW",
    ]
    if line.isEmpty || passed.contains(where: { text.hasPrefix($0) }) { return }
    lines.append(line)
  }

  mutating func finish() -> String {
    take(rest)
    let sorted = lines.sorted { $0.lexicographicallyPrecedes($1) }
    return SHA256.hexadecimal(of: sorted.joined(separator: [.lineFeed]))
  }
}

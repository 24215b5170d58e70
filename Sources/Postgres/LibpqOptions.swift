import CPostgres

/// One connection option, as libpq names it.
struct LibpqOption: Sendable {
  let keyword: String
  let value: String?
  let environmentVariable: String?
}

/// Reads lists of options out of libpq's memory.
enum LibpqOptions {
  /// Every keyword that this libpq knows.
  static let knownKeywords = Set(copying(PQconndefaults()).map(\.keyword))

  /// Parses a connection string; nil if libpq refuses it.
  ///
  /// libpq's reason is thrown away on purpose: it quotes the text.
  static func parse(_ text: String) -> [LibpqOption]? {
    var message: UnsafeMutablePointer<CChar>?
    let list = PQconninfoParse(text, &message)
    PQfreemem(message)
    return list == nil ? nil : copying(list)
  }

  /// Returns what a connection would use, with service file and environment looked up.
  static func inUse(by connection: OpaquePointer) -> [LibpqOption] {
    copying(PQconninfo(connection))
  }

  /// Copies a list that libpq gave away, and releases it.
  private static func copying(_ list: UnsafeMutablePointer<PQconninfoOption>?) -> [LibpqOption] {
    guard let list else { return [] }
    defer { PQconninfoFree(list) }
    var options: [LibpqOption] = []
    var next = list
    while let keyword = next.pointee.keyword {
      options.append(
        LibpqOption(
          keyword: String(cString: keyword),
          value: next.pointee.val.map { String(cString: $0) },
          environmentVariable: next.pointee.envvar.map { String(cString: $0) }))
      next += 1
    }
    return options
  }
}

import MigrationBasics

/// Which rows go into a backup.
struct BackupSelection: Sendable {
  /// The tables whose rows are dumped.
  let filled: [ContentsReader.Listed]
  /// Those of which only the definition is.
  let empty: [ContentsReader.Listed]
  let hasLargeObjects: Bool

  var byteCount: Int { filled.reduce(0) { $0 + $1.bytes } }

  /// - Throws: An error that names each table which was asked for and is not there.
  init(_ listed: [ContentsReader.Listed], _ request: BackupRequest) throws(MigrationError) {
    hasLargeObjects = request.contents == .all || request.contents == .data
    guard request.contents == .tables else {
      (filled, empty) = request.contents == .schema ? ([], listed) : (listed, [])
      return
    }
    filled = try Self.chosen(request.tables, of: listed)
    let titles = Set(filled.map(\.title))
    empty = listed.filter { !titles.contains($0.title) }
  }

  /// Finds tables by name; the name of a partitioned table means its partitions.
  static func chosen(
    _ names: [String], of listed: [ContentsReader.Listed]
  ) throws(MigrationError) -> [ContentsReader.Listed] {
    var chosen: [ContentsReader.Listed] = []
    for name in names {
      let wanted = name.hasPrefix("public.") ? String(name.dropFirst("public.".count)) : name
      let found = listed.filter { $0.title == wanted || $0.parents.contains(wanted) }
      guard !found.isEmpty else {
        throw MigrationError(
          .configuration,
          "there is no table \(name)\(suggestion(for: name, in: listed.map(\.title)))",
          remedy: "tables: \(listed.map(\.title).joined(separator: ", "))")
      }
      chosen += found.filter { !chosen.contains($0) }
    }
    return chosen
  }
}

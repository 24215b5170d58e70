import Postgres

/// Finds, before a table is loaded, the source rows that lose against an earlier one.
///
/// The first one wins, where first means feed order, then source key order. A row that is rejected
/// for another reason wins nothing, and a row that loses in one unique set wins in none: so the
/// candidates are transformed and taken in order, as if they were loaded one by one. Rows that the
/// target had before the session come before all.
struct DuplicateSearch {
  let feeds: [FeedWork]
  let lookups: [[LookupTable]]
  let target: PostgresTable
  /// Whether the target held rows before the session's first.
  let targetHasRows: Bool

  /// What was found so far.
  private final class Taken {
    var winners: [[UInt8]: JSONValue] = [:]
    var losers: [DuplicateRow] = []
    /// The digests of values that come more than once; nil where every row is looked at.
    var repeated: RepeatedDigests?
  }

  /// A row that may lose or win.
  private struct Candidate {
    /// Its values in the feed's unique sets; nil where one is null.
    let keys: [[UInt8]?]
    let key: JSONValue
    var rawKey: [UInt8] = []
  }

  func run(_ demand: ReaderOnDemand, target: Connection) throws -> [DuplicateRow] {
    let sets = allSets
    guard let parts = parts(for: sets) else { return [] }
    let reader = try demand.reader()
    let taken = Taken()
    if case .all = parts[0] {
      let repeated = try repeatedDigests(reader, target, sets)
      if repeated.isEmpty { return [] }
      taken.repeated = repeated
    }
    if targetHasRows {
      let winner: JSONValue = ["target": .text(self.target.name)]
      for (index, set) in sets.enumerated() {
        try readTarget(set, index, target) { key in
          if taken.repeated?.contains(key) ?? true { taken.winners[key] = winner }
        }
      }
    }
    for (feed, part) in zip(feeds, parts) { try look(at: feed, part, reader, taken) }
    return taken.losers
  }

  /// The unique sets of all feeds; a feed that does not fill one has no part in it.
  private var allSets: [[String]] {
    var sets: [[String]] = []
    for set in feeds.flatMap(\.program.uniqueSets) where !sets.contains(set) { sets.append(set) }
    return sets
  }

  /// Returns for each feed the rows to look at; nil if there is nothing to look at.
  private func parts(for sets: [[String]]) -> [FeedPart]? {
    let everything = feeds.map { _ in FeedPart.all }
    guard !sets.isEmpty else { return nil }
    if targetHasRows { return everything }
    guard let candidates = DuplicateCandidates(feeds) else {
      return sets.allSatisfy { DocumentUniqueness.isProved($0, feeds) } ? nil : everything
    }
    var parts: [[String]] = []
    for set in sets {
      switch candidates.extent(of: set) {
      case .none: continue
      case .all: return everything
      case .some(let conditions): parts.append(conditions)
      }
    }
    guard !parts.isEmpty else { return nil }
    return feeds.indices.map { feed in
      .matching("(" + parts.map { $0[feed] }.joined(separator: " OR ") + ")")
    }
  }
}

// Reading the rows.
extension DuplicateSearch {
  /// Goes through all rows once, and remembers a few bytes of each value.
  private func repeatedDigests(
    _ reader: any RowReader, _ target: Connection, _ sets: [[String]]
  ) throws -> RepeatedDigests {
    let digests = RepeatedDigests()
    if targetHasRows {
      for (index, set) in sets.enumerated() {
        try readTarget(set, index, target) { digests.insert($0) }
      }
    }
    for feed in feeds {
      try transform(feed, .all, reader) { machine, _, _ in
        for key in keys(of: feed, machine) { if let key { digests.insert(key) } }
      }
    }
    digests.finish()
    return digests
  }

  /// Reads what the target's rows have in a unique set.
  private func readTarget(
    _ set: [String], _ index: Int, _ target: Connection, _ body: ([UInt8]) -> Void
  ) throws {
    // Numerics that are equal may differ in their bytes; the server's own index judges those.
    guard set.allSatisfy({ self.target[$0]?.type.baseOID != TypeOID.numeric.number }) else {
      return
    }
    let list = try SQL.identifiers(set)
    let name = try SQL.identifier(schema: self.target.schema, self.target.name)
    let rows = try target.copyOut("COPY (SELECT \(list) FROM \(name)) TO STDOUT (FORMAT binary)")
    while try rows.next({ row in
      let fields = UnsafeRawBufferPointer(rebasing: row.dropFirst(2))
      body([UInt8(truncatingIfNeeded: index)] + fields)
    }) {}
  }

  private func look(
    at feed: FeedWork, _ part: FeedPart, _ reader: any RowReader, _ taken: Taken
  ) throws {
    let comesInOrder = feed.source.isInKeyOrder
    var candidates: [Candidate] = []
    try transform(feed, part, reader) { machine, row, element in
      let keys = keys(of: feed, machine)
      if let repeated = taken.repeated,
        !keys.contains(where: { $0.map(repeated.contains) ?? false })
      {
        return
      }
      var candidate = Candidate(keys: keys, key: machine.key(row, element: element))
      feed.key.read(row, element: element, into: &candidate.rawKey)
      if comesInOrder { judge(candidate, feed, taken) } else { candidates.append(candidate) }
    }
    candidates.sort { DocumentIDOrder.precedes($0.rawKey, $1.rawKey) }
    for candidate in candidates { judge(candidate, feed, taken) }
  }

  /// Runs rows through the rules, and hands over those that would be loaded.
  private func transform(
    _ feed: FeedWork, _ part: FeedPart, _ reader: any RowReader,
    _ body: (RowMachine, UnsafeRawBufferPointer, Int) -> Void
  ) throws {
    let machine = RowMachine(feed.program, lookups: lookups[feed.number])
    let buffer = CopyBuffer()
    try reader.read(feed, part) { row in
      machine.forEachRow(of: row) { element in
        buffer.removeAll()
        if machine.run(row, element: element, into: buffer) == .row { body(machine, row, element) }
      }
    }
  }

  /// The values of the last row in each of its feed's unique sets; nil where one is null.
  private func keys(of feed: FeedWork, _ machine: RowMachine) -> [[UInt8]?] {
    feed.program.uniqueSets.enumerated().map { index, set in
      let number = UInt8(truncatingIfNeeded: allSets.firstIndex(of: set) ?? 0)
      return machine.withUniqueKey(index) { [number] + $0 }
    }
  }

  private func judge(_ row: Candidate, _ feed: FeedWork, _ taken: Taken) {
    for (value, set) in zip(row.keys, feed.program.uniqueSets) {
      guard let value, let winner = taken.winners[value] else { continue }
      taken.losers.append(
        DuplicateRow(
          feed: feed.number, rawKey: row.rawKey, winner: winner,
          columns: set.joined(separator: ", ")))
      return
    }
    let winner: JSONValue = ["from": .text(feed.feed.from), "key": row.key]
    for value in row.keys { if let value { taken.winners[value] = winner } }
  }
}

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

  private final class Taken {
    var winners: [[UInt8]: JSONValue] = [:]
    var losers: [DuplicateRow] = []
  }

  func run(source: Connection, target: Connection) throws -> [DuplicateRow] {
    let sets = allSets
    guard let conditions = conditions(for: sets) else { return [] }
    let taken = Taken()
    if targetHasRows {
      for (index, set) in sets.enumerated() { try enter(set, index, target, into: taken) }
    }
    for (feed, condition) in zip(feeds, conditions) {
      try look(at: feed, condition, source, taken)
    }
    return taken.losers
  }

  /// The unique sets of all feeds; a feed that does not fill one has no part in it.
  private var allSets: [[String]] {
    var sets: [[String]] = []
    for set in feeds.flatMap(\.program.uniqueSets) where !sets.contains(set) { sets.append(set) }
    return sets
  }

  /// Returns for each feed the condition of the rows to look at, an empty one for all of them; nil
  /// if there is nothing to look at.
  private func conditions(for sets: [[String]]) -> [String]? {
    let everything = feeds.map { _ in "" }
    if targetHasRows { return sets.isEmpty ? nil : everything }
    let candidates = DuplicateCandidates(feeds: feeds, target: target)
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
      "(" + parts.map { $0[feed] }.joined(separator: " OR ") + ")"
    }
  }

  /// Enters what the target's rows have in a unique set.
  private func enter(
    _ set: [String], _ index: Int, _ target: Connection, into taken: Taken
  ) throws {
    // Numerics that are equal may differ in their bytes; the server's own index judges those.
    guard set.allSatisfy({ self.target[$0]?.type.baseOID != TypeOID.numeric.number }) else {
      return
    }
    let list = try SQL.identifiers(set)
    let name = try SQL.identifier(schema: self.target.schema, self.target.name)
    let rows = try target.copyOut("COPY (SELECT \(list) FROM \(name)) TO STDOUT (FORMAT binary)")
    let winner: JSONValue = ["target": .text(self.target.name)]
    while try rows.next({ row in
      let fields = UnsafeRawBufferPointer(rebasing: row.dropFirst(2))
      taken.winners[[UInt8(truncatingIfNeeded: index)] + fields] = winner
    }) {}
  }

  private func look(
    at feed: FeedWork, _ condition: String, _ source: Connection, _ taken: Taken
  ) throws {
    let machine = RowMachine(feed.program, lookups: lookups[feed.number])
    let numbers = feed.program.uniqueSets.map { set in allSets.firstIndex(of: set) ?? 0 }
    let buffer = CopyBuffer()
    var rawKey: [UInt8] = []
    let query = feed.query.select(
      feed.program.selectList, where: [condition.isEmpty ? nil : condition])
    let rows = try source.copyOut("COPY (\(query)) TO STDOUT (FORMAT binary)")
    while try rows.next({ row in
      buffer.removeAll()
      guard machine.run(row, into: buffer) == .row else { return }
      feed.key.read(row, into: &rawKey)
      judge(row, rawKey, feed, machine, numbers, taken)
    }) {}
  }

  private func judge(
    _ row: UnsafeRawBufferPointer, _ rawKey: [UInt8], _ feed: FeedWork, _ machine: RowMachine,
    _ numbers: [Int], _ taken: Taken
  ) {
    var keys: [[UInt8]] = []
    for (index, set) in feed.program.uniqueSets.enumerated() {
      let key = machine.withUniqueKey(index) {
        [UInt8(truncatingIfNeeded: numbers[index])] + $0
      }
      guard let key else { continue }
      if let winner = taken.winners[key] {
        taken.losers.append(
          DuplicateRow(
            feed: feed.number, rawKey: rawKey, winner: winner,
            columns: set.joined(separator: ", ")))
        return
      }
      keys.append(key)
    }
    let winner = winnerKey(machine.key(row), feed)
    for key in keys { taken.winners[key] = winner }
  }

  private func winnerKey(_ key: JSONValue, _ feed: FeedWork) -> JSONValue {
    ["from": .text(feed.feed.from), "key": key]
  }
}

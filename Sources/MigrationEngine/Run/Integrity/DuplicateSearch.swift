import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Finds, before a table is loaded, the source rows that duplicate an earlier one.
///
/// The first one is kept, where first means feed order, then source key order. A row that is rejected
/// for another reason is never the kept one, nor is a row that is a duplicate in another unique set: so the
/// candidates are transformed and taken in order, as if they were loaded one by one. Rows that the
/// target had before the session come before all. Of rows that are equal in all that is read of them, and have no
/// key to distinguish them, one chunk loads the first it comes to.
struct DuplicateSearch {
  let feeds: [FeedWork]
  let lookups: [[LookupTable]]
  let target: PostgresTable
  /// Whether the target held rows before the session's first.
  let targetHasRows: Bool
  /// Whether the run was not requested to stop immediately.
  var isWanted: @Sendable () -> Bool = { true }

  /// What was found so far.
  private final class Taken {
    var winners: [[UInt8]: Winner] = [:]
    var losers: [DuplicateRow] = []
    /// By feed, the keys of losers that are in the list already: several rows may have the same.
    var known: [Set<[UInt8]>]
    /// Of each feed, the keys of equal rows of which one is kept, and their places among the losers.
    var equal: [[[UInt8]: Int]]
    /// The digests of values that come more than once; nil if every row is checked.
    var repeated: RepeatedDigests?

    init(feeds: Int) {
      known = [Set<[UInt8]>](repeating: [], count: feeds)
      equal = [[[UInt8]: Int]](repeating: [:], count: feeds)
    }
  }

  /// A row that is kept.
  private struct Winner {
    let shown: JSONValue
    var feed = -1
    /// What the row is distinguished by; empty if that can only be itself.
    var rawKey: [UInt8] = []
  }

  /// A row that may be a duplicate or the kept row.
  private struct Candidate {
    /// Its values in the feed's unique sets; nil if one is null.
    let keys: [[UInt8]?]
    /// How reports name it as the kept row.
    let shown: JSONValue
    var rawKey: [UInt8] = []
    /// Its place in the feed, as the source sent it.
    let place: Int
    /// Where it comes in the order of the key; only of feeds that do not come in that order.
    var order: [UInt8] = []
  }

  /// - Parameter chunks: those that each feed is cut into.
  /// - Throws: `SurveyAbandoned` once the search is not wanted any more.
  func run(
    _ demand: ReaderOnDemand, target: Connection, chunks: [[PlannedChunk]]
  ) throws -> [DuplicateRow] {
    let sets = allSets
    guard let (parts, mayBeAll) = parts(for: sets) else { return [] }
    let reader = try demand.reader()
    let taken = Taken(feeds: feeds.count)
    if mayBeAll {
      let repeated = try repeatedDigests(parts, reader, target, sets)
      if repeated.isEmpty { return [] }
      taken.repeated = repeated
    }
    if targetHasRows {
      let winner = Winner(shown: ["target": .text(self.target.name)])
      for (index, set) in sets.enumerated() {
        try readTarget(set, index, target) { key in
          if taken.repeated?.contains(key) ?? true { taken.winners[key] = winner }
        }
      }
    }
    for (feed, part) in zip(feeds, parts) { try look(at: feed, part, reader, taken) }
    try placeEqualRows(reader, taken, chunks)
    return taken.losers
  }

  /// The unique sets of all feeds; a feed that does not fill one has no part in it.
  private var allSets: [[String]] {
    var sets: [[String]] = []
    for set in feeds.flatMap(\.program.uniqueSets) where !sets.contains(set) { sets.append(set) }
    return sets
  }

  /// Returns for each feed the rows to check, and whether they may be all that there are; nil if there is
  /// nothing to check.
  private func parts(for sets: [[String]]) -> (parts: [FeedPart], mayBeAll: Bool)? {
    let everything = (feeds.map { _ in FeedPart.all }, true)
    guard !sets.isEmpty else { return nil }
    if targetHasRows { return everything }
    var (parts, mayBeAll): ([[String]], Bool) = ([], false)
    for set in sets {
      switch feeds[0].source.duplicates(in: set, of: feeds, target: target) {
      case .none: continue
      case .all: return everything
      case .some(let conditions, let mayMatchAll):
        parts.append(conditions)
        mayBeAll = mayBeAll || mayMatchAll
      }
    }
    guard !parts.isEmpty else { return nil }
    let matching = feeds.indices.map { feed in
      FeedPart.matching("(" + parts.map { $0[feed] }.joined(separator: " OR ") + ")")
    }
    return (matching, mayBeAll)
  }
}

// Reading the rows.
extension DuplicateSearch {
  /// Goes through the rows once, and remembers a few bytes of each value.
  private func repeatedDigests(
    _ parts: [FeedPart], _ reader: any RowReader, _ target: Connection, _ sets: [[String]]
  ) throws -> RepeatedDigests {
    let digests = RepeatedDigests()
    if targetHasRows {
      for (index, set) in sets.enumerated() {
        try readTarget(set, index, target) { digests.insert($0) }
      }
    }
    for (feed, part) in zip(feeds, parts) {
      try transform(feed, part, reader) { machine, _, _ in
        for key in keys(of: feed, machine) { if let key { digests.insert(key) } }
      }
    }
    digests.finish()
    return digests
  }

  /// Reads what the target's rows have in a unique set, behind the set's number.
  private func readTarget(
    _ set: [String], _ index: Int, _ target: Connection, _ body: ([UInt8]) -> Void
  ) throws {
    try Self.readValues(
      of: set, in: self.target, behind: [UInt8(truncatingIfNeeded: index)], target, body)
  }

  /// Reads what a table's rows have in a unique set, as `RowMachine.withUniqueKey` gives it.
  static func readValues(
    of set: [String], in table: PostgresTable, behind start: [UInt8] = [], _ target: Connection,
    _ body: ([UInt8]) -> Void
  ) throws {
    let isNumeric = set.map { table[$0]?.type.baseOID == TypeOID.numeric.number }
    let list = try SQL.identifiers(set)
    let rows = try target.copyOut(
      "COPY (SELECT \(list) FROM \(table.ownRows())) TO STDOUT (FORMAT binary)")
    var key: [UInt8] = []
    while try rows.next({ row in
      key = start
      if readKey(row, isNumeric, into: &key) { body(key) }
    }) {}
  }

  /// Puts a row's values together as `RowMachine.withUniqueKey` does; false if one is null.
  private static func readKey(
    _ row: UnsafeRawBufferPointer, _ isNumeric: [Bool], into key: inout [UInt8]
  ) -> Bool {
    var fields = BinaryRowReader(row)
    for isNumeric in isNumeric {
      guard let field = fields.next(), !field.isNull else { return false }
      if isNumeric, let start = field.bytes.baseAddress {
        NumericView(start).appendKey(to: &key)
      } else {
        withUnsafeBytes(of: UInt32(field.bytes.count).bigEndian) { key.append(contentsOf: $0) }
        key.append(contentsOf: field.bytes)
      }
    }
    return true
  }

  private func look(
    at feed: FeedWork, _ part: FeedPart, _ reader: any RowReader, _ taken: Taken
  ) throws {
    let (comesInOrder, isOfDocuments) = (feed.source.isInKeyOrder, feed.source.table == nil)
    var candidates: [Candidate] = []
    var reading = RowKeyReader(feed.key)
    var place = 0
    try transform(feed, part, reader, beginRow: { reading.beginRow() }) { machine, row, element in
      let keys = keys(of: feed, machine)
      if let repeated = taken.repeated,
        !keys.contains(where: { $0.map(repeated.contains) ?? false })
      {
        return
      }
      var candidate = Candidate(
        keys: keys, shown: shown(row, element, machine, feed), place: place)
      place += 1
      reading.read(row, element: element, into: &candidate.rawKey)
      guard !comesInOrder else { return judge(candidate, feed, taken) }
      // Rows with columns are in the order in which they come.
      if isOfDocuments { RowKeyReader.readID(row, element, into: &candidate.order) }
      candidates.append(candidate)
    }
    // Of documents with the same id the one comes first that is first in the file.
    candidates.sort {
      if DocumentIDOrder.precedes($0.order, $1.order) { return true }
      return !DocumentIDOrder.precedes($1.order, $0.order) && $0.place < $1.place
    }
    for candidate in candidates { judge(candidate, feed, taken) }
  }

  /// How reports name a row that is kept: by its key, or by the row itself if it has none.
  private func shown(
    _ row: UnsafeRawBufferPointer, _ element: Int, _ machine: RowMachine, _ feed: FeedWork
  ) -> JSONValue {
    let key = machine.key(row, element: element)
    return key == .null
      ? ["from": .text(feed.feed.from), "row": machine.sourceRow(row, element: element)]
      : ["from": .text(feed.feed.from), "key": key]
  }

  /// Runs rows through the rules, and hands over those that would be loaded.
  private func transform(
    _ feed: FeedWork, _ part: FeedPart, _ reader: any RowReader, beginRow: () -> Void = {},
    _ body: (RowMachine, UnsafeRawBufferPointer, Int) -> Void
  ) throws {
    let machine = RowMachine(feed.program, lookups: lookups[feed.number])
    let buffer = CopyBuffer()
    try reader.read(feed, part) { row in
      guard isWanted() else { throw SurveyAbandoned() }
      beginRow()
      machine.forEachRow(of: row) { element in
        buffer.removeAll()
        if machine.run(row, element: element, into: buffer) == .row { body(machine, row, element) }
      }
    }
  }

  /// The values of the last row in each of its feed's unique sets; nil if one is null.
  private func keys(of feed: FeedWork, _ machine: RowMachine) -> [[UInt8]?] {
    feed.program.uniqueSets.enumerated().map { index, set in
      let number = UInt8(truncatingIfNeeded: allSets.firstIndex(of: set) ?? 0)
      return machine.withUniqueKey(index) { [number] + $0 }
    }
  }

  private func judge(_ row: Candidate, _ feed: FeedWork, _ taken: Taken) {
    for (value, set) in zip(row.keys, feed.program.uniqueSets) {
      guard let value, let winner = taken.winners[value] else { continue }
      // Rows with one key are equal, and the first of them has decided about all.
      guard feed.key.isUnique || taken.known[feed.number].insert(row.rawKey).inserted else {
        return
      }
      if !feed.key.isUnique, winner.feed == feed.number, winner.rawKey == row.rawKey {
        taken.equal[feed.number][row.rawKey] = taken.losers.count
      }
      taken.losers.append(
        DuplicateRow(
          feed: feed.number, rawKey: row.rawKey, winner: winner.shown,
          columns: set.joined(separator: ", ")))
      return
    }
    var winner = Winner(shown: row.shown)
    if !feed.key.isUnique { (winner.feed, winner.rawKey) = (feed.number, row.rawKey) }
    for value in row.keys { if let value { taken.winners[value] = winner } }
  }
}

// Equal rows, which no key distinguishes.
extension DuplicateSearch {
  /// Finds the chunk that the first of each set of equal rows is in: there it is loaded, whatever lane comes first.
  private func placeEqualRows(
    _ reader: any RowReader, _ taken: Taken, _ chunks: [[PlannedChunk]]
  ) throws {
    var first = 0
    for (feed, chunks) in zip(feeds, chunks) {
      let places = taken.equal[feed.number]
      var wanted = Set(places.keys)
      for (ordinal, chunk) in chunks.enumerated() where !wanted.isEmpty {
        for key in try keys(in: chunk, of: feed, reader, among: wanted) {
          wanted.remove(key)
          if let place = places[key] { taken.losers[place].keptIn = first + ordinal }
        }
      }
      // The chunks of a table are numbered through all of its feeds.
      first += chunks.count
    }
  }

  /// Returns those of some keys that rows of a chunk have.
  private func keys(
    in chunk: PlannedChunk, of feed: FeedWork, _ reader: any RowReader, among wanted: Set<[UInt8]>
  ) throws -> Set<[UInt8]> {
    let machine = RowMachine(feed.program, lookups: lookups[feed.number])
    var (reading, key) = (RowKeyReader(feed.key), [UInt8]())
    var found: Set<[UInt8]> = []
    try reader.read(feed, .chunk(chunk.range)) { row in
      guard isWanted() else { throw SurveyAbandoned() }
      reading.beginRow()
      machine.forEachRow(of: row) { element in
        reading.read(row, element: element, into: &key)
        if wanted.contains(key) { found.insert(key) }
      }
    }
    return found
  }
}

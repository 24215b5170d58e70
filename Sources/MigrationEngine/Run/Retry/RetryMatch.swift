import MigrationBasics
import MigrationLedger
import MigrationRows
import Postgres

/// Finds the rows of a retry in a source if no unique key shows which is which.
///
/// A row is the quarantined one if it is equal to it, as the ledger keeps it; of rows that are equal, each is taken
/// once. A row that was changed since is known by its key, if no other row has that key now and none had it before.
/// What is found in neither way can't be distinguished from rows that are loaded, and is not tried.
final class RetryMatch {
  private struct Candidate {
    let bytes: [UInt8]
    let element: Int
    let key: JSONValue
    let row: JSONValue
  }

  /// How many rows are compared at once, and how many bytes of them.
  private static let batch = (rows: 500, bytes: 4 << 20)

  private let table: TableID
  private let feed: FeedWork
  private let machine: RowMachine
  private let ledger: Ledger
  private let entries: [Int: QuarantineEntry]
  private let keyed: [JSONValue: [QuarantineEntry]]
  /// The entries of equal rows that wait for one, by the number of the first of them.
  private var waiting: [Int: [Int]]
  private var candidates: [Candidate] = []
  private var candidateBytes = 0
  /// Rows with the key of an entry, and equal to none.
  private var changed: [JSONValue: [Candidate]] = [:]
  private var seen: Set<JSONValue> = []
  private var taken: Set<Int> = []

  init(
    _ entries: [QuarantineEntry], table: TableID, _ feed: FeedWork, _ machine: RowMachine,
    _ ledger: Ledger
  ) throws {
    self.table = table
    (self.feed, self.machine, self.ledger) = (feed, machine, ledger)
    self.entries = Dictionary(entries.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    keyed = Dictionary(grouping: entries.filter { $0.row.isFound(by: feed) }) { $0.row.lookupKey }
    waiting = try ledger.equalRows(entries.map(\.id))
  }

  /// Reads the source and hands each row over with its entry.
  ///
  /// - Returns: The entries whose key no row of the source has any more; others without a row can't be identified.
  func run(
    _ source: any RowSource, _ body: (UnsafeRawBufferPointer, Int, QuarantineEntry) -> Void
  ) throws -> Set<Int> {
    let reader = try source.open(timeout: nil)
    if !keyed.isEmpty {
      let keys = keyed.values.compactMap(\.first?.row.key)
      try read(reader, .keys(keys), isWanted: { self.keyed[$0.sortedMembers] != nil }, body)
    }
    let chunks = Set(entries.values.filter { !$0.row.isFound(by: feed) }.map(\.chunk)).sorted()
    for number in chunks {
      guard let record = try ledger.chunk(table: table, number: number) else { continue }
      let range = record.chunk.range
      try read(reader, .chunk(range), isWanted: { !$0.hasValue(for: self.feed) }, body)
    }
    takeChanged(body)
    let gone = keyed.filter { !seen.contains($0.key) }.values.joined().map(\.id)
    return Set(gone).subtracting(taken)
  }

  private func read(
    _ reader: any RowReader, _ part: FeedPart, isWanted: (JSONValue) -> Bool,
    _ body: (UnsafeRawBufferPointer, Int, QuarantineEntry) -> Void
  ) throws {
    try reader.read(feed, part) { row in
      machine.forEachRow(of: row) { element in
        let key = machine.key(row, element: element)
        guard isWanted(key) else { return }
        candidates.append(
          Candidate(
            bytes: Array(row), element: element, key: key.sortedMembers,
            row: machine.sourceRow(row, element: element)))
        candidateBytes += row.count
      }
      if candidates.count >= Self.batch.rows || candidateBytes >= Self.batch.bytes {
        try settle(body)
      }
    }
    try settle(body)
  }

  /// Asks the ledger which of the current rows are equal to quarantined ones.
  private func settle(
    _ body: (UnsafeRawBufferPointer, Int, QuarantineEntry) -> Void
  ) throws {
    guard !candidates.isEmpty else { return }
    let equal = try ledger.equalRows(candidates.map(\.row), among: Array(entries.keys))
    for (candidate, first) in zip(candidates, equal) {
      seen.insert(candidate.key)
      if let first, let id = waiting[first]?.popLast() {
        take(candidate, id, body)
      } else if first == nil, keyed[candidate.key] != nil {
        changed[candidate.key, default: []].append(candidate)
      }
    }
    (candidates, candidateBytes) = ([], 0)
  }

  /// Takes rows by their keys, if the source keeps those unique, but for nulls; or if a primary key that the rules
  /// write keeps a row from coming twice that is taken for another by mistake.
  private func takeChanged(_ body: (UnsafeRawBufferPointer, Int, QuarantineEntry) -> Void) {
    guard feed.writesPrimaryKey || feed.hasUniqueValues else { return }
    for (key, rows) in changed {
      guard let row = rows.first, rows.count == 1, let entry = keyed[key]?.first,
        keyed[key]?.count == 1, !taken.contains(entry.id)
      else { continue }
      take(row, entry.id, body)
    }
  }

  private func take(
    _ candidate: Candidate, _ id: Int,
    _ body: (UnsafeRawBufferPointer, Int, QuarantineEntry) -> Void
  ) {
    guard let entry = entries[id] else { return }
    taken.insert(id)
    candidate.bytes.withUnsafeBytes { body($0, candidate.element, entry) }
  }
}

extension QuarantinedRow {
  /// The key as rows are looked up by it.
  var lookupKey: JSONValue { EscapedText.decode(key).sortedMembers }

  /// Whether the source can be asked for the row by its key.
  func isFound(by feed: FeedWork) -> Bool { EscapedText.decode(key).hasValue(for: feed) }
}

extension JSONValue {
  /// Whether a row's key can be asked for: some rows have none, and are identified by their place in a chunk.
  func hasValue(for feed: FeedWork) -> Bool {
    let names = feed.source.form.keyNames(feed.feed)
    return !names.isEmpty && names.allSatisfy { self[$0].map { $0 != .null } ?? false }
  }
}

extension FeedWork {
  /// Whether the rules write the target's primary key, so that no row can be there twice.
  var writesPrimaryKey: Bool { !primaryKey.isEmpty && program.uniqueSets.contains(primaryKey) }

  /// Whether the source has no two rows with the same values in the key; nulls are no values.
  var hasUniqueValues: Bool { source.table?.tellsValuesApart(by: feed.key) ?? false }
}

extension Ledger {
  /// Groups quarantined rows by what is equal; returns their numbers by the first of each group.
  func equalRows(_ ids: [Int]) throws -> [Int: [Int]] {
    let found = try connection.query(
      """
      SELECT id, min(id) OVER (PARTITION BY row) FROM \(names.quarantine)
      WHERE id = ANY ($1) ORDER BY id DESC
      """, [ids])
    return Dictionary(grouping: found.rows) { $0.number(1) }.mapValues { $0.map { $0.number(0) } }
  }

  /// Returns for each source row the first quarantined one that it is equal to; nil for a row that is equal to none.
  func equalRows(_ rows: [JSONValue], among ids: [Int]) throws -> [Int?] {
    let found = try connection.query(
      """
      SELECT q.id FROM jsonb_array_elements($1) WITH ORDINALITY a(row, place)
      LEFT JOIN (
        SELECT row, min(id) AS id FROM \(names.quarantine) WHERE id = ANY ($2) GROUP BY row) q
        ON q.row = a.row
      ORDER BY a.place
      """, [JSONValue.array(rows.map { EscapedText.storable($0, for: encoding) }).jsonb, ids])
    return found.rows.map { $0.int(0) }
  }
}

import Postgres
import TestSupport
import Testing

@testable import MigrationBasics
@testable import MigrationLedger

@Suite struct LedgerQuarantineTests {
  /// Completes the next chunk with rows quarantined.
  private func complete(
    _ fixture: LedgerFixture, _ rows: [QuarantinedRow], warnings: [WarningCount] = []
  ) throws -> Chunk {
    let ledger = fixture.ledger
    return try ledger.connection.inTransaction {
      let chunk = try fixture.claim(ledger)
      try ledger.quarantine(rows, of: chunk)
      try ledger.recordWarnings(warnings, of: chunk)
      let warned = warnings.reduce(0) { $0 + $1.count }
      try ledger.complete(
        chunk,
        counts(
          read: 10 + rows.count, loaded: 10, quarantined: rows.count, warned: warned),
        run: fixture.run.id, lane: 0)
      return chunk
    }
  }

  private func row(_ key: Int, _ reason: String, column: String? = nil) -> QuarantinedRow {
    QuarantinedRow(
      key: .int(key), row: ["id": .int(key)], code: .data, reason: reason, column: column)
  }

  @Test func rowsComeBackWholeWhateverIsInThem() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    let odd = QuarantinedRow(
      key: ["id": "a\0b", "n": .numeral("123456789012345678901234567890.10")],
      row: [
        "text": "quotes \" ' \\ and \n lines", "raw": EscapedText.value(bytes: [0xFF, 0]),
        "nul\0key": nil, "deep": [[["x": 1.5]]], "ünï": "🐘",
      ], code: .duplicate, reason: "duplicate", column: "Odd \"column\"", value: "a\0b",
      hint: "see the winner", winner: ["id": 7])
    let chunk = try complete(fixture, [odd, row(2, "tooLong")])
    let entries = try fixture.ledger.quarantined(session: fixture.session.id)
    #expect(entries.count == 2)
    let entry = try #require(entries.first)
    // jsonb sorts the keys of an object.
    for key in ["id", "n"] { #expect(EscapedText.decode(entry.row.key)[key] == odd.key[key]) }
    for key in ["text", "deep", "ünï"] { #expect(entry.row.row[key] == odd.row[key]) }
    #expect(entry.row.row["raw"].flatMap(EscapedText.bytes) == [0xFF, 0])
    #expect(EscapedText.decode(entry.row.row)["nul\0key"] == .some(.null))
    #expect(entry.row.value == "a\\0b")
    #expect(entry.row.winner == odd.winner)
    #expect(entry.row.column == odd.column)
    #expect((entry.row.code, entry.table, entry.chunk) == (.duplicate, "items", chunk.number))
    #expect(entries.last?.row.winner == nil)
    #expect(try fixture.ledger.quarantined(chunk: chunk) == entries)
  }

  @Test func manyLargeRowsGoInSeveralStatements() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    let large = String(repeating: "x", count: 1_000_000)
    let rows = (0..<12).map { index in
      QuarantinedRow(key: .int(index), row: ["t": .text(large)], code: .data, reason: "large")
    }
    _ = try complete(fixture, rows)
    let sums = try fixture.sql("SELECT count(*), min(length(row->>'t')) FROM migrate.quarantine")
    #expect(sums == "12|1000000")
  }

  @Test func aRolledBackChunkSetsNothingAside() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    let ledger = fixture.ledger
    try ledger.connection.begin()
    try ledger.quarantine([row(1, "bad")], of: fixture.claim(ledger))
    try ledger.connection.rollback()
    #expect(try ledger.quarantineCount(session: fixture.session.id) == 0)
  }

  @Test func patternsGroupByReasonAndColumnTheMostFrequentFirst() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(2)
    _ = try complete(fixture, [row(1, "tooLong", column: "name"), row(2, "badDate")])
    _ = try complete(
      fixture, [row(3, "tooLong", column: "name"), row(4, "tooLong", column: "code")])
    let ledger = fixture.ledger
    let first = try #require(try ledger.quarantined(session: fixture.session.id).first)
    try ledger.settle([first.id], as: .settled, note: "known")
    let patterns = try ledger.quarantinePatterns(session: fixture.session.id)
    #expect(patterns.map(\.count) == [2, 1, 1])
    #expect(patterns.map(\.openCount) == [1, 1, 1])
    #expect(patterns.map(\.reason) == ["tooLong", "badDate", "tooLong"])
    #expect(patterns.map(\.column) == ["name", nil, "code"])
    #expect(patterns.first?.example.row.key == 1)
  }

  @Test func filtersAndPagesFindTheirRows() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    _ = try complete(fixture, (0..<25).map { row($0, $0 < 20 ? "a" : "b", column: "c") })
    let ledger = fixture.ledger
    var filter = QuarantineFilter(table: "items", status: .open)
    filter.reason = "a"
    filter.column = "c"
    filter.code = .data
    var keys: [JSONValue] = []
    while true {
      let page = try ledger.quarantined(session: fixture.session.id, filter, limit: 8)
      guard let last = page.last else { break }
      keys += page.map(\.row.key)
      filter.after = last.id
    }
    #expect(keys == (0..<20).map { .int($0) })
    var other = QuarantineFilter(table: "items")
    other.code = .foreignKey
    #expect(try ledger.quarantineCount(session: fixture.session.id, other) == 0)
    #expect(try ledger.quarantineCount(session: fixture.session.id) == 25)
    #expect(try ledger.quarantineCount(session: SessionID(rawValue: 999)) == 0)
  }

  @Test func twoRetriesNeverTakeTheSameRowAndRollbackGivesItBack() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    _ = try complete(fixture, (0..<4).map { row($0, "bad") })
    let (first, second) = (try fixture.otherLedger(), try fixture.otherLedger())
    func take(_ ledger: Ledger) throws -> [Int] {
      try ledger.takeForRetry(session: fixture.session.id, table: "items", limit: 2).map(\.id)
    }
    try first.connection.begin()
    try second.connection.begin()
    let (mine, theirs) = (try take(first), try take(second))
    #expect(mine.count == 2 && theirs.count == 2)
    #expect(Set(mine).isDisjoint(with: theirs))
    #expect(try first.settle(mine, as: .retried) == 2)
    try first.connection.commit()
    try second.connection.rollback()
    try second.connection.begin()
    #expect(try take(second) == theirs)
    var worse = row(2, "stillBad", column: "x")
    worse.value = "v"
    try second.noteRetryFailure(theirs[0], worse)
    try second.connection.commit()
    #expect(try first.settle(mine, as: .retried) == 0)
    let entries = try first.quarantined(session: fixture.session.id)
    #expect(entries.map(\.status) == [.retried, .retried, .open, .open])
    #expect(entries[2].retries == 1)
    #expect(entries[2].row.reason == "stillBad")
    let sheet = try #require(try first.balance(session: fixture.session.id).first)
    #expect((sheet.quarantined, sheet.open, sheet.retried, sheet.inTarget) == (4, 2, 2, 12))
    #expect(sheet.closes)
  }

  @Test func warningsAddUpOverChunksWithAFewKeys() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(2)
    let keys = (0..<9).map { JSONValue.int($0) }
    let phone = WarningCount(column: "phone", reason: "invalid", count: 9, examples: keys)
    #expect(phone.examples.count == ExampleKeys.most)
    _ = try complete(fixture, [], warnings: [phone])
    let other = WarningCount(column: nil, reason: "orphan", count: 1, examples: ["k"])
    let more = WarningCount(column: "phone", reason: "invalid", count: 2, examples: [90, 91])
    _ = try complete(fixture, [], warnings: [more, other])
    let warnings = try fixture.ledger.warnings(session: fixture.session.id).map(\.warning)
    #expect(warnings.map(\.count) == [1, 11])
    #expect(warnings.map(\.column) == [nil, "phone"])
    #expect(warnings.last?.examples == [0, 1, 2, 3, 4])
    #expect(try fixture.ledger.balance(session: fixture.session.id).first?.closes == true)
  }

  @Test func aMissingQuarantineRowOpensTheBooks() throws {
    let fixture = try LedgerFixture()
    try fixture.plan(1)
    _ = try complete(fixture, [row(1, "bad"), row(2, "bad")])
    _ = try fixture.sql("DELETE FROM migrate.quarantine WHERE key = '1'")
    let sheet = try #require(try fixture.ledger.balance(session: fixture.session.id).first)
    #expect(!sheet.closes)
    #expect(sheet.faults == [BalanceFault(kind: .quarantine, expected: 2, found: 1)])
  }
}

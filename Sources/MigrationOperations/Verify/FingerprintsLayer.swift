import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import Postgres

/// Reads every row back and compares it with what was sent, by the sums of their hashes.
struct FingerprintsLayer {
  let scope: ValidationScope
  /// What compares rows with their source; nil if the source is said to be gone.
  let records: (() throws -> RecordsLayer)?
  /// The snapshot in which all layers read the target.
  let snapshot: Snapshot

  func run() throws -> LayerResult {
    var result = LayerResult(.fingerprints)
    guard let bytes = scope.session.fingerprintKey else {
      Self.tellNone(scope, &result)
      return result
    }
    let key = FingerprintKey(bytes)
    let foreign = try scope.ledger.foreignOrigin()
    for table in scope.tables {
      guard let live = scope.live[table.name] else {
        result.findings.append(CountsLayer.noTable(table))
        continue
      }
      guard let state = scope.state(of: table) else {
        result.findings.append(CountsLayer.notMigrated(table))
        continue
      }
      try check(table, live, state, key, foreign: foreign, &result)
    }
    return result
  }

  private static func tellNone(_ scope: ValidationScope, _ result: inout LayerResult) {
    let why = "session \(scope.session.id) is from a version without fingerprints"
    guard !scope.request.fingerprintsMayBeMissing else { return result.reasonNotRun = why }
    result.findings.append(
      ValidationFinding(
        .critical, .data, table: scope.tables.first?.name ?? "", why,
        remedy: "compare every record with its source: migrate validate --samples all"))
  }

  private func check(
    _ table: TablePlan, _ live: PostgresTable, _ state: TableState, _ key: FingerprintKey,
    foreign: String?, _ result: inout LayerResult
  ) throws {
    let book = try scope.ledger.fingerprints(table: state.id)
    guard let columns = try readable(book, table, live, state, &result) else { return }
    let name = try scope.name(of: live)
    let tally = try FingerprintReading(book: book, key: key, table: name).run(scope.target)
    result.checked += max(1, book.groups.count)
    let judgement = FingerprintJudgement(
      book: book, tally: tally, before: try scope.ledger.rowsBefore(table: state.id) ?? 0)
    let words = FingerprintWords(table: table, judgement: judgement)
    result.tables.append(words.line(outside: columns.outside))
    if !columns.unknown.isEmpty { result.findings.append(words.partial(columns.unknown)) }
    guard !judgement.isRewritten else { return result.findings.append(words.rewritten) }
    if let why = foreign ?? (book.hasForgotten ? FingerprintWords.forgotten : nil) {
      return result.findings.append(words.untold(why))
    }
    let strangers = judgement.strangers > 0 ? try keysOfStrangers(live, state) : []
    result.findings += words.findings(strangers: strangers)
    try narrow(words, table, live, state, &result)
  }

  /// Returns the columns that fingerprints can say nothing of; nil if they can't be made at all.
  private func readable(
    _ book: ExpectedFingerprints, _ table: TablePlan, _ live: PostgresTable, _ state: TableState,
    _ result: inout LayerResult
  ) throws -> (outside: [String], unknown: [String])? {
    let fed = Set(table.feeds.flatMap { $0.columns.map(\.column) })
    let outside = live.columns.map(\.name).filter { name in
      !book.columns.contains { $0.name == name }
    }
    let gone = book.columns.map(\.name).filter { live[$0] == nil }
    let isWhole = !book.isEmpty && book.groups.allSatisfy { $0.expected != nil }
    guard isWhole, gone.isEmpty, state.status == .done else {
      let why =
        state.status != .done
        ? "\(table.name) is not completely migrated"
        : gone.isEmpty
          ? "the ledger lacks fingerprints of \(table.name)"
          : "\(table.name) no longer has column \(gone.joined(separator: ", "))"
      result.findings.append(
        ValidationFinding(
          .critical, gone.isEmpty ? .data : .schema, table: table.name, why,
          remedy: state.status != .done
            ? "continue: migrate run" : "see: migrate db status, migrate status --check"))
      return nil
    }
    return (outside, outside.filter(fed.contains))
  }

  /// The keys of rows that none of the migration's transactions wrote.
  private func keysOfStrangers(_ live: PostgresTable, _ state: TableState) throws -> [String] {
    try scope.examples(live, where: "NOT (\(scope.ledger.bearsOwn("t", table: state.id)))")
  }

  /// How many chunks are compared row by row before that is left to a check of all records.
  private static let mostChunks = 20

  /// Looks in the source for the rows and columns that differ.
  private func narrow(
    _ words: FingerprintWords, _ table: TablePlan, _ live: PostgresTable,
    _ state: TableState, _ result: inout LayerResult
  ) throws {
    let numbers = words.judgement.differingChunks
    guard let records, !numbers.isEmpty else { return }
    let layer: RecordsLayer
    do { layer = try records() } catch {
      result.findings.append(words.unreachable(error))
      return
    }
    let chosen = Set(numbers.prefix(table.merge == nil ? Self.mostChunks : numbers.count))
    let chunks = try scope.ledger.chunks(table: state.id, status: .done).map(\.chunk)
      .filter { chosen.contains($0.number) }
    var compared = LayerResult(.records)
    try TableRecords(
      layer: layer, table: table, state: state, live: live,
      lookups: LookupLoading(schema: scope.request.plan.target.schema)
    ).compare(chunks, &compared, seeing: snapshot)
    result.mismatches += compared.mismatches
    result.findings += compared.findings
    if chunks.count < numbers.count {
      result.findings.append(words.onlySome(chunks.count, of: numbers.count))
    }
  }
}

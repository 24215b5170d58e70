import MigrationBasics
import MigrationEngine
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// The records of one feed: read again, transformed, sent to be compared, and judged.
final class FeedRecords {
  private let records: TableRecords
  private let feed: Feed
  private let number: Int
  private let work: FeedWork
  private let machine: RowMachine
  /// Makes no more than the primary key, also of rows that the rules refuse.
  private let keyMachine: RowMachine?
  /// Whether all records of the source are checked.
  private var isWhole = false
  /// Whether the key machine is in the document at hand.
  private var isKeyOpen = false
  let expected: RecordComparison
  private let refused: RecordComparison?
  private var refusedKeys: [JSONValue] = []
  private var refusedRows: [[UInt8]] = []
  /// Source rows of which the server has rejected what the rules make of them, and the elements.
  private var refusedByServer: [(row: [UInt8], elements: [Int])] = []
  /// The source rows of those that the rules refuse, if no unique key distinguishes them.
  private var refusedSources: [JSONValue] = []
  /// Keys of rows in the quarantine, where other rows may have the same; nil if keys are unique.
  private let suspects: Set<JSONValue>?
  private let fingerprints: FingerprintKey?
  /// Reads rows as a lenient retry has read them; nil for documents.
  private let coercion: RowCoercion?
  /// Keys of rows that a retry loaded, once one of the feed's rows is rejected.
  private var retried: Set<JSONValue>?

  /// - Parameter fingerprints: hashes the rows as they were sent; nil if that is not requested.
  init(
    records: TableRecords, feed: Feed, number: Int, fingerprints: FingerprintKey? = nil
  ) throws {
    self.fingerprints = fingerprints
    (self.records, self.feed, self.number) = (records, feed, number)
    let layer = records.layer
    let plan = layer.scope.request.plan
    let context = try plan.context(reading: layer.scope.session)
    let found = try layer.source.find(feed, schema: plan.source.schema, condition: nil)
    let referenced = try Self.referenced(by: records)
    let compile = { (feed: Feed, table: TablePlan) in
      try RowProgram.compile(
        table, feed: feed, feedNumber: number, source: found.table, target: records.live,
        context: context,
        deferredTables: table.merge == nil
          ? PlanOrder(plan.tables).tablesAfter(table.name) : table.referencedTables,
        referenced: referenced)
    }
    let machine = { (program: RowProgram) in
      RowMachine(
        program,
        lookups: try program.references.map {
          try records.lookups.table(for: $0, layer.comparer)
        })
    }
    let program = try compile(feed, records.table)
    let columns = try fingerprints.flatMap { _ in
      try layer.scope.ledger.fingerprintColumns(table: records.state.id)[number]
    }
    work = try FeedWork(
      number: number, feed: feed, source: found, target: records.live, program: program,
      staging: nil
    ).hashing(columns)
    self.machine = try machine(program)
    coercion = RowCoercion(work)
    suspects =
      work.key.isUnique || records.table.merge != nil
      ? nil : try layer.scope.ledger.quarantinedKeys(table: records.state.id, feed: number)
    var (keyFeed, keyTable) = (feed, records.table)
    keyFeed.columns = feed.columns.filter { records.live.primaryKey.contains($0.column) }
    keyTable.checks = []
    let keyProgram = keyFeed.columns.isEmpty ? nil : try compile(keyFeed, keyTable)
    keyMachine = try keyProgram.map(machine)
    let hashed = program.isSpelledByServer ? fingerprints : nil
    expected = try RecordComparison(
      layer.scope, layer.comparer, table: records.live, number: records.state.id,
      program: program, isMerged: records.table.merge != nil,
      keepsFingerprints: fingerprints != nil,
      hashed: hashed.map { .init(key: $0, columns: columns ?? []) },
      purpose: "expected_\(number)")
    refused = try keyProgram.map { program in
      try RecordComparison(
        layer.scope, layer.comparer, table: records.live, number: records.state.id,
        program: program, purpose: "refused_\(number)")
    }
    expected.refuse = { [unowned self] row, element, isOfLast in
      if !isOfLast || refusedByServer.isEmpty { refusedByServer.append((Array(row), [])) }
      refusedByServer[refusedByServer.count - 1].elements.append(element)
    }
    expected.pairsRows = suspects != nil
  }

  /// The tables that rows are looked up in; who checks a part of the plan's tables need not have read them yet.
  private static func referenced(by records: TableRecords) throws -> [String: PostgresTable] {
    let (known, names) = (records.layer.scope.live, records.table.referencedTables)
    if names.allSatisfy({ known[$0] != nil }) { return known }
    let found = try CatalogReader(records.layer.comparer).tables(
      schema: records.live.schema, named: Array(names))
    return Dictionary(found.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  func drop() {
    expected.drop()
    refused?.drop()
  }

  /// Forgets what was sent.
  func clear() throws {
    (refusedKeys, refusedRows, refusedSources) = ([], [], [])
    try expected.clear()
    try refused?.clear()
  }

  /// Sends what the rules make of parts of the source's records.
  func send(_ parts: [FeedPart]) throws {
    isWhole = parts.allSatisfy { if case .all = $0 { true } else { false } }
    let buffer = CopyBuffer()
    var failure: (any Error)?
    for part in parts {
      try records.layer.source.read(work, part) { row in
        isKeyOpen = false
        expected.beginSourceRow()
        machine.forEachRow(of: row) { element in
          guard failure == nil else { return }
          do { try take(row, element, buffer) } catch { failure = error }
        }
        if let failure { throw failure }
      }
    }
    try expected.close()
    noteRefusedByServer()
    try expected.learn(feed: number, rows: !work.key.isUnique)
    if suspects?.isEmpty == false { try expected.explainRows(feed: number) }
    for (row, key) in zip(refusedRows, refusedKeys) where !row.isEmpty {
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      try row.withUnsafeBytes { try refused?.take($0, of: (none, -1), key: key, feed: number) }
    }
    try refused?.close()
  }

  private func take(
    _ row: UnsafeRawBufferPointer, _ element: Int, _ buffer: CopyBuffer
  ) throws {
    buffer.removeAll()
    let key = machine.key(row, element: element)
    let isMade =
      if case .row = machine.run(row, element: element, into: buffer) { true } else {
        try isReadLeniently(row, key, buffer)
      }
    if isMade {
      let hash = fingerprints?.hash(machine.hashedBytes(work.hashedFields)) ?? .zero
      return try buffer.withBytes {
        try expected.take(
          $0, of: (row, element), key: sentKey(key, row, element), feed: number, hash)
      }
    }
    note(refused: row, element)
  }

  /// Makes a rejected row as a lenient retry has made it, if a retry has loaded a row with its key.
  private func isReadLeniently(
    _ row: UnsafeRawBufferPointer, _ key: JSONValue, _ buffer: CopyBuffer
  ) throws -> Bool {
    guard let coercion else { return false }
    let reject = machine.reject
    let known = try retried ?? expected.retriedKeys(feed: number)
    retried = known
    guard key == .null ? !known.isEmpty : known.contains(key.sortedMembers) else { return false }
    return coercion.run(Array(row), reject, machine, into: buffer) != nil
  }

  /// The machines may be in another document when the server rejects a row, so it waits here.
  private func noteRefusedByServer() {
    for (row, elements) in refusedByServer {
      row.withUnsafeBytes { row in
        isKeyOpen = false
        for (place, element) in elements.enumerated() {
          machine.goTo(element, of: row, isOpen: place > 0)
          note(refused: row, element)
        }
      }
    }
    (refusedByServer, isKeyOpen) = ([], false)
  }

  private func note(refused row: UnsafeRawBufferPointer, _ element: Int) {
    if !work.key.isUnique { refusedSources.append(machine.sourceRow(row, element: element)) }
    refusedKeys.append(machine.key(row, element: element))
    refusedRows.append(keyRow(row, element))
  }

  /// The key of a row, and with it the row itself if the quarantine may have it or another one of that key.
  private func sentKey(
    _ key: JSONValue, _ row: UnsafeRawBufferPointer, _ element: Int
  ) -> JSONValue {
    guard let suspects, key == .null ? !suspects.isEmpty : suspects.contains(key.sortedMembers)
    else { return key }
    return RecordComparison.key(
      key, with: machine.sourceRow(row, element: element),
      for: records.layer.scope.ledger.encoding)
  }

  /// The primary key of a row that the rules refuse; empty if they refuse that too.
  private func keyRow(_ row: UnsafeRawBufferPointer, _ element: Int) -> [UInt8] {
    guard let keyMachine else { return [] }
    let buffer = CopyBuffer(flushThreshold: 1024)
    keyMachine.goTo(element, of: row, isOpen: isKeyOpen)
    isKeyOpen = true
    guard case .row = keyMachine.run(row, element: element, into: buffer) else { return [] }
    return buffer.withBytes { [UInt8]($0) }
  }

  /// Asks what is missing, what differs, and what should not be there.
  func judge(_ result: inout LayerResult) throws {
    let tally = try expected.tally()
    let (different, shown) = try expected.mismatches(tally, limit: 1000)
    let compared = tally.compared
    let columns = machine.program.targetColumns.count
    result.records += compared
    result.fields += compared * columns
    result.equalFields += compared * columns - different
    result.mismatches += shown
    result.tables.append([
      "table": .text(records.table.name), "source": .text(feed.from),
      "records": .int(compared), "differentFields": .int(different),
      "refused": .int(refusedKeys.count),
    ])
    if different > 0 { result.findings.append(differing(different, shown)) }
    add(
      try expected.missing(tally), to: &result,
      "of \(feed.from) not in the target, and not counted as merged, filtered or quarantined")
    add(
      try expected.asideAndLoaded(), to: &result,
      "of \(feed.from) quarantined, but also in the target")
    if let refused {
      add(
        try refused.present(), to: &result,
        "of \(feed.from) rejected by the rules, but in the target")
    }
    try unsaid(&result)
    if isWhole, compared > 0 { result.findings += alwaysNull(compared) }
  }

  /// What the target's own columns don't show: values before a default, parts of texts, and those of
  /// one feed among several.
  private func alwaysNull(_ rows: Int) -> [ValidationFinding] {
    machine.alwaysNull.compactMap { value in
      if case .value = value.part, records.table.feeds.count == 1 { return nil }
      return ValidationFinding(
        .warning, .data, table: records.table.name, column: value.column,
        "\(records.table.name).\(value.label) is null in every row of \(feed.from) (\(CountText.of(rows, "row")))",
        count: 0,
        remedy: "see what its rule reads: migrate plan explain \(records.table.command); "
          + "nothing, if the source has no values")
    }
  }

  private func add(
    _ found: (count: Int, examples: [String]), to result: inout LayerResult, _ what: String
  ) {
    guard found.count > 0 else { return }
    result.findings.append(
      ValidationFinding(
        .critical, .corruption, table: records.table.name,
        "\(CountText.of(found.count, "row")) \(what)",
        count: found.count, examples: found.examples,
        remedy: "trace one: migrate trace --table \(records.table.command) --key …"))
  }

  private func differing(_ count: Int, _ shown: [FieldMismatch]) -> ValidationFinding {
    let name = records.table.name
    let first = shown.first
    return ValidationFinding(
      .high, .corruption, table: name, column: first?.column,
      "\(CountText.of(count, "field")) of \(name) not equal to the plan's result for \(feed.from)",
      count: count,
      examples: shown.prefix(5).map(\.key),
      remedy: "the source or the target was changed since; trace a row: migrate trace --table "
        + "\(records.table.command) --key …")
  }

  /// Rows that the rules refuse must be in the quarantine.
  private func unsaid(_ result: inout LayerResult) throws {
    guard !refusedKeys.isEmpty else { return }
    let ledger = records.layer.scope.ledger
    let items = refusedKeys.enumerated().map { place, key in
      refusedSources.isEmpty
        ? ["key": EscapedText.encode(key, for: ledger.encoding)]
        : [
          "key": EscapedText.encode(key, for: ledger.encoding),
          "row": EscapedText.storable(refusedSources[place], for: ledger.encoding),
        ]
          as JSONValue
    }
    add(
      try expected.unquarantined(items, feed: number, withRows: !refusedSources.isEmpty),
      to: &result,
      "of \(feed.from) rejected by the rules, but not quarantined")
  }
}

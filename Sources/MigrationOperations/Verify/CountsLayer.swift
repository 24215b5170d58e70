import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// Compares how many rows there are: in the source, in the row counts, in the target.
struct CountsLayer {
  let scope: ValidationScope
  /// Counts the rows of a feed in the source now; nil if the source can't be asked.
  let sourceCount: ((Feed) throws -> Int)?
  /// Counts the documents of a feed whose elements are the rows.
  let documentCount: ((Feed) throws -> Int)?

  func run() throws -> LayerResult {
    var result = LayerResult(.counts)
    for table in scope.tables { try check(table, &result) }
    return result
  }

  private func check(_ table: TablePlan, _ result: inout LayerResult) throws {
    guard let live = scope.live[table.name] else {
      result.findings.append(Self.noTable(table))
      return
    }
    guard let sheet = scope.sheet(of: table), let state = scope.state(of: table) else {
      result.findings.append(Self.notMigrated(table))
      return
    }
    let target =
      try scope.target.query("SELECT count(*) FROM \(try scope.name(of: live))")
      .int(0, 0) ?? 0
    let sources = try sourceCount.map { try table.feeds.map($0) }
    let source = sources?.reduce(0, +)
    for (feed, rows) in zip(table.feeds, sources ?? []) where feed.each != nil && rows == 0 {
      guard let documents = try documentCount?(feed), documents > 0 else { continue }
      result.findings.append(Self.noElements(table, feed, documents))
    }
    let before = try scope.ledger.rowsBefore(table: state.id) ?? 0
    result.checked += 1
    result.tables.append(
      line(table, source: source, sheet, before: before, target: target))
    result.findings += books(table, sheet, state)
    if before + sheet.inTarget != target {
      let surplus =
        target > before + sheet.inTarget
        ? try SurplusRows(scope, live, state, expected: sheet.inTarget) : nil
      result.findings.append(
        difference(
          table, expected: before + sheet.inTarget, found: target, before: before, surplus))
    }
    if let source, source != sheet.read {
      result.findings.append(changedSource(table, source: source, sheet))
    }
  }

  private func books(
    _ table: TablePlan, _ sheet: RowCounts, _ state: TableState
  ) -> [ValidationFinding] {
    var found = sheet.faults.map { fault in
      ValidationFinding(
        .critical, .corruption, table: table.name,
        "the row counts of \(table.name) do not add up: \(fault.kind.rawValue) should be "
          + "\(fault.expected) and are \(fault.found)",
        count: abs(fault.expected - fault.found),
        remedy: "the ledger was changed by hand; restore it, or start over: migrate run --fresh")
    }
    if state.status != .done {
      found.append(
        ValidationFinding(
          .critical, .data, table: table.name,
          "\(table.name) is not completely migrated: \(sheet.chunksDone) of \(CountText.of(sheet.chunks, "chunk"))",
          count: sheet.chunks - sheet.chunksDone, remedy: "continue: migrate run"))
    }
    if sheet.open > 0 {
      found.append(
        ValidationFinding(
          .warning, .data, table: table.name,
          "\(CountText.of(sheet.open, "row")) of \(table.name) quarantined", count: sheet.open,
          remedy: "see: migrate errors --table \(table.command)"))
    }
    return found
  }

  private func difference(
    _ table: TablePlan, expected: Int, found: Int, before: Int, _ surplus: SurplusRows?
  ) -> ValidationFinding {
    let origin =
      before > 0 ? ", \(GroupedNumber.text(before)) of them from before the migration" : ""
    let difference = GroupedNumber.text(abs(expected - found))
    let sense = difference + (found < expected ? " missing" : " too many")
    let owner = surplus.map { ", \($0.words)" } ?? ""
    return ValidationFinding(
      .critical, .corruption, table: table.name,
      "\(table.name) has \(CountText.of(found, "row")) and should have \(GroupedNumber.text(expected))\(origin): \(sense)\(owner)",
      count: abs(expected - found), examples: surplus?.examples ?? [],
      remedy: surplus?.remedy
        ?? "find them: migrate validate --table \(table.command) --layers records --samples all")
  }

  /// What came to the source or left it since is no loss; it is reported, and the records show it.
  private func changedSource(
    _ table: TablePlan, source: Int, _ sheet: RowCounts
  ) -> ValidationFinding {
    ValidationFinding(
      .warning, .data, table: table.name,
      "the source of \(table.name) has \(CountText.of(source, "row")) now, and \(GroupedNumber.text(sheet.read)) were read",
      count: abs(source - sheet.read),
      remedy: "rows were written after the migration read them, or a limit was set on the run")
  }

  private func line(
    _ table: TablePlan, source: Int?, _ sheet: RowCounts, before: Int, target: Int
  ) -> JSONValue {
    [
      "table": .text(table.name), "source": source.map(JSONValue.int) ?? .null,
      "read": .int(sheet.read), "loaded": .int(sheet.loaded), "merged": .int(sheet.merged),
      "filtered": .int(sheet.filtered), "quarantined": .int(sheet.quarantined),
      "retried": .int(sheet.retried), "before": .int(before), "target": .int(target),
      "matches": .bool(before + sheet.inTarget == target),
    ]
  }

  /// A path that is written wrong finds as little as one to arrays that are all empty.
  private static func noElements(
    _ table: TablePlan, _ feed: Feed, _ documents: Int
  ) -> ValidationFinding {
    let found = AlwaysNull.elements(feed, documents: documents)
    return ValidationFinding(
      .warning, .data, table: table.name, "\(table.name): \(found.description)", count: 0,
      remedy: "see the fields of the documents: migrate plan profile \(table.command)")
  }

  static func noTable(_ table: TablePlan) -> ValidationFinding {
    ValidationFinding(
      .critical, .schema, table: table.name, "the target has no table \(table.name)",
      remedy: "see: migrate db status")
  }

  static func notMigrated(_ table: TablePlan) -> ValidationFinding {
    ValidationFinding(
      .critical, .data, table: table.name, "\(table.name) was not migrated",
      remedy: "migrate it: migrate \(table.command)")
  }
}

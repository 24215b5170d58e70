import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// The result of the rules for a source row, as they are now; nothing is written or counted.
package struct RowExplanation: Sendable {
  /// Which rows are checked.
  package enum Choice: Sendable {
    /// The rows with a key, given as texts of the key's columns in the plan's order.
    case key([String])
    /// The first rows of each feed.
    case first(Int)

    package var part: FeedPart {
      switch self {
      case .key(let key): .typed(key)
      case .first(let count): .first(count)
      }
    }
  }

  /// The source table.
  package let feed: String
  package let sourceRow: JSONValue
  package let steps: [TraceStep]
  /// The values of the target's columns; empty for a row that would be quarantined.
  package let targetRow: [(column: String, value: String?)]
  /// Why the row would be quarantined; nil for one that would be loaded.
  package let reject: RejectReason?
  /// What would be counted as warnings: columns and reasons.
  package let warnings: [(column: String, reason: String)]

  /// Explains rows of a table's feeds.
  ///
  /// Duplicates are not looked for, for that takes all rows; what only the server knows is not asked.
  package static func find(
    _ request: RunRequest, table: String, _ choice: Choice
  ) throws -> [RowExplanation] {
    let plan = try request.plan.table(called: table)
    if case .key = choice { try plan.requireKeys() }
    let ledger = try TargetConnections(request).open(statements: request.settings.chunkTimeout)
    let source = try request.databases.source.source()
    defer { source.release() }
    let context = try context(request, ledger)
    let work = try TablePreparation(
      request: request, source: source, context: context,
      lookups: LookupLoading(schema: request.plan.target.schema), deferredTables: [],
      tell: { _ in }
    ).inspect(plan, ledger.connection)
    let reader = try source.open(timeout: nil)
    return try work.feeds.flatMap { feed in
      try explain(choice.part, feed, work.lookups[feed.number], reader)
    }
  }

  /// The time of the run as the open session has it; without one, now.
  private static func context(_ request: RunRequest, _ ledger: Ledger) throws -> RunContext {
    guard case .current = try ledger.condition(),
      let session = try ledger.openSession(named: request.plan.name)
    else { return try request.plan.context(at: Moment.now()) }
    return try request.plan.context(reading: session)
  }

  private static func explain(
    _ part: FeedPart, _ feed: FeedWork, _ lookups: [LookupTable], _ reader: any RowReader
  ) throws -> [RowExplanation] {
    let machine = RowMachine(feed.program, lookups: lookups)
    var found: [RowExplanation] = []
    let buffer = CopyBuffer()
    try reader.read(feed, part) { row in
      machine.forEachRow(of: row) { element in
        buffer.removeAll()
        found.append(explain(row, element, machine, feed, buffer))
      }
    }
    return found
  }

  private static func explain(
    _ row: UnsafeRawBufferPointer, _ element: Int, _ machine: RowMachine, _ feed: FeedWork,
    _ buffer: CopyBuffer
  ) -> RowExplanation {
    _ = machine.takeWarnings()
    let isGood = machine.run(row, element: element, into: buffer) == .row
    let reject = isGood ? nil : machine.reject
    let warnings = machine.takeWarnings().counts.keys.map { ($0.column, $0.reason.name) }
      .sorted { $0 < $1 }
    let steps = machine.trace(row, element: element)
    return RowExplanation(
      feed: feed.feed.from, sourceRow: machine.sourceRow(row, element: element), steps: steps,
      targetRow: isGood ? values(steps, feed.program.targetColumns) : [], reject: reject,
      warnings: warnings.map { (column: $0.0, reason: $0.1) })
  }

  /// What is in each column after its last step.
  private static func values(
    _ steps: [TraceStep], _ columns: [String]
  ) -> [(column: String, value: String?)] {
    columns.map { column in (column, steps.last { $0.column == column }.flatMap(\.after)) }
  }
}

extension Plan {
  /// Returns a table by its name or its command.
  package func table(called name: String) throws(MigrationError) -> TablePlan {
    if let found = tables.first(where: { $0.name == name || $0.command == name }) { return found }
    throw MigrationError(
      .configuration,
      "table \"\(name)\" is not in plan \(self.name)\(suggestion(for: name, in: tables.map(\.name)))",
      remedy: "see: migrate plan")
  }
}

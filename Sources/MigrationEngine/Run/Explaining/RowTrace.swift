import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// The whole way of one source row: what it is, what each rule makes of it, and where it ended.
package struct RowTrace: Sendable {
  package let table: String
  /// The source table.
  package let feed: String
  package let sourceRow: JSONValue
  package let steps: [TraceStep]
  /// The row of the target with the key that the rules give now; nil if there is none.
  package let targetRow: JSONValue?
  /// What the quarantine has about the row.
  package let quarantined: [QuarantineEntry]

  /// Finds the rows with a key in the feeds of a table, and follows each.
  ///
  /// - Parameter key: the texts of the key's columns, in the plan's order.
  package static func find(
    _ request: RunRequest, table: String, key: [String]
  ) throws -> [RowTrace] {
    guard
      let plan = request.plan.tables.first(where: { $0.name == table || $0.command == table })
    else {
      throw MigrationError(
        .configuration, "table \"\(table)\" is not in plan \(request.plan.name)",
        remedy: "see: migrate plan")
    }
    try plan.requireKeys()
    let ledger = try TargetConnections(request).open(statements: request.settings.chunkTimeout)
    try ledger.requireInstalled()
    guard let session = try ledger.latestSession(named: request.plan.name),
      let state = try ledger.tables(session: session.id).first(where: { $0.name == plan.name }),
      try ledger.plannedFeeds(table: state.id).count == plan.feeds.count
    else {
      throw MigrationError(
        .failed, "\(plan.name) has not started", remedy: "preview the migration: migrate plan")
    }
    return try Tracer(request: request, ledger: ledger, session: session, key: key)
      .trace(plan, state)
  }
}

private struct Tracer {
  let request: RunRequest
  let ledger: Ledger
  let session: Session
  let key: [String]

  func trace(_ plan: TablePlan, _ state: TableState) throws -> [RowTrace] {
    let source = try request.databases.source.source()
    defer { source.release() }
    let context = try request.plan.context(reading: session)
    let work = try TablePreparation(
      request: request, source: source, context: context,
      lookups: LookupLoading(schema: request.plan.target.schema), deferredTables: [],
      tell: { _ in }
    ).prepare(plan, state, ledger)
    let reader = try source.open(timeout: nil)
    return try work.feeds.flatMap { try trace($0, work, reader) }
  }

  private func trace(
    _ feed: FeedWork, _ work: TableWork, _ reader: any RowReader
  ) throws -> [RowTrace] {
    let machine = RowMachine(feed.program, lookups: work.lookups[feed.number])
    let buffer = CopyBuffer()
    var found: [(row: JSONValue, key: JSONValue, steps: [TraceStep], target: [UInt8]?)] = []
    try reader.read(feed, .typed(key)) { row in
      machine.forEachRow(of: row) { element in
        buffer.removeAll()
        let isGood = machine.run(row, element: element, into: buffer) == .row
        let target = isGood ? machine.withTargetRow { [UInt8]($0) } : nil
        found.append(
          (
            machine.sourceRow(row, element: element), machine.key(row, element: element),
            machine.trace(row, element: element), target
          ))
      }
    }
    let shared = Set(Dictionary(grouping: found, by: \.key).filter { $0.value.count > 1 }.keys)
    return try found.map { item in
      RowTrace(
        table: work.plan.name, feed: feed.feed.from, sourceRow: item.row, steps: item.steps,
        targetRow: try item.target.flatMap { try targetRow($0, feed, work) },
        quarantined: try quarantined(
          item.key, shared.contains(item.key) ? item.row : JSONValue?.none, feed, work))
    }
  }

  /// Looks the row up by the primary key that the rules have made.
  private func targetRow(
    _ bytes: [UInt8], _ feed: FeedWork, _ work: TableWork
  ) throws -> JSONValue? {
    let columns = feed.program.targetColumns
    let key = work.target.primaryKey
    guard !key.isEmpty, key.allSatisfy(columns.contains) else { return nil }
    var fields: [Parameter] = []
    bytes.withUnsafeBytes { bytes in
      var reader = BinaryRowReader(bytes)
      var index = 0
      while let field = reader.next() {
        let oid = work.target[columns[index]]?.type.baseOID ?? 0
        fields.append(
          feed.program.isForeign(index)
            ? .text(String(decoding: field.bytes, as: UTF8.self), type: TypeOID(oid))
            : .binary(Array(field.bytes), type: TypeOID(oid)))
        index += 1
      }
    }
    let conditions = try key.enumerated().map { number, name in
      "t.\(try SQL.identifier(name)) = $\(number + 1)"
    }
    let values: [(any ParameterConvertible)?] = key.compactMap { name in
      columns.firstIndex(of: name).map { fields[$0] }
    }
    let found = try ledger.connection.query(
      "SELECT \(try work.target.rowJSON("t"))::text FROM \(try work.target.ownRows()) t WHERE "
        + conditions.joined(separator: " AND "), values)
    return try found.text(fromFirstRow: 0).map { try JSONValue.parse($0) }
  }

  /// - Parameter row: the row itself, if others have its key.
  private func quarantined(
    _ key: JSONValue, _ row: JSONValue?, _ feed: FeedWork, _ work: TableWork
  ) throws -> [QuarantineEntry] {
    let entries = try ledger.quarantined(
      session: session.id, table: work.id, feed: feed.number, key: key)
    guard let row, !entries.isEmpty,
      let equal = try ledger.equalRows([row], among: entries.map(\.id)).first
    else { return entries }
    let groups = try ledger.equalRows(entries.map(\.id))
    return entries.filter { entry in equal.flatMap { groups[$0] }?.contains(entry.id) ?? false }
  }
}

extension TablePlan {
  /// Checks that a row of the table can be named: some feed has a key.
  func requireKeys() throws(MigrationError) {
    guard feeds.allSatisfy({ $0.key.isEmpty }) else { return }
    throw MigrationError(
      .configuration, "rows of \(name) have no key in the plan, so trace cannot find them",
      place: "\(place)",
      remedy: "see the quarantined rows: migrate errors --details --table \(command); "
        + "see the results of the first rows: migrate plan explain \(command)")
  }
}

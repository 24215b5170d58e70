import MigrationLedger
import MigrationPlan

extension RunForecast {
  /// Reports whether the run is expected to end in time; it begins even if that cannot be estimated.
  ///
  /// A plan's time is a safety limit, for which no run is kept waiting until something is measured.
  static func forecast(_ request: RunRequest, _ observer: RunObserver) -> RunForecast? {
    guard request.settings.timeLimit != nil, !request.dryRun else { return nil }
    do {
      if let forecast = try make(request) {
        observer(.forecast(forecast))
        return forecast
      }
      observer(.warning("cannot estimate the end of the run: nothing was measured yet"))
    } catch {
      observer(.warning("could not estimate the end of the run: \(error)"))
    }
    return nil
  }

  /// Forecasts the end of a run; nil if it may take as long as it likes, or if nothing can be measured.
  ///
  /// - Throws: what keeps the databases from being asked.
  package static func make(_ request: RunRequest) throws -> RunForecast? {
    guard let allowed = request.timeLimit, !request.dryRun else { return nil }
    let ledger = try TargetConnections(request).open(statements: request.settings.chunkTimeout)
    let left = try BytesLeft(request: request, ledger: ledger)
    guard left.isComplete else { return nil }
    let measured = try request.fresh ? nil : earlierSpeed(request, ledger)
    guard let (basis, speed) = try measured ?? ForecastSample(request, left).measure(ledger)
    else { return nil }
    return RunForecast(
      basis: basis, bytesLeft: left.total, bytesPerSecond: speed, allowed: allowed)
  }

  /// The speed of the newest chunks: what lanes did one after the other, by as many lanes.
  private static func earlierSpeed(
    _ request: RunRequest, _ ledger: Ledger
  ) throws -> (Basis, Double)? {
    guard case .current = try ledger.condition() else { return nil }
    let found = try ledger.connection.query(
      """
      SELECT count(*), coalesce(sum(byte_estimate), 0)::float8,
        coalesce(sum(source_wait + transform_time + target_wait + commit_time), 0)::float8 / 1000000,
        greatest(count(DISTINCT lane), 1)::float8
      FROM (SELECT c.* FROM \(ledger.names.chunk) c
          JOIN \(ledger.names.table) t ON t.id = c.table_id
          JOIN \(ledger.names.session) s ON s.id = t.session
        WHERE s.plan = $1 AND c.status = 'done' AND c.rows_read > 0
        ORDER BY c.finished DESC LIMIT 500) newest
      """, [request.plan.name])
    guard let row = found.rows.first, let chunks = row.int(0), chunks > 0,
      let bytes = row.double(1), let seconds = row.double(2), let lanes = row.double(3), seconds > 0
    else { return nil }
    return (.earlierChunks(chunks), bytes * lanes / seconds)
  }
}

/// What a run has still to move, in the bytes that it takes in the source.
struct BytesLeft {
  /// By table, for those that are not done.
  private(set) var tables: [String: Int] = [:]
  private(set) var bytesPerRow: [String: Int] = [:]

  /// Whether all tables could be measured.
  private(set) var isComplete = true

  var total: Int { tables.values.reduce(0, +) }

  init(request: RunRequest, ledger: Ledger) throws {
    let wanted = request.plan.tables.filter { table in
      request.tables.map { $0.contains(table.name) || $0.contains(table.command) } ?? true
    }
    let planned = try request.fresh ? [:] : Self.planned(request, ledger)
    let others = wanted.filter { planned[$0.name] == nil }
    for table in wanted { tables[table.name] = planned[table.name] }
    guard !others.isEmpty else { return }
    // A collection is not measured before its chunks are planned.
    guard
      let measured = try request.databases.source.kind.sizes(
        of: others.flatMap(\.feeds), schema: request.plan.source.schema)
    else {
      isComplete = false
      return
    }
    var sizes = measured[...]
    for table in others {
      var bytes = 0
      for size in sizes.prefix(table.feeds.count) {
        guard let size else { continue }
        bytes += min(size.rows, request.rowLimit ?? .max) * size.bytesPerRow
        bytesPerRow[table.name] = size.bytesPerRow
      }
      sizes = sizes.dropFirst(table.feeds.count)
      tables[table.name] = bytes
    }
  }

  /// The bytes of pending chunks, of tables whose chunks are planned.
  private static func planned(_ request: RunRequest, _ ledger: Ledger) throws -> [String: Int] {
    guard case .current = try ledger.condition(),
      let session = try ledger.openSession(named: request.sessionName)
    else { return [:] }
    let found = try ledger.connection.query(
      """
      SELECT t.name, coalesce(sum(c.byte_estimate) FILTER (WHERE c.status = 'pending'), 0)::bigint
      FROM \(ledger.names.table) t JOIN \(ledger.names.chunk) c ON c.table_id = t.id
      WHERE t.session = $1 GROUP BY t.name
      """, [session.id])
    return Dictionary(uniqueKeysWithValues: found.rows.map { ($0.string(0), $0.number(1)) })
  }
}

import MigrationLedger
import MigrationPlan
import Postgres
import Synchronization

/// Measures the speed of a migration that has no committed chunks to go by: moves the first rows of
/// the largest table that looks nothing up, and rolls them back.
struct ForecastSample {
  private let request: RunRequest
  private let left: BytesLeft

  private static let rows = 20_000

  init(_ request: RunRequest, _ left: BytesLeft) { (self.request, self.left) = (request, left) }

  /// Returns nil if no table can be moved for a try.
  func measure(_ ledger: Ledger) throws -> (RunForecast.Basis, Double)? {
    let free = request.plan.tables.filter { table in
      table.referencedTables.isEmpty && (left.tables[table.name] ?? 0) > 0
    }
    guard
      let table = free.max(by: { left.tables[$0.name] ?? 0 < left.tables[$1.name] ?? 0 }),
      let bytesPerRow = left.bytesPerRow[table.name], try !hasRows(table, ledger.connection)
    else { return nil }
    let watch = Mutex(Watch())
    let outcome = try MigrationRun.run(sample(of: table)) { event in
      watch.withLock { $0.take(event) }
    }
    let rows = outcome.tables.first?.sheet.read ?? 0
    guard let time = watch.withLock({ $0.time }), rows > 0, time > .zero else { return nil }
    return (
      .sample(table: table.name, rows: rows), Double(rows * bytesPerRow) / (time / .seconds(1))
    )
  }

  private func sample(of table: TablePlan) -> RunRequest {
    var sample = request
    sample.tables = [table.name]
    sample.dryRun = true
    sample.fresh = false
    sample.emptiesTables = false
    sample.settings.removeStops()
    sample.rowLimit = min(Self.rows, request.rowLimit ?? .max)
    sample.checkpointFile = nil
    sample.errorLogFile = nil
    return sample
  }

  /// With rows in the table, all that it holds would be searched for duplicates.
  private func hasRows(_ table: TablePlan, _ target: Connection) throws -> Bool {
    let schema = request.plan.target.schema
    guard let live = try CatalogReader(target).table(schema: schema, named: table.name) else {
      return true
    }
    return try TablePreparation.hasRows(live, target)
  }

  /// The time from the cutting into chunks to the end of the table.
  private struct Watch {
    private var begun: ContinuousClock.Instant?
    private(set) var time: Duration?

    mutating func take(_ event: RunEvent) {
      switch event {
      case .preparing(_, "chunks"): begun = .now
      case .tableEnded: time = begun.map { ContinuousClock.now - $0 }
      default: break
      }
    }
  }
}

import MigrationLedger
import Postgres

/// Asks the target what its sessions wait for while no chunk is committed.
struct StallWatch {
  private let ledger: Ledger

  init(_ ledger: Ledger) { self.ledger = ledger }

  func report(_ silence: Duration) throws -> StallReport {
    let lanes = try ledger.lanesInHand().map { lane in
      StallReport.Waiting(
        backend: lane.backend, waitsFor: lane.waitsFor, blockers: try blockers(lane.blockers))
    }
    return StallReport(silence: silence, lanes: lanes)
  }

  private func blockers(_ backends: [Int]) throws -> [StallReport.Blocker] {
    guard !backends.isEmpty else { return [] }
    let found = try ledger.connection.query(
      """
      SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), coalesce(state, ''),
        coalesce(extract(epoch from clock_timestamp() - xact_start), 0)::bigint
      FROM pg_catalog.pg_stat_activity WHERE pid = ANY ($1) ORDER BY pid
      """, [backends])
    return found.rows.map { row in
      StallReport.Blocker(
        backend: row.number(0), user: row.string(1), application: row.string(2),
        state: row.string(3), seconds: row.number(4))
    }
  }
}

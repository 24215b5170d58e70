import MigrationLedger
import Postgres

/// Where the time of a run went, by what its lanes counted; in microseconds.
package struct PerformanceAnalysis: Sendable {
  package struct Table: Sendable {
    package let name: String
    package let rows: Int
    package let bytes: Int
    package let chunks: Int
    package let lanes: Int
    /// Before the first chunk: rules, look-up tables, duplicates, boundaries.
    package let preparing: Int
    package let loading: Int
    /// After the last chunk: merging, indexes, late references, sequences, row counts.
    package let finishing: Int
    /// Of all lanes together.
    package let phases: PhaseTimes

    /// All that the lanes could have worked while the table was loaded.
    package var laneTime: Int { lanes * loading }

    /// What the connections' libraries computed, and all else that is not a row's.
    package var transport: Int {
      max(0, phases.transform - phases.decode - phases.rules - phases.encode)
    }

    /// Time of lanes without a chunk: claims, connecting, and waiting for the other lanes' last chunks.
    package var between: Int {
      max(
        0, laneTime - phases.sourceWait - phases.transform - phases.targetWait - phases.commit)
    }
  }

  package let run: Run
  package let tables: [Table]
  /// From the run's begin to its end, or to now.
  package let total: Int
  /// After the last table: foreign keys, row counts.
  package let ending: Int

  /// Reads what a run's lanes counted; of a run that is at work, what is committed.
  package static func read(_ run: Run, _ ledger: Ledger) throws -> PerformanceAnalysis {
    let end = try run.ended ?? max(ledger.clock(), run.started)
    var last = run.started
    let tables = try ledger.laneTimes(run: run.id).map { times -> Table in
      let started = max(times.started ?? last, last)
      let loaded = max(times.loaded, started)
      let finished = max(times.finished.map { min($0, end) } ?? loaded, loaded)
      defer { last = finished }
      return Table(
        name: times.name, rows: times.rows, bytes: times.bytes, chunks: times.chunks,
        lanes: times.lanes, preparing: last.microseconds(to: started),
        loading: started.microseconds(to: loaded), finishing: loaded.microseconds(to: finished),
        phases: times.phases)
    }
    return PerformanceAnalysis(
      run: run, tables: tables, total: run.started.microseconds(to: end),
      ending: run.ended == nil ? 0 : last.microseconds(to: end))
  }
}

extension Moment {
  fileprivate func microseconds(to later: Moment) -> Int { later.microseconds - microseconds }
}

/// What the lanes of a run did for one table.
struct LaneTimes {
  let name: String
  let started: Moment?
  let loaded: Moment
  let finished: Moment?
  let chunks: Int
  let lanes: Int
  let rows: Int
  let bytes: Int
  let phases: PhaseTimes
}

extension Ledger {
  /// The server's time.
  package func clock() throws -> Moment {
    let now = try connection.query("SELECT \(Moment.sql("clock_timestamp()"))")
    return now.rows.first?.moment(0) ?? Moment(microseconds: 0)
  }

  /// Returns what a run's lanes did, table by table in the order of time.
  func laneTimes(run: RunID) throws -> [LaneTimes] {
    let found = try connection.query(
      """
      SELECT \(LaneColumn.list)
      FROM \(names.table) t JOIN \(names.chunk) c ON c.table_id = t.id
      WHERE c.run = $1 AND c.status = 'done' GROUP BY t.id ORDER BY max(c.finished), t.position
      """, [run])
    return found.rows(by: LaneColumn.self).map { row in
      var phases = PhaseTimes()
      phases.sourceWait = row.number(.sourceWait)
      phases.transform = row.number(.transform)
      phases.targetWait = row.number(.targetWait)
      phases.commit = row.number(.commit)
      phases.decode = row.number(.decode)
      phases.rules = row.number(.rules)
      phases.encode = row.number(.encode)
      return LaneTimes(
        name: row.string(.name), started: row.moment(.started),
        loaded: row.moment(.loaded) ?? Moment(microseconds: 0), finished: row.moment(.finished),
        chunks: row.number(.chunks), lanes: row.number(.lanes), rows: row.number(.rows),
        bytes: row.number(.bytes), phases: phases)
    }
  }

  private enum LaneColumn: String, ColumnList {
    case name = "t.name"
    case started = "t.started"
    case loaded = "max(c.finished)"
    case finished = "t.finished"
    case chunks = "count(*)"
    case lanes = "count(DISTINCT c.lane)"
    // Sums over the chunks.
    case rows = "rows_read"
    case bytes
    case sourceWait = "source_wait"
    case transform = "transform_time"
    case targetWait = "target_wait"
    case commit = "commit_time"
    case decode = "decode_time"
    case rules = "rules_time"
    case encode = "encode_time"

    var sql: String {
      switch self {
      case .name, .chunks, .lanes: rawValue
      case .started, .loaded, .finished: Moment.sql(rawValue)
      default: "sum(c.\(rawValue))::bigint"
      }
    }
  }
}

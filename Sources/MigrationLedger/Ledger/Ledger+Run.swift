import MigrationBasics
import Postgres

extension Ledger {
  /// Begins a run of a session on the connection that holds the migration lock.
  ///
  /// Runs that ended without saying so are marked `lost` and can claim nothing from then on.
  package func beginRun(
    session: SessionID, _ identity: RunIdentity
  ) throws -> (run: Run, lost: [Run]) {
    let isOwn = try connection.transactionState() == .idle
    var pipeline = Pipeline()
    if isOwn { pipeline.begin() }
    let isHeld = requireLock(in: &pipeline)
    let lost = pipeline.query(losingRuns)
    let made = pipeline.query(
      """
      INSERT INTO \(names.run) (session, host, process, command, version, backend, backend_started)
      VALUES ($1, $2, $3, $4, $5, pg_backend_pid(),
        (SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()))
      RETURNING \(RunColumn.list)
      """, [session, identity.host, identity.process, identity.command, identity.version])
    if isOwn { pipeline.commit() }
    do {
      let results = try connection.rollingBackFailures(if: isOwn) { try connection.run(pipeline) }
      guard let row = results[made].rows.first else {
        throw LedgerError(.unknown, "could not record the run")
      }
      return (Self.run(row), results[lost].rows.map(Self.run))
    } catch let error as PostgresError where error.isUnmet(isHeld) {
      throw LedgerError.lockNotHeld
    }
  }

  /// Continues with a run after its connection was lost and the lock was taken again.
  ///
  /// - Throws: `runSuperseded` if another run took over in between.
  package func continueRun(_ run: RunID) throws {
    try requireLock()
    try touch(run, "backend = pg_backend_pid(), heartbeat = clock_timestamp()")
  }

  /// Gives a sign of life.
  ///
  /// - Throws: `runSuperseded` if another run took over.
  package func heartbeat(_ run: RunID) throws { try touch(run, "heartbeat = clock_timestamp()") }

  /// Writes the heartbeat with the program's use of the machine, as far as it is known, with a pipeline.
  func heartbeat(
    _ run: RunID, memory: ProcessMemory?, in pipeline: inout Pipeline
  ) -> Pipeline.Place {
    let use = memory.map { ", resident_bytes = \($0.resident), peak_bytes = \($0.peak)" } ?? ""
    return pipeline.query(
      touching("heartbeat = clock_timestamp()" + use), [run])
  }

  /// Returns the run that holds the target now; nil if none does, or none yet.
  package func runningRun() throws -> Run? {
    guard let holder = try lockHolder() else { return nil }
    return try runs("WHERE ended IS NULL AND backend = $1 ORDER BY id DESC LIMIT 1", holder.backend)
      .first
  }

  /// Returns a run by its number.
  package func run(_ id: RunID) throws -> Run? { try runs("WHERE id = $1", id).first }

  /// Ends a run; the first ending is kept.
  package func endRun(_ run: RunID, as ending: Run.Ending, note: String? = nil) throws {
    var pipeline = Pipeline()
    endRun(run, as: ending, note: note, in: &pipeline)
    try connection.run(pipeline)
  }

  /// Ends a run with a pipeline.
  package func endRun(
    _ run: RunID, as ending: Run.Ending, note: String?, in pipeline: inout Pipeline
  ) {
    pipeline.query(
      """
      UPDATE \(names.run) SET ended = clock_timestamp(), ending = $2, note = $3
      WHERE id = $1 AND ended IS NULL
      """, [run, ending.rawValue, note])
  }

  /// Returns how many runs have read rows of a session.
  package func readers(session: SessionID) throws -> Int {
    try connection.query(
      """
      SELECT count(DISTINCT c.run) FROM \(names.chunk) c
      WHERE c.status = 'done' AND c.table_id IN (SELECT id FROM \(names.table) WHERE session = $1)
      """, [session]
    ).int(0, 0) ?? 0
  }

  /// Returns the runs of a session, the first one first.
  package func runs(session: SessionID) throws -> [Run] {
    try runs("WHERE session = $1 ORDER BY id", session)
  }

  private func runs(_ condition: String, _ number: any ParameterConvertible) throws -> [Run] {
    try connection.query(
      "SELECT \(RunColumn.list) FROM \(names.run) \(condition)", [number]
    ).rows.map(Self.run)
  }

  private func touch(_ run: RunID, _ assignments: String) throws {
    let changed = try connection.query(touching(assignments), [run])
    guard changed.affectedRows == 1 else { throw LedgerError.superseded(run) }
  }

  private func touching(_ assignments: String) -> String {
    "UPDATE \(names.run) SET \(assignments) WHERE id = $1 AND ended IS NULL"
  }

  /// Marks all runs that did not say how they ended as lost; they can claim nothing from then on.
  package func loseRuns() throws -> [Run] {
    try connection.query(losingRuns).rows.map(Self.run)
  }

  private var losingRuns: String {
    """
    UPDATE \(names.run) SET ended = clock_timestamp(), ending = 'lost'
    WHERE ended IS NULL RETURNING \(RunColumn.list)
    """
  }

  enum RunColumn: String, ColumnList {
    case id, session, host, process, command, version, started, heartbeat, ended, ending, note
    case residentBytes = "resident_bytes"
    case peakBytes = "peak_bytes"

    var sql: String {
      switch self {
      case .started, .heartbeat, .ended: Moment.sql(rawValue)
      default: rawValue
      }
    }
  }

  private static func run(_ found: QueryResult.Row) -> Run {
    let row = ColumnRow<RunColumn>(found)
    return Run(
      id: row.id(.id), session: row.id(.session),
      identity: RunIdentity(
        host: row.string(.host), process: row.number(.process), command: row.string(.command),
        version: row.string(.version)),
      started: row.moment(.started) ?? Moment(microseconds: 0),
      heartbeat: row.moment(.heartbeat) ?? Moment(microseconds: 0), ended: row.moment(.ended),
      ending: row.text(.ending).flatMap(Run.Ending.init(rawValue:)), note: row.text(.note),
      memory: row.int(.residentBytes).map {
        ProcessMemory(resident: $0, peak: row.int(.peakBytes) ?? $0)
      })
  }
}

extension LedgerError {
  static var lockNotHeld: LedgerError {
    LedgerError(.lockNotHeld, "this connection does not hold the migration lock")
  }

  static func superseded(_ run: RunID) -> LedgerError {
    LedgerError(
      .runSuperseded, "run \(run) has ended, or another migration now holds the target",
      remedy: "see its state: migrate status")
  }
}

import MigrationBasics
import Postgres

/// What someone at another terminal wants of a running migration.
package struct ControlRequest: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    /// Finish the current chunks, then stop so that it can be resumed.
    case pause
    /// Stop at once; the current chunks are rolled back.
    case stop
    /// Continue with other settings.
    case configure
  }

  package let id: Int
  package let kind: Kind
  /// What to change, for `configure`.
  package let settings: JSONValue
  /// Who asked, as `user@host`.
  package let requestedBy: String
  package let requested: Moment
}

extension Ledger {
  /// Asks the run that is under way for something.
  ///
  /// - Returns: the number of the request, or nil if no migration is running.
  package func request(
    _ kind: ControlRequest.Kind, settings: JSONValue = [:], by requester: String
  ) throws -> Int? {
    guard let holder = try lockHolder() else { return nil }
    let inserted = try connection.query(
      """
      INSERT INTO \(names.control) (run, kind, settings, requested_by)
      SELECT id, $2, $3, $4 FROM \(names.run)
      WHERE ended IS NULL AND backend = $1 ORDER BY id DESC LIMIT 1
      RETURNING id
      """, [holder.backend, kind.rawValue, settings.jsonb, requester])
    return inserted.rows.first?.int(0)
  }

  /// Returns what was asked of a run and not taken yet; one look-up in an almost empty index.
  package func requests(run: RunID) throws -> [ControlRequest] {
    var pipeline = Pipeline()
    let place = requests(run: run, in: &pipeline)
    return try Self.requests(try connection.run(pipeline)[place])
  }

  /// Writes the heartbeat with the program's use of the machine, and returns what was asked of the run, in one round
  /// trip.
  ///
  /// - Throws: `runSuperseded` if another run took over.
  package func heartbeat(_ run: RunID, memory: ProcessMemory?) throws -> [ControlRequest] {
    var pipeline = Pipeline()
    let beat = heartbeat(run, memory: memory, in: &pipeline)
    let asked = requests(run: run, in: &pipeline)
    let results = try connection.run(pipeline)
    guard results[beat].affectedRows == 1 else { throw LedgerError.superseded(run) }
    return try Self.requests(results[asked])
  }

  private func requests(run: RunID, in pipeline: inout Pipeline) -> Pipeline.Place {
    pipeline.query(
      """
      SELECT id, kind, settings::text, requested_by, \(Moment.sql("requested"))
      FROM \(names.control) WHERE run = $1 AND taken IS NULL ORDER BY id
      """, [run])
  }

  private static func requests(_ found: QueryResult) throws -> [ControlRequest] {
    try found.rows.compactMap { row in
      guard let kind = ControlRequest.Kind(rawValue: row.string(1)) else { return nil }
      return ControlRequest(
        id: row.number(0), kind: kind, settings: try row.json(2), requestedBy: row.string(3),
        requested: row.moment(4) ?? Moment(microseconds: 0))
    }
  }

  /// Notes that a request was taken; new settings become the session's, for runs to come.
  package func take(_ request: ControlRequest) throws {
    try atomically {
      let taken = try connection.query(
        """
        UPDATE \(names.control) SET taken = clock_timestamp() WHERE id = $1 AND taken IS NULL
        RETURNING run
        """, [request.id])
      guard request.kind == .configure, let run = taken.rows.first?.int(0) else { return }
      try connection.query(
        """
        UPDATE \(names.session) SET settings = settings || $2
        WHERE id = (SELECT session FROM \(names.run) WHERE id = $1)
        """, [run, request.settings.jsonb])
    }
  }

  /// Takes back what was asked of a run and not taken yet; returns how many requests that were.
  package func withdraw(_ kind: ControlRequest.Kind, run: RunID) throws -> Int {
    try connection.query(
      """
      DELETE FROM \(names.control) WHERE run = $1 AND kind = $2 AND taken IS NULL
      """, [run, kind.rawValue]
    ).affectedRows
  }

  /// Returns whether a run has taken a request to end.
  package func isEnding(run: RunID) throws -> Bool {
    try connection.query(
      """
      SELECT EXISTS (SELECT FROM \(names.control)
        WHERE run = $1 AND kind IN ('pause', 'stop') AND taken IS NOT NULL)
      """, [run]
    ).bool(0, 0) ?? false
  }

  /// Returns whether a request was taken; nil if there is no such request.
  package func isTaken(request: Int) throws -> Bool? {
    try connection.query(
      "SELECT taken IS NOT NULL FROM \(names.control) WHERE id = $1", [request]
    ).rows.first?.bool(0)
  }
}

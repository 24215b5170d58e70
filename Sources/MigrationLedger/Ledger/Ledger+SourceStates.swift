import Postgres

extension Ledger {
  /// Returns what the source of each feed of a table was like when its chunks were cut.
  package func sourceStates(table: TableID) throws -> [Int: SourceState] {
    let found = try connection.query(
      """
      SELECT feed, source_state::text FROM \(names.feed)
      WHERE table_id = $1 AND source_state IS NOT NULL
      """, [table])
    var states: [Int: SourceState] = [:]
    for row in found.rows { states[row.number(0)] = SourceState(json: try row.json(1)) }
    return states
  }

  /// Adds the snapshot in which the newest run reads a source to the source's state.
  package func addMoment(_ snapshot: String, table: TableID, feed: Int) throws {
    try connection.query(
      """
      UPDATE \(names.feed) SET source_state = jsonb_set(source_state, '{\(SourceState.moments)}',
        coalesce(source_state->'\(SourceState.moments)', '[]') || jsonb_build_object('run', (SELECT max(id) FROM \(names.run)), 'snapshot', $3::text))
      WHERE table_id = $1 AND feed = $2
      """, [table, feed, snapshot])
  }

  /// Returns what a feed's source was like when its chunks were cut; nil if it can't change.
  package func sourceState(table: TableID, feed: Int) throws -> SourceState? {
    let found = try connection.query(
      """
      SELECT source_state::text FROM \(names.feed)
      WHERE table_id = $1 AND feed = $2 AND source_state IS NOT NULL
      """, [table, feed])
    return try found.rows.first.map { SourceState(json: try $0.json(0)) }
  }
}

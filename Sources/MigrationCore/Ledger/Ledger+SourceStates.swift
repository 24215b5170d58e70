import Postgres

extension Ledger {
  /// Keeps what a feed's source was like when its chunks were cut.
  func noteSourceState(_ state: SourceState, table: Int, feed: Int) throws {
    try connection.query(
      "UPDATE \(names.feed) SET source_state = $3 WHERE table_id = $1 AND feed = $2",
      [table, feed, state.json.jsonb])
  }

  /// Returns what a feed's source was like when its chunks were cut; nil where it can't change.
  func sourceState(table: Int, feed: Int) throws -> SourceState? {
    let found = try connection.query(
      """
      SELECT source_state::text FROM \(names.feed)
      WHERE table_id = $1 AND feed = $2 AND source_state IS NOT NULL
      """, [table, feed])
    return try found.rows.first.flatMap { SourceState(json: try $0.json(0)) }
  }
}

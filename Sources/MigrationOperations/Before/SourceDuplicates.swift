import MigrationBasics
import MigrationLedger
import Postgres

/// Rows of a source that have the same values if a table allows them once: the row that is kept, and
/// those that would be quarantined.
package struct DuplicateGroup: Sendable, Hashable {
  package let table: String
  /// The columns that are the same.
  package let columns: String
  /// The row that comes first, as its source and key.
  package let winner: String
  package var losers: [String]

  package var json: JSONValue {
    [
      "table": .text(table), "columns": .text(columns), "winner": .text(winner),
      "losers": .array(losers.map(JSONValue.text)),
    ]
  }
}

/// Finds the duplicates of a source before anything is moved.
package enum SourceDuplicates {
  /// More rows than this are counted, and not listed.
  package static let most = 100_000

  /// Runs all rows of the tables through their rules, and returns the duplicates by groups, with how
  /// many there are, and how many rows of each table were read.
  package static func find(
    _ request: ReadinessRequest, tables: [String]?
  ) throws -> (groups: [DuplicateGroup], rows: Int, read: [String: Int]) {
    try SourceRehearsal(request: request, tables: tables).run { stage in
      let (groups, rows) = try read(stage)
      return (groups, rows, try stage.read)
    }
  }

  private static func read(
    _ stage: SourceRehearsal.Stage
  ) throws -> (groups: [DuplicateGroup], rows: Int) {
    let names = stage.ledger.names
    let found = try stage.ledger.connection.query(
      """
      SELECT t.name, q.column_name, q.winner::text, f.source, q.key::text, count(*) OVER ()
      FROM \(names.quarantine) q JOIN \(names.table) t ON t.id = q.table_id
        JOIN \(names.feed) f ON f.table_id = q.table_id AND f.feed = q.feed
      WHERE t.session = $1 AND q.code = $2
      ORDER BY t.position, q.column_name, q.winner, q.id LIMIT \(most)
      """, [stage.session.id, ErrorCode.duplicate.rawValue])
    var groups: [DuplicateGroup] = []
    for row in found.rows {
      let loser = "\(row.string(3)) \(KeyText.text(EscapedText.decode(try row.json(4))))"
      let group = DuplicateGroup(
        table: row.string(0), columns: row.string(1), winner: winner(try row.json(2)),
        losers: [loser])
      if let last = groups.last, last.table == group.table, last.columns == group.columns,
        last.winner == group.winner
      {
        groups[groups.count - 1].losers.append(loser)
      } else {
        groups.append(group)
      }
    }
    return (groups, found.rows.first?.int(5) ?? 0)
  }

  private static func winner(_ winner: JSONValue) -> String {
    let winner = EscapedText.decode(winner)
    if case .text(let source)? = winner["from"], let key = winner["key"] {
      return "\(source) \(KeyText.text(key))"
    }
    if case .text(let detail)? = winner["detail"] { return detail.printable }
    return winner.compact
  }
}

/// Finds the references of a source that match no row before anything is moved.
package enum SourceOrphans {
  /// Runs all rows of the tables through their rules; returns rows that would be quarantined, and
  /// values that would become null, with how many rows of each table were read.
  package static func find(
    _ request: ReadinessRequest, tables: [String]?
  ) throws -> (findings: [ValidationFinding], read: [String: Int]) {
    try SourceRehearsal(request: request, tables: tables).run { stage in
      let tally = QualityTally(plan: request.plan, sample: request.sample, stage: stage)
      return (try tally.orphans(), try stage.read)
    }
  }
}

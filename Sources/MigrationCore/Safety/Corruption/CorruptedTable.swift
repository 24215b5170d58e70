import Postgres

/// A table with rows that are not as the migration wrote them.
public struct CorruptedTable: Sendable, GoingRows {
  let state: TableState
  let plan: TablePlan
  let live: PostgresTable
  let judgement: FingerprintJudgement
  /// Rows that are there, and other than they were sent.
  public internal(set) var changed = 0
  /// Rows that are not there any more.
  public internal(set) var gone = 0
  /// Keys of both with the columns that differ, up to a thousand.
  public internal(set) var keys: [String] = []
  /// Rows that others brought since; they are left alone.
  public internal(set) var strangers = 0
  /// Why its rows can't be told one by one; nil where they can.
  public internal(set) var untold: String?

  public var title: String { state.name }
  var name: QualifiedName { QualifiedName(schema: live.schema, name: live.name) }
  public var rows: Int { changed + gone }

  init(
    _ state: TableState, _ plan: TablePlan, _ live: PostgresTable,
    _ judgement: FingerprintJudgement
  ) {
    (self.state, self.plan, self.live, self.judgement) = (state, plan, live, judgement)
  }

  /// The temporary table with its corrupted rows.
  var collection: String { "pg_temp.migrate_corrupted_\(state.id)" }

  func goes(_ alias: String) -> String {
    "(\(alias).tableoid, \(alias).ctid) IN (SELECT relation, place FROM \(collection) WHERE place IS NOT NULL)"
  }

  public var json: JSONValue {
    [
      "table": .text(title), "changed": .int(changed), "gone": .int(gone),
      "keys": .array(keys.map(JSONValue.text)), "rowsOfOthers": .int(strangers),
      "untold": .optional(untold),
    ]
  }
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// A table with rows that are not as the migration wrote them.
package struct CorruptedTable: Sendable, RowsToDelete {
  package let state: TableState
  package let plan: TablePlan
  package let live: PostgresTable
  let judgement: FingerprintJudgement
  /// Rows that are there, and other than they were sent.
  package var changed = 0
  /// Rows that are not there any more.
  package var gone = 0
  /// Keys of both with the columns that differ, up to a thousand.
  package var keys: [String] = []
  /// Rows that others added since; they are left alone.
  package var strangers = 0
  /// Why its rows can't be identified one by one; nil if they can.
  package var untold: String?

  package var title: String { state.name }
  package var name: QualifiedName { QualifiedName(schema: live.schema, name: live.name) }
  package var rows: Int { changed + gone }

  init(
    _ state: TableState, _ plan: TablePlan, _ live: PostgresTable,
    _ judgement: FingerprintJudgement
  ) {
    (self.state, self.plan, self.live, self.judgement) = (state, plan, live, judgement)
  }

  /// The temporary table with its corrupted rows.
  package var collection: String { "pg_temp.migrate_corrupted_\(state.id)" }

  package func goes(_ alias: String) -> String {
    "(\(alias).tableoid, \(alias).ctid) IN (SELECT relation, place FROM \(collection) WHERE place IS NOT NULL)"
  }

  package var json: JSONValue {
    [
      "table": .text(title), "changed": .int(changed), "gone": .int(gone),
      "keys": .array(keys.map(JSONValue.text)), "rowsOfOthers": .int(strangers),
      "untold": .optional(untold),
    ]
  }
}

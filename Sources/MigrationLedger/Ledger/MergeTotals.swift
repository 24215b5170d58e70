import MigrationBasics
import Postgres

/// The row counts of a merged table, counted when all rows were staged.
package struct MergeTotals: Sendable, Hashable {
  /// Rows that the feeds read.
  package var rows = 0
  /// Different rows that are in the target now.
  package var kept = 0
  /// Rows that are equal to one that was kept or quarantined, or that the target had before.
  package var merged = 0
  /// Different rows that the target had before; nil if an older version merged them.
  package var present: Int? = 0
  /// Different rows that refer to something that is not there.
  package var orphans = 0
  /// Kept rows that one feed alone has, by the source of that feed; empty with a single feed.
  package var oneSided: [String: Int] = [:]

  package init(
    rows: Int = 0, kept: Int = 0, merged: Int = 0, present: Int? = 0, orphans: Int = 0,
    oneSided: [String: Int] = [:]
  ) {
    self.rows = rows
    self.kept = kept
    self.merged = merged
    self.present = present
    self.orphans = orphans
    self.oneSided = oneSided
  }

  package var asymmetric: Int { oneSided.values.reduce(0, +) }
}

extension Ledger {
  /// Enters a table's row counts with a pipeline, in the transaction that merges them.
  package func recordMerge(_ totals: MergeTotals, table: TableID, in pipeline: inout Pipeline) {
    let sides = totals.oneSided.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.int($0.value)) }
    pipeline.query(
      """
      INSERT INTO \(names.mergeTotal) (table_id, rows, kept, merged, orphans, one_sided, sides, present)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """,
      [
        table, totals.rows, totals.kept, totals.merged, totals.orphans, totals.asymmetric,
        JSONValue.object(JSONObject(sides)).jsonb, totals.present,
      ])
  }

  /// Returns the row counts of a merged table; nil before the merge.
  package func mergeTotals(table: TableID) throws -> MergeTotals? {
    let found = try connection.query(
      "SELECT \(MergeColumn.list) FROM \(names.mergeTotal) WHERE table_id = $1", [table])
    guard let row = found.rows(by: MergeColumn.self).first else { return nil }
    var totals = MergeTotals()
    (totals.rows, totals.kept) = (row.number(.rows), row.number(.kept))
    (totals.merged, totals.orphans) = (row.number(.merged), row.number(.orphans))
    totals.present = row.int(.present)
    if case .object(let sides) = try row.json(.sides) {
      for side in sides.members {
        if case .int(let count) = side.value { totals.oneSided[side.key] = count }
      }
    }
    return totals
  }

  enum MergeColumn: String, ColumnList { case rows, kept, merged, orphans, sides, present }
}

extension LedgerUpgrades {
  /// The step that adds the row counts of merged tables.
  static let mergeTotals: @Sendable (LedgerNames) -> String = { names in
    """
    CREATE TABLE \(names.mergeTotal) (
      table_id bigint PRIMARY KEY REFERENCES \(names.table) ON DELETE CASCADE,
      rows bigint NOT NULL,
      kept bigint NOT NULL,
      merged bigint NOT NULL,
      orphans bigint NOT NULL,
      one_sided bigint NOT NULL,
      sides jsonb NOT NULL,
      done timestamptz NOT NULL DEFAULT clock_timestamp(),
      CHECK (rows = kept + merged + orphans)
    );
    """
  }
}

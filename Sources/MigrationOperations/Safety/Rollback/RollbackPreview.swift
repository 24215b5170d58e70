import MigrationBasics
import MigrationLedger

/// What a rollback would do, as people are shown it before they say yes.
package struct RollbackPreview: Sendable {
  package struct Table: Sendable, Hashable {
    package let name: String
    /// Rows that go.
    package let rows: Int
    package let rowsBefore: Int?
    /// Whether the table is emptied as a whole; else its rows are deleted one by one.
    package let isEmptied: Bool
    /// Rows of the migration that others changed since.
    package let changed: Int
    /// Keys of those, or of all that may be those, up to a thousand.
    package let changedKeys: [String]
    /// Why the changed rows can't be identified; then `changedKeys` has rows of others too.
    package let untold: String?
    /// Rows that others have written since the migration began.
    package let others: Int
    /// Whether only what came after a checkpoint goes.
    package let isPart: Bool
    /// Rows that the row counts have and the table has not: others deleted them, or changed them after
    /// they had left the source.
    package let missing: Int
  }

  package let session: Session
  package let scope: String
  package let force: Bool
  /// Whether a rollback that was killed is continued.
  package let isResumed: Bool
  /// In the order in which they are emptied.
  package let tables: [Table]
  /// What is in the way; if there is anything, nothing is done.
  package let obstacles: [RollbackObstacle]

  package var rows: Int { tables.reduce(0) { $0 + $1.rows } }
}

/// Something that a rollback must not do away with.
package struct RollbackObstacle: Sendable, Hashable {
  /// The table that stays.
  package let table: String
  package let what: String
  /// How many rows of others depend on rows that would go; 0 where the plan alone says so.
  package let count: Int
  package let examples: [String]
  package let remedy: String

  /// The obstacles as one failure.
  package static func failure(_ obstacles: [RollbackObstacle]) -> MigrationError {
    MigrationError(
      .coded(.rollback), obstacles.map(\.what).joined(separator: "\n"), reason: "depended",
      remedy: "nothing was changed; "
        + obstacles.map(\.remedy).reduce(into: [String]()) { list, text in
          if !list.contains(text) { list.append(text) }
        }.joined(separator: "\n"))
  }
}

extension RollbackPreview {
  package var json: JSONValue {
    [
      "session": .id(session.id), "name": .text(session.name), "scope": .text(scope),
      "force": .bool(force), "resumed": .bool(isResumed), "rows": .int(rows),
      "tables": .array(
        tables.map { table in
          [
            "table": .text(table.name), "rows": .int(table.rows),
            "rowsBefore": table.rowsBefore.map(JSONValue.int) ?? .null,
            "method": .text(table.isEmptied ? "TRUNCATE" : "DELETE"),
            "changed": .int(table.changed),
            "changedKeys": .array(table.changedKeys.map(JSONValue.text)),
            "untold": .optional(table.untold), "rowsOfOthers": .int(table.others),
            "part": .bool(table.isPart),
            "missing": .int(table.missing),
          ]
        }),
      "obstacles": .array(
        obstacles.map {
          [
            "what": .text($0.what), "count": .int($0.count),
            "examples": .array($0.examples.map(JSONValue.text)), "toDo": .text($0.remedy),
          ]
        }),
    ]
  }
}

import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows
import Postgres

/// One feed of a table, made ready to be read and transformed; shared by all lanes.
package struct FeedWork: Sendable {
  package let number: Int
  package let feed: Feed
  package let source: any BoundFeed
  package let program: RowProgram
  package let key: RowKey
  /// The primary key of the target's table.
  package let primaryKey: [String]
  /// The COPY that takes what the program writes.
  let copyStatement: String
  /// The fields that a row is hashed of, by their places, -1 for one that the server leaves null;
  /// nil if that is the row as it is.
  package var hashedFields: [Int]?
  /// The columns of those fields, in the form in which they are read back.
  var hashedColumns: [HashedColumn] = []

  package init(
    number: Int, feed: Feed, source: any BoundFeed, target: PostgresTable, program: RowProgram,
    staging: MergeStaging?
  ) throws {
    (self.number, self.feed, self.source, self.program) = (number, feed, source, program)
    key = source.key(of: feed, program)
    primaryKey = target.primaryKey
    let name =
      try staging?.name.quoted() ?? SQL.identifier(schema: target.schema, target.name)
    let columns = try SQL.identifiers(program.targetColumns)
    copyStatement = "COPY \(name) (\(columns)) FROM STDIN \(program.copyForm.option)"
  }
}

import MigrationPlan
import Postgres

extension Ledger {
  /// Notes where the sequences of a table are before the migration loads its first row.
  package func noteSequencesBefore(_ sequences: [ColumnSequence], table: TableID) throws {
    var pipeline = Pipeline()
    try noteSequencesBefore(sequences, table: table, in: &pipeline)
    try connection.run(pipeline)
  }

  /// Notes it with a pipeline.
  package func noteSequencesBefore(
    _ sequences: [ColumnSequence], table: TableID, in pipeline: inout Pipeline
  ) throws {
    guard !sequences.isEmpty else { return }
    pipeline.query(
      """
      INSERT INTO \(names.sequenceBefore)
        (table_id, sequence_schema, sequence_name, last_value, is_called)
      SELECT $1, * FROM (\(try Self.states(of: sequences))) s
      """, [table])
  }

  /// Notes where the sequences of a table are after the migration, so that it shows whether
  /// they were used since.
  package func noteSequencesAfter(_ sequences: [ColumnSequence], table: TableID) throws {
    guard !sequences.isEmpty else { return }
    try connection.query(
      """
      WITH s (schema, name, last_value, is_called) AS MATERIALIZED (\(try Self.states(of: sequences)))
      UPDATE \(names.sequenceBefore) b
      SET last_value_after = s.last_value, is_called_after = s.is_called FROM s
      WHERE b.table_id = $1 AND b.sequence_schema = s.schema AND b.sequence_name = s.name
      """, [table])
  }

  /// Returns the query for where sequences are, by their names.
  private static func states(of sequences: [ColumnSequence]) throws(IdentifierError) -> String {
    var queries: [String] = []
    for sequence in sequences {
      let name = sequence.name
      queries.append(
        """
        SELECT \(SQL.literal(name.schema))::text, \(SQL.literal(name.name))::text, last_value, is_called
        FROM \(try name.quoted())
        """)
    }
    return queries.joined(separator: " UNION ALL ")
  }

  /// What is noted of a sequence.
  package struct SequenceNote: Hashable {
    package let before: SequenceState
    /// Nil if the table did not come to its end.
    package let after: SequenceState?
  }

  /// Returns what is noted of the sequences of a table.
  package func sequenceNotes(table: TableID) throws -> [QualifiedName: SequenceNote] {
    let found = try connection.query(
      """
      SELECT \(SequenceColumn.list) FROM \(names.sequenceBefore) WHERE table_id = $1
      """, [table])
    var notes: [QualifiedName: SequenceNote] = [:]
    for row in found.rows(by: SequenceColumn.self) {
      let before = SequenceState(lastValue: row.number(.value), isCalled: row.flag(.isCalled))
      let after = row.int(.valueAfter).map {
        SequenceState(lastValue: $0, isCalled: row.flag(.isCalledAfter))
      }
      notes[QualifiedName(schema: row.string(.schema), name: row.string(.name))] =
        SequenceNote(before: before, after: after)
    }
    return notes
  }

  enum SequenceColumn: String, ColumnList {
    case schema = "sequence_schema"
    case name = "sequence_name"
    case value = "last_value"
    case isCalled = "is_called"
    case valueAfter = "last_value_after"
    case isCalledAfter = "is_called_after"
  }

  /// Whether the sequences of a table are unused since they were noted after its migration.
  package func areSequencesUntouched(of name: QualifiedName, table: TableID) throws -> Bool {
    let notes = try sequenceNotes(table: table)
    let sequences = Sequences(self)
    return try sequences.sequences(of: name).allSatisfy { sequence in
      try notes[sequence.name]?.after == sequences.state(of: sequence)
    }
  }
}

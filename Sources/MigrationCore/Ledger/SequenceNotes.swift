import Postgres

extension Ledger {
  /// Notes where the sequences of a table stand before the migration brings its first row.
  func noteSequencesBefore(of name: QualifiedName, table: Int) throws {
    let sequences = Sequences(self)
    try atomically {
      try connection.query("DELETE FROM \(names.sequenceBefore) WHERE table_id = $1", [table])
      for sequence in try sequences.sequences(of: name) {
        let state = try sequences.state(of: sequence)
        try connection.query(
          """
          INSERT INTO \(names.sequenceBefore)
            (table_id, sequence_schema, sequence_name, last_value, is_called)
          VALUES ($1, $2, $3, $4, $5)
          """,
          [table, sequence.name.schema, sequence.name.name, state.lastValue, state.isCalled])
      }
    }
  }

  /// Notes where the sequences of a table stand after the migration, so that it shows whether
  /// somebody used them since.
  func noteSequencesAfter(of name: QualifiedName, table: Int) throws {
    let sequences = Sequences(self)
    for sequence in try sequences.sequences(of: name) {
      let state = try sequences.state(of: sequence)
      try connection.query(
        """
        UPDATE \(names.sequenceBefore) SET last_value_after = $4, is_called_after = $5
        WHERE table_id = $1 AND sequence_schema = $2 AND sequence_name = $3
        """,
        [table, sequence.name.schema, sequence.name.name, state.lastValue, state.isCalled])
    }
  }

  /// What is noted of a sequence.
  struct SequenceNote: Hashable {
    let before: SequenceState
    /// Nil where the table did not come to its end.
    let after: SequenceState?
  }

  /// Returns what is noted of the sequences of a table.
  func sequenceNotes(table: Int) throws -> [QualifiedName: SequenceNote] {
    let found = try connection.query(
      """
      SELECT sequence_schema, sequence_name, last_value, is_called, last_value_after, is_called_after
      FROM \(names.sequenceBefore) WHERE table_id = $1
      """, [table])
    var notes: [QualifiedName: SequenceNote] = [:]
    for row in found.rows {
      let before = SequenceState(lastValue: row.number(2), isCalled: row.bool(3) ?? false)
      let after = row.int(4).map { SequenceState(lastValue: $0, isCalled: row.bool(5) ?? false) }
      notes[QualifiedName(schema: row.string(0), name: row.string(1))] =
        SequenceNote(before: before, after: after)
    }
    return notes
  }

  /// Whether nobody has used the sequences of a table since they were noted after its migration.
  func areSequencesUntouched(of name: QualifiedName, table: Int) throws -> Bool {
    let notes = try sequenceNotes(table: table)
    let sequences = Sequences(self)
    return try sequences.sequences(of: name).allSatisfy { sequence in
      try notes[sequence.name]?.after == sequences.state(of: sequence)
    }
  }
}

import MigrationLedger
import MigrationPlan
import Postgres

/// Sets the sequences of a table that was rolled back to where they stood before the migration.
///
/// Only if no one else has used them, and where no row that is left has a value that would be
/// given out again. Changes of sequences do not roll back: this comes after the rows are gone for
/// sure, and doing it again changes nothing.
struct SequenceReturn {
  let ledger: Ledger
  /// The ledger's number of the table.
  let table: TableID
  let name: QualifiedName
  /// Whether others wrote rows of the table since the migration began.
  let hasRowsOfOthers: Bool

  func run() throws -> [ReturnedSequence] {
    let notes = try ledger.sequenceNotes(table: table)
    return try Sequences(ledger).sequences(of: name).map { sequence in
      ReturnedSequence(
        name: sequence.name.description,
        outcome: try notes[sequence.name].map { try setBack(sequence, $0) } ?? .left)
    }
  }

  private func setBack(
    _ sequence: ColumnSequence, _ note: Ledger.SequenceNote
  ) throws -> ReturnedSequence.Outcome {
    let sequences = Sequences(ledger)
    let now = try sequences.state(of: sequence)
    guard now != note.before else { return .untouched }
    // Of a table that did not come to its end, only the rows show whether others wrote there.
    let isOurs = note.after.map { $0 == now } ?? !hasRowsOfOthers
    guard isOurs else { return .left }
    if let outermost = try sequences.outermost(sequence, name),
      !note.before.isPast(outermost, sequence)
    {
      return .left
    }
    try ledger.connection.query(
      "SELECT setval($1::bigint::oid::regclass, $2, $3)",
      [sequence.oid, note.before.lastValue, note.before.isCalled])
    return .setBack
  }
}

import MigrationPlan
import Postgres

/// A sequence that fills columns of a table: by `serial`, identity, or a default.
package struct ColumnSequence: Sendable, Hashable {
  package let name: QualifiedName
  /// The columns of the table that it fills.
  package let columns: [Column]

  package struct Column: Sendable, Hashable {
    package let name: String
    /// Whether it is of type `numeric`, whose values need not be whole.
    package let isNumeric: Bool

    package init(name: String, isNumeric: Bool) {
      self.name = name
      self.isNumeric = isNumeric
    }

  }

  package let oid: Int
  let increment: Int
  package let minimum: Int
  package let maximum: Int
  package let cycles: Bool
}

/// The state of a sequence after a load.
package struct SequenceReset: Sendable, Hashable {
  package enum Outcome: String, Sendable, CaseIterable {
    /// It was moved past the highest value.
    case moved
    /// It was past the highest value already.
    case alreadyPast
    /// The table has no value in its columns.
    case noValues
    /// The highest value is the sequence's last: the next row will fail, but none comes twice.
    case exhausted
  }

  package let sequence: ColumnSequence
  package let outcome: Outcome
  /// The highest value of the columns, or the lowest one if the sequence counts down.
  package let outermost: Int?
  /// What the sequence would have given, and what it will give now.
  package let nextBefore: Int
  package let nextAfter: Int
}

/// Sets the sequences of a table past its values, as a load does not use them.
///
/// A sequence is never moved back, also one that counts down, and it keeps its stride: one that
/// gives odd numbers gives odd numbers afterwards. Changes of sequences do not roll back.
package struct Sequences: Sendable {
  package let ledger: Ledger

  package init(_ ledger: Ledger) { self.ledger = ledger }

  /// Moves the sequences of a table if they need it, checks them, and notes it in the ledger.
  ///
  /// - Throws: `ledgerDamaged` if a sequence is not past the values even then.
  package func reset(_ table: QualifiedName) throws -> [SequenceReset] {
    try reset(try sequences(of: table), of: table)
  }

  package func reset(_ sequences: [ColumnSequence], of table: QualifiedName) throws
    -> [SequenceReset]
  {
    let results = try sequences.map { try reset($0, table) }
    for result in results where result.outcome == .moved || result.outcome == .exhausted {
      try note(result, table)
    }
    return results
  }

  /// Returns the sequences that would give a value which a table has already, or has passed.
  package func findBehind(_ table: QualifiedName) throws -> [ColumnSequence] {
    try sequences(of: table).filter { sequence in
      guard let outermost = try outermost(sequence, table) else { return false }
      return try !state(of: sequence).isPast(outermost, sequence)
    }
  }

  private func reset(_ sequence: ColumnSequence, _ table: QualifiedName) throws -> SequenceReset {
    let before = try state(of: sequence)
    guard let outermost = try outermost(sequence, table) else {
      return SequenceReset(
        sequence: sequence, outcome: .noValues, outermost: nil,
        nextBefore: before.next(sequence), nextAfter: before.next(sequence))
    }
    if !before.isPast(outermost, sequence) { try move(sequence, past: outermost, from: before) }
    let after = try state(of: sequence)
    let isExhausted = !sequence.hasRoom(after: outermost, from: before)
    guard after.isPast(outermost, sequence) || isExhausted else {
      throw LedgerError(
        .ledgerDamaged, "sequence \(sequence.name) is still behind \(outermost)",
        place: "\(table)", remedy: "find out who else uses it, and run again")
    }
    return SequenceReset(
      sequence: sequence,
      outcome: isExhausted ? .exhausted : before == after ? .alreadyPast : .moved,
      outermost: outermost, nextBefore: before.next(sequence), nextAfter: after.next(sequence))
  }

  private func move(
    _ sequence: ColumnSequence, past outermost: Int, from state: SequenceState
  ) throws {
    let name = try sequence.name.quoted()
    let value = sequence.lastValue(covering: outermost, from: state)
    // One statement reads the sequence and sets it, so that values drawn meanwhile are not given
    // out again, however unlikely that is.
    let outer = sequence.increment > 0 ? "greatest" : "least"
    try ledger.connection.query(
      "SELECT setval($1::bigint::oid::regclass, \(outer)($2::bigint, s.last_value), true) FROM \(name) s",
      [sequence.oid, value])
  }

  private func note(_ result: SequenceReset, _ table: QualifiedName) throws(PostgresError) {
    try ledger.connection.query(
      """
      INSERT INTO \(ledger.names.sequence)
        (table_name, sequence_name, highest, next_before, next_after)
      VALUES ($1, $2, $3, $4, $5)
      """,
      [
        table.description, result.sequence.name.description, result.outermost.map { String($0) },
        String(result.nextBefore), String(result.nextAfter),
      ])
  }
}

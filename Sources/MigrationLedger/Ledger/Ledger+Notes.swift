import Postgres

/// A note about a session.
package struct SessionNote: Sendable, Hashable {
  package let written: Moment
  /// Who wrote it, as `user@host`.
  package let author: String
  package let text: String
}

extension Ledger {
  /// Adds a note about a session.
  package func addNote(_ text: String, session: SessionID, by author: String) throws(PostgresError)
  {
    try connection.query(
      "INSERT INTO \(names.note) (session, author, text) VALUES ($1, $2, $3)",
      [session, author, text])
  }

  /// Returns the notes of a session, the first one first.
  package func notes(session: SessionID) throws(PostgresError) -> [SessionNote] {
    try connection.query(
      """
      SELECT \(Moment.sql("written")), author, text FROM \(names.note)
      WHERE session = $1 ORDER BY id
      """, [session]
    ).rows.map {
      SessionNote(
        written: $0.moment(0) ?? Moment(microseconds: 0), author: $0.string(1), text: $0.string(2))
    }
  }
}

extension LedgerUpgrades {
  static let notes: @Sendable (LedgerNames) -> String = { names in
    """
    ALTER TABLE \(names.session) ADD COLUMN title text, ADD COLUMN started_by text;
    CREATE TABLE \(names.note) (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      session bigint NOT NULL REFERENCES \(names.session) ON DELETE CASCADE,
      author text NOT NULL,
      text text NOT NULL,
      written timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    """
  }
}

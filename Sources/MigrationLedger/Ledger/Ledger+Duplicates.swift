import MigrationBasics
import Postgres

/// A source row that duplicates an earlier one with the same value in a unique column.
package struct DuplicateRow: Sendable, Hashable {
  package let feed: Int
  /// The row's key as the source sends it, field by field.
  package let rawKey: [UInt8]
  /// The key of the row that comes first.
  package let winner: JSONValue
  /// The columns that are the same.
  package let columns: String
  /// Of rows that are equal in all that is read of them, the chunk in which the first one is loaded; nil if
  /// every row with this key is a duplicate.
  package var keptIn: Int?

  package init(
    feed: Int, rawKey: [UInt8], winner: JSONValue, columns: String, keptIn: Int? = nil
  ) {
    (self.feed, self.rawKey) = (feed, rawKey)
    (self.winner, self.columns, self.keptIn) = (winner, columns, keptIn)
  }
}

extension Ledger {
  /// Keeps the losers among a table's duplicates, in the transaction that plans its chunks.
  ///
  /// They are found once, before the first row is loaded: afterwards the target holds rows of the
  /// session itself, which could not be distinguished from earlier ones.
  package func recordDuplicates(_ rows: [DuplicateRow], table: TableID) throws(PostgresError) {
    var list = JSONList()
    for (number, row) in rows.enumerated() {
      // A row without a key is identified by all of it.
      list.append(json(of: row))
      guard list.count == 5000 || list.isFull || number == rows.count - 1 else { continue }
      try connection.query(
        """
        INSERT INTO \(names.duplicate) (table_id, feed, raw_key, winner, column_names, kept_in)
        SELECT $1, d.feed, decode(d.raw_key, 'hex'), d.winner, d.columns, d.kept_in
        FROM jsonb_to_recordset($2)
          AS d(feed integer, raw_key text, winner jsonb, columns text, kept_in integer)
        """, [table, list.take()])
    }
  }

  private func json(of row: DuplicateRow) -> JSONValue {
    [
      "feed": .int(row.feed), "raw_key": .text(Self.hexadecimal(row.rawKey)),
      "winner": EscapedText.encode(row.winner, for: encoding), "columns": .text(row.columns),
      "kept_in": row.keptIn.map(JSONValue.int) ?? .null,
    ]
  }

  /// Returns the losers among a table's duplicates.
  package func duplicates(table: TableID) throws -> [DuplicateRow] {
    let found = try connection.query(
      """
      SELECT feed, raw_key, winner::text, column_names, kept_in FROM \(names.duplicate)
      WHERE table_id = $1
      """, [table])
    return try found.rows.map { row in
      DuplicateRow(
        feed: row.number(0), rawKey: row.bytes(1) ?? [], winner: try row.json(2),
        columns: row.string(3), keptIn: row.int(4))
    }
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

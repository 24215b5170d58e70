import MigrationBasics
import MigrationPlan
import Postgres

/// Reads the SQL that pg_restore prints of rows alone, and copies those of some tables.
///
/// The form is fixed: a line `COPY schema.table (columns) FROM stdin;`, the rows in COPY's text form,
/// and a line `\.`; in rows a backslash at the beginning of a line is doubled.
struct RowsScript {
  let connection: Connection
  /// Quoted names with their schemas.
  let tables: [String]
  private var copy: CopyIn?
  private var isPassing = false
  private var line: [UInt8] = []

  init(connection: Connection, tables: [String]) {
    (self.connection, self.tables) = (connection, tables)
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
    var start = 0
    while let end = bytes[start...].firstIndex(of: .lineFeed) {
      line += bytes[start...end]
      try take()
      line.removeAll(keepingCapacity: true)
      start = end + 1
    }
    line += bytes[start...]
  }

  private mutating func take() throws {
    let isEnd = line.count == 3 && line.starts(with: [.backslash, UInt8(ascii: ".")])
    if isEnd, copy != nil || isPassing {
      _ = try copy?.finish()
      (copy, isPassing) = (nil, false)
    } else if let copy {
      try line.withUnsafeBytes { raw in try copy.write(raw) }
    } else if !isPassing {
      try begin()
    }
  }

  private mutating func begin() throws {
    guard line.starts(with: "COPY ".utf8) else { return }
    let text = String(decoding: line.dropLast(), as: UTF8.self)
    guard text.hasSuffix(" FROM stdin;"),
      let name = QualifiedName(startOf: text.dropFirst("COPY ".count))
    else { return }
    guard tables.contains(try SQL.identifier(schema: name.schema, name.name)) else {
      isPassing = true
      return
    }
    copy = try connection.copyIn(String(text.dropLast()))
  }

  /// The script must not end in the middle of a table.
  mutating func finish() throws {
    guard copy == nil, !isPassing else {
      throw MigrationError(.coded(.corruption), "the backup ends in the middle of a table")
    }
  }
}

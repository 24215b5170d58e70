import MigrationPlan
import MigrationRows
import Postgres

/// Reads rows with texts that have no form in UTF-8, as a source in another encoding may hold them.
///
/// The server ends a COPY at the first such text. So it is asked beforehand whether there are any. Where
/// there are, it names the rows and columns, and each of these texts comes as the bytes that are
/// stored, which are no UTF-8: the rules reject the row, and keep its bytes.
package struct UnreadableTexts {
  /// A column that is sent in the encoding of the session.
  private struct Column {
    /// The place in the row as the machine expects it.
    let place: Int
    let item: String
    let form: WireForm
    let elementOID: UInt32
  }

  private let items: [String]
  private let columns: [Column]
  private let connection: Connection
  private let hasPlanSQL: Bool

  /// Where the server keeps the list of the rows, for one transaction.
  private static let setting = "migrate.unreadable"

  /// Nil if every text has a form in UTF-8, or none is read.
  ///
  /// - Parameter hasPlanSQL: whether the query of the rows has conditions of the plan.
  package init?(
    _ program: RowProgram, _ table: PostgresTable, _ connection: Connection, hasPlanSQL: Bool
  ) {
    guard connection.mayHoldUnreadableTexts else { return nil }
    let items = program.selectItems
    (self.items, self.connection, self.hasPlanSQL) = (items, connection, hasPlanSQL)
    columns = program.memory.sourceForms.enumerated().compactMap { place, form in
      guard [.text, .padded, .json, .jsonb, .array, .raw].contains(form) else { return nil }
      let type = table[program.sourceColumns[place]]?.type
      return Column(
        place: place, item: items[place], form: form, elementOID: type?.elementOID ?? 0)
    }
    if columns.isEmpty { return nil }
  }

  /// Whether the rows of a query have such texts.
  ///
  /// - Parameter select: makes the query of a select list.
  package func occur(in select: (String) -> String) throws -> Bool {
    let texts = columns.map { "(\($0.item))::text" }.joined(separator: ", ")
    let bytes = "pg_catalog.convert_to(pg_catalog.concat(\(texts)), 'UTF8') AS bytes"
    return try connection.unlessUnreadable {
      try connection.execute(
        "SELECT pg_catalog.count(pg_catalog.octet_length(bytes)) FROM (\(select(bytes))) r",
        hasPlanSQL: hasPlanSQL)
    } == nil
  }

  /// Reads the rows of a query, those with such texts among them.
  package func read(
    _ select: (String) -> String, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    _ = try connection.execute("DO \(SQL.literal(search(select)))", hasPlanSQL: hasPlanSQL)
    let copy = try connection.copyOut(
      PostgresReader.copy(select(list)), hasPlanSQL: hasPlanSQL)
    var bytes: [UInt8] = []
    try copy.forEachRow { row in
      bytes.removeAll(keepingCapacity: true)
      put(row, into: &bytes)
      try bytes.withUnsafeBytes(body)
    }
  }

  /// The program that tries one row after the other and notes its columns that can't be sent.
  private func search(_ select: (String) -> String) -> String {
    let texts = columns.map { "(\($0.item))::text" }.joined(separator: ", ")
    return """
      #variable_conflict use_column
      DECLARE
        r record; place int; bad text[]; places text[] := '{}'; lists text[] := '{}';
      BEGIN
        FOR r IN \(select("\(Self.rowName) AS name, ARRAY[\(texts)] AS texts")) LOOP
          BEGIN
            PERFORM pg_catalog.convert_to(pg_catalog.array_to_string(r.texts, ''), 'UTF8');
          EXCEPTION WHEN untranslatable_character OR character_not_in_repertoire THEN
            bad := '{}';
            FOR place IN 1..\(columns.count) LOOP
              BEGIN
                PERFORM pg_catalog.convert_to(r.texts[place], 'UTF8');
              EXCEPTION WHEN untranslatable_character OR character_not_in_repertoire THEN
                bad := bad || place::text;
              END;
            END LOOP;
            places := places || r.name;
            lists := lists || (',' || pg_catalog.array_to_string(bad, ',') || ',');
          END;
        END LOOP;
        PERFORM pg_catalog.set_config('\(Self.setting)', pg_catalog.jsonb_object(places, lists)::text, true);
      END
      """
  }

  private static let rowName = "(tableoid::text || ctid::text)"

  /// The select list with null for each text that can't be sent, and the bytes of those behind.
  private var list: String {
    let noted = "(SELECT pg_catalog.current_setting('\(Self.setting)')::jsonb)"
    var (shown, bytes) = (items, [String]())
    for (number, column) in columns.enumerated() {
      let isBad = "(\(noted) ->> \(Self.rowName)) LIKE '%,\(number + 1),%'"
      shown[column.place] = "CASE WHEN \(isBad) THEN NULL ELSE \(column.item) END"
      bytes.append(
        "CASE WHEN \(isBad) THEN pg_catalog.convert_to((\(column.item))::text, "
          + "pg_catalog.getdatabaseencoding()) END")
    }
    return (shown + bytes).joined(separator: ", ")
  }

  /// Writes a row as the machine expects it.
  private func put(_ row: UnsafeRawBufferPointer, into bytes: inout [UInt8]) {
    var reader = BinaryRowReader(row)
    var fields: [BinaryField] = []
    while let field = reader.next() { fields.append(field) }
    guard fields.count == items.count + columns.count else { return bytes.append(contentsOf: row) }
    Self.put(Int16(items.count), into: &bytes)
    var next = 0
    for place in items.indices {
      var stored: [UInt8]?
      if next < columns.count, columns[next].place == place {
        let field = fields[items.count + next]
        if !field.isNull { stored = Self.field([UInt8](field.bytes), columns[next]) }
        next += 1
      }
      let isNull = stored == nil && fields[place].isNull
      let count = stored?.count ?? fields[place].bytes.count
      Self.put(isNull ? -1 : Int32(truncatingIfNeeded: count), into: &bytes)
      if let stored { bytes += stored } else { bytes += fields[place].bytes }
    }
  }

  /// The bytes of a text in the form of its column, which are surely no UTF-8.
  private static func field(_ stored: [UInt8], _ column: Column) -> [UInt8] {
    let isUTF8 = stored.withUnsafeBytes { bytes in
      bytes.baseAddress.map { TextScan.isUTF8($0, bytes.count) } ?? true
    }
    let text = isUTF8 ? [0xFF] + stored : stored
    switch column.form {
    case .jsonb: return [1] + text
    case .array:
      var bytes: [UInt8] = []
      // One dimension, no nulls, one element, whose number is 1.
      for number in [1, 0, Int32(bitPattern: column.elementOID), 1, 1, Int32(text.count)] {
        put(number, into: &bytes)
      }
      return bytes + text
    default: return text
    }
  }

  private static func put<Number: FixedWidthInteger>(_ number: Number, into bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}

extension Connection {
  /// Whether the database may hold texts that have no form in UTF-8. Every character of LATIN1 has one,
  /// and texts of a database without an encoding are taken as they are.
  var mayHoldUnreadableTexts: Bool {
    !["UTF8", "SQL_ASCII", "LATIN1"].contains(facts.serverEncoding)
  }

  /// Asks something; nil if the server can't send a text of the answer, or convert one for it.
  func unlessUnreadable<Value>(_ ask: () throws -> Value) throws -> Value? {
    guard mayHoldUnreadableTexts, try transactionState() == .inTransaction else { return try ask() }
    try execute("SAVEPOINT migrate_text")
    do {
      let value = try ask()
      try execute("RELEASE SAVEPOINT migrate_text")
      return value
    } catch let error as PostgresError
      where error.kind == .server
      && [.untranslatableCharacter, .characterNotInRepertoire].contains(error.sqlState)
    {
      try execute("ROLLBACK TO SAVEPOINT migrate_text; RELEASE SAVEPOINT migrate_text")
      return nil
    }
  }
}

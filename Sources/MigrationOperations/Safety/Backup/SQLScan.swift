import MigrationBasics
import MigrationPlan

/// Looks through SQL of pg_dump before anything runs: whether it is whole, what it would do besides
/// filling tables, and what has to be known before, such as roles, tables and counts of rows.
final class SQLScan {
  private(set) var majorVersion = 0
  private(set) var roles: Set<String> = []
  private(set) var tables: [QualifiedName] = []
  /// How many rows the text has for each table.
  private(set) var rows: [QualifiedName: Int] = [:]
  /// The statement for which rows can't be counted: it adds or removes others than the text has.
  private(set) var uncounted: String?
  /// What is wrong with it; nothing of such a text is run.
  private(set) var faults: [BackupFinding] = []

  private var splitter = DumpSplitter()
  private var hasHeader = false
  private var hasStatements = false
  private var isComplete = false
  private var isInTransaction = false
  /// The schema of names that stand alone, in dumps of old versions.
  private var schema: String?
  private var copied: (table: QualifiedName?, tabs: Int?, rows: Int) = (nil, nil, 0)

  private static let mostFaults = 5

  init() {}

  init(_ path: String, watch: () throws -> Void) throws {
    let file = try SQLFile(path)
    while let bytes = try file.read() {
      try watch()
      try add(bytes)
    }
    try finish()
  }

  func add(_ bytes: [UInt8]) throws { try splitter.add(bytes) { take($0, $1) } }

  /// Judges the end: pg_dump's last words must be there, and nothing may be open.
  func finish() throws {
    try splitter.finish { take($0, $1) }
    if splitter.isInRows {
      let table = copied.table.map { " of \($0)" } ?? ""
      fault(
        .truncated, "the file is truncated: it ends within the rows\(table), after \(copied.rows)")
    } else if !splitter.isBetweenStatements {
      fault(.truncated, "the file is truncated: it ends in the middle of a statement")
    } else if isInTransaction {
      fault(.truncated, "the file is truncated: it ends within an open transaction")
    } else if !isComplete {
      fault(
        .truncated,
        "the file is truncated or not from pg_dump: it does not end with the line "
          + "\"-- PostgreSQL database dump complete\"")
    }
    if !hasHeader {
      fault(
        .archive,
        "the file lacks its beginning or is not from pg_dump: it does not start with the line "
          + "\"-- PostgreSQL database dump\"")
    }
  }

  private func take(_ piece: DumpSplitter.Piece, _ line: Int) {
    switch piece {
    case .statement(let statement): take(statement)
    case .row(let row): takeRow(row, line)
    case .endOfRows: endRows()
    case .comment(let text): takeComment(text, line)
    case .command(let text): takeCommand(text, line)
    }
  }

  private func fault(_ code: BackupFinding.Code, _ what: String) {
    if faults.count < Self.mostFaults { faults.append(BackupFinding(code, what)) }
  }
}

extension SQLScan {
  private func takeComment(_ text: String, _ line: Int) {
    switch text {
    case "-- PostgreSQL database dump": hasHeader = hasHeader || !hasStatements
    case "-- PostgreSQL database dump complete": isComplete = true
    case "-- PostgreSQL database cluster dump":
      fault(.commands, "line \(line): the dump is of a whole server; use dumps of single databases")
    default:
      guard text.hasPrefix("-- Dumped "), let version = Tool.versionNumber(in: text) else { return }
      majorVersion = max(majorVersion, Int(version.prefix { $0 != "." }) ?? 0)
    }
  }

  /// pg_dump surrounds what it writes with \restrict; no other command for psql has a place in it.
  private func takeCommand(_ text: String, _ line: Int) {
    let words = text.split(separator: " ")
    let isKnown =
      words.count == 2 && ["\\restrict", "\\unrestrict"].contains(words[0])
      && words[1].utf8.allSatisfy { $0.isLetter || $0.isDigit }
    guard !isKnown else { return }
    let hint =
      text.hasPrefix("\\connect") || text.hasPrefix("\\c ")
      ? "; dump the database without --create" : ""
    let name = text.prefix { $0 != " " }.prefix(20)
    fault(
      .commands, "line \(line): \(name) is a psql command, not SQL\(hint)")
  }

  private func takeRow(_ row: ArraySlice<UInt8>, _ line: Int) {
    copied.rows += 1
    guard let tabs = copied.tabs else { return }
    var found = 0
    for byte in row where byte == .tab { found += 1 }
    guard found != tabs else { return }
    let table = copied.table.map { " of \($0)" } ?? ""
    fault(
      .truncated,
      "line \(line): a row\(table) has \(CountText.of(found + 1, "value")) instead of \(tabs + 1): it is truncated"
    )
    copied.tabs = nil
  }

  private func endRows() {
    if let table = copied.table { rows[table, default: 0] += copied.rows }
  }

  private func take(_ statement: DumpStatement) {
    (hasStatements, isComplete) = (true, false)
    if let word = statement.transactionWord { return takeTransaction(statement, word) }
    switch statement.words.first {
    case "COPY": takeCopy(statement)
    case "INSERT": takeInsert(statement)
    case "CREATE": takeCreate(statement)
    case "SET": takeSetting(statement)
    case "ALTER": takeRole(after: " OWNER TO ", statement)
    case "GRANT": takeRole(after: " TO ", statement)
    case "REVOKE": takeRole(after: " FROM ", statement)
    case "UPDATE", "DELETE", "TRUNCATE", "MERGE", "WITH", "DO", "CALL": cannotCount(statement)
    case "DROP" where statement.starts(with: "DROP", "DATABASE"): refuseDatabase(statement)
    default: break
    }
  }

  /// pg_dump surrounds large objects with BEGIN and COMMIT, which add nothing within one transaction.
  private func takeTransaction(_ statement: DumpStatement, _ word: String) {
    if statement.isPlainBegin, !isInTransaction {
      isInTransaction = true
    } else if statement.isPlainCommit, isInTransaction {
      isInTransaction = false
    } else {
      fault(
        .commands,
        "line \(statement.line): \(word) would end the transaction in which the SQL runs")
    }
  }

  private func takeCopy(_ statement: DumpStatement) {
    guard statement.isCopyFromInput else {
      fault(
        .commands,
        "line \(statement.line): this COPY is none that pg_dump writes (COPY … FROM stdin): it could "
          + "read or write files of the server, or run programs there")
      return
    }
    copied = (
      statement.name(after: "COPY ", in: schema), statement.copiedColumns.map { $0 - 1 }, 0
    )
    if copied.table == nil { cannotCount(statement) }
  }

  private func takeInsert(_ statement: DumpStatement) {
    guard let count = statement.insertedRows,
      let table = statement.name(after: "INSERT INTO ", in: schema)
    else { return cannotCount(statement) }
    rows[table, default: 0] += count
  }

  private func cannotCount(_ statement: DumpStatement) {
    uncounted =
      uncounted ?? "line \(statement.line), \(statement.words.prefix(2).joined(separator: " "))"
  }

  private func takeCreate(_ statement: DumpStatement) {
    if statement.starts(with: "CREATE", "DATABASE") { refuseDatabase(statement) }
    for start in ["CREATE TABLE ", "CREATE UNLOGGED TABLE "]
    where statement.bytes.starts(with: start.utf8) {
      if let name = statement.name(after: start, in: schema) { tables.append(name) }
    }
  }

  private func refuseDatabase(_ statement: DumpStatement) {
    fault(
      .commands,
      "line \(statement.line): it creates or drops a database; dump the database without --create")
  }

  private func takeSetting(_ statement: DumpStatement) {
    if statement.starts(with: "SET", "CLIENT_ENCODING") { takeEncoding(statement) }
    guard statement.starts(with: "SET", "SEARCH_PATH") else { return }
    let text = statement.text.replacing("= ", with: "=").split(separator: "=").last ?? ""
    schema = QualifiedName(startOf: text, in: "")?.name
  }

  /// In these, a byte of a character may look like a quote or a backslash.
  private func takeEncoding(_ statement: DumpStatement) {
    let name = statement.text.split(separator: "'").dropFirst().first ?? ""
    let unsafe = ["SJIS", "SHIFT_JIS_2004", "BIG5", "GBK", "GB18030", "UHC", "JOHAB"]
    guard unsafe.contains(name.uppercased()) else { return }
    fault(
      .commands,
      "line \(statement.line): encoding \(name) cannot be read safely; dump with --encoding=UTF8"
    )
  }

  private func takeRole(after word: String, _ statement: DumpStatement) {
    guard statement.bytes.count < 4096 else { return }
    let text = statement.text
    guard let place = text.ranges(of: word).last else { return }
    let name = text[place.upperBound...].replacing(" WITH GRANT OPTION", with: "")
    let isQuoted = name.hasPrefix("\"") && name.hasSuffix("\"") && name.count > 1
    let role = isQuoted ? name.dropFirst().dropLast().replacing("\"\"", with: "\"") : name
    if !role.isEmpty, role != "PUBLIC", role != "CURRENT_USER" { roles.insert(String(role)) }
  }
}

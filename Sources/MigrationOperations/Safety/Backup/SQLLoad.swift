import MigrationBasics
import MigrationEngine
import Postgres
import Synchronization

/// Runs a file of SQL that pg_dump wrote, in one transaction on a connection of its own.
///
/// The file comes to no shell and no psql: its statements go to the server one by one, by the protocol
/// that takes a single statement at a time, and its rows by COPY.
struct SQLLoad {
  let work: BackupWork
  let scan: SQLScan

  /// - Parameter before: a statement to run before it in the transaction.
  /// - Returns: where the rows that the tables have afterwards are not those of the file, a sentence each;
  ///   then nothing was changed.
  func run(_ path: String, in place: PostgresPlace, before: String? = nil) throws -> [String] {
    let connection = try place.connect()
    let watch = try CancelOnStop(connection, work.control)
    defer { watch.end() }
    do {
      return try load(path, connection, before)
    } catch let error as PostgresError {
      try work.watch()
      throw failure(error.description, path)
    }
  }

  private func load(_ path: String, _ connection: Connection, _ before: String?) throws -> [String]
  {
    try connection.execute("SET statement_timeout = 0; SET application_name = \(Self.purpose)")
    try connection.begin()
    let transaction = try self.transaction(connection)
    if let before { try connection.execute(before) }
    let comparison = ScriptedRows(scan: scan, connection: connection)
    let counts = try comparison.countsBefore()
    try send(path, to: connection)
    try connection.execute(
      "RESET SESSION AUTHORIZATION; RESET ROLE; RESET client_encoding; SET search_path = pg_catalog"
    )
    guard try self.transaction(connection) == transaction else {
      throw failure("the SQL ended the transaction in which it runs", path)
    }
    let differences = try comparison.differences(from: counts)
    try differences.isEmpty ? connection.commit() : connection.rollback()
    return differences
  }

  private static let purpose = SQL.literal(RestoreProgram.purpose)

  private func transaction(_ connection: Connection) throws -> String {
    try connection.query("SELECT pg_catalog.txid_current()").rows.first?.text(0) ?? ""
  }

  private func send(_ path: String, to connection: Connection) throws {
    let file = try SQLFile(path)
    var splitter = DumpSplitter()
    var (copy, sent): (CopyIn?, Int) = (nil, 0)
    func take(_ piece: DumpSplitter.Piece, _ line: Int) throws {
      do {
        switch piece {
        case .statement(let statement) where statement.transactionWord != nil: break
        case .statement(let statement) where statement.isCopyFromInput:
          (copy, sent) = (try connection.copyIn(bytes: statement.bytes), 0)
        case .statement(let statement): try connection.runSingle(statement.bytes)
        case .row(let row):
          try row.withUnsafeBytes { try copy?.write($0) }
          sent += 1
        case .endOfRows:
          let taken = try copy?.finish()
          copy = nil
          // Elsewhere all rows of a table are counted at the end, and reported table by table.
          guard taken == sent || scan.uncounted == nil else {
            throw dropped(sent, taken ?? 0, path, line)
          }
        case .comment, .command: break
        }
      } catch let error as PostgresError {
        try work.watch()
        throw failure("line \(line): \(error.description)", path)
      }
    }
    while let bytes = try file.read() {
      try work.watch()
      try splitter.add(bytes) { try take($0, $1) }
    }
    try splitter.finish { try take($0, $1) }
  }

  private func dropped(_ sent: Int, _ taken: Int, _ path: String, _ line: Int) -> MigrationError {
    failure(
      "line \(line): \(CountText.of(sent, "row was", "rows were")) sent, and the server accepted \(GroupedNumber.text(taken)); a trigger of the table drops rows",
      path)
  }

  private func failure(_ what: String, _ path: String) -> MigrationError {
    MigrationError(
      .coded(.rollback), "could not run the SQL: \(what)", reason: "sql", place: path,
      remedy: "nothing was changed; see the SQL of the file")
  }
}

/// Cancels what a connection does once someone wants the work ended.
private final class CancelOnStop: Sendable {
  private let isOver = Atomic(false)
  private let thread = Mutex<WorkerThread?>(nil)

  init(_ connection: Connection, _ control: RunControl) throws {
    let handle = try connection.cancelHandle()
    let worker = try WorkerThread { [self] in
      while !isOver.load(ordering: .acquiring) {
        if control.cause != nil { try? handle.send() }
        WorkerThread.sleep(.milliseconds(200), while: { !isOver.load(ordering: .acquiring) })
      }
    }
    thread.withLock { $0 = worker }
  }

  func end() {
    isOver.store(true, ordering: .releasing)
    thread.withLock { $0.take() }?.join()
  }
}

import MigrationBasics
import Postgres
import TestSupport
import Testing

@testable import MigrationLedger

/// A database of a test's own with a ledger, a session, a run and one table.
struct LedgerFixture {
  let database: TemporaryDatabase
  let ledger: Ledger
  let session: Session
  let run: Run
  let table: TableState

  init(schema: String = "migrate") throws {
    database = try TemporaryDatabase("ledger")
    ledger = try Ledger(Self.connect(database), schema: schema)
    try ledger.install()
    try ledger.lock()
    session = try ledger.openSession(SessionRequest(name: "nxt", plan: "nxt", planHash: "abc"))
    run = try ledger.beginRun(session: session.id, Self.identity).run
    table = try #require(try ledger.enterTables(["items"], session: session.id).first)
  }

  static let identity = RunIdentity(
    host: "test-host", process: 4711, command: "run", version: "0.0.0")

  /// Returns the ledger through a new connection, as a lane or another program has it.
  func otherLedger() throws -> Ledger { try Ledger(connect(), schema: ledger.schema) }

  func connect() throws -> Connection { try Self.connect(database) }

  static func connect(_ database: TemporaryDatabase) throws -> Connection {
    try MigrationCoreTests.connect(database)
  }

  /// Runs SQL where tables go to `public`: the tests' role bears the name of the ledger's schema,
  /// which would come first.
  func sql(_ text: String) throws -> String {
    try psql(database.url, "SET search_path = public; " + text)
  }

  /// Plans chunks of the test's table by the integer keys that end them.
  func plan(_ count: Int, feed: Int = 0) throws {
    try ledger.insertBoundaries(table: table.id, feed: feed, source: "legacy_items", chunks(count))
  }

  func chunks(_ count: Int) -> [PlannedChunk] {
    (0..<count).map { index in
      let lower = index == 0 ? nil : KeyBound([String(index * 10)], isInclusive: false)
      let upper = index == count - 1 ? nil : KeyBound([String(index * 10 + 10)], isInclusive: true)
      return PlannedChunk(.keys(lower: lower, upper: upper), rowEstimate: 10, byteEstimate: 1000)
    }
  }

  /// Claims the next chunk in the transaction that is open.
  func claim(_ ledger: Ledger) throws -> Chunk {
    let claim = try ledger.claim(table: table.id, run: run.id)
    guard case .chunk(let chunk) = claim else {
      throw SubprocessFailure(description: "no chunk, but \(claim)")
    }
    return chunk
  }
}

extension Ledger {
  /// Completes a chunk in the transaction that is open.
  func complete(
    _ chunk: Chunk, _ counts: ChunkCounts, run: RunID, lane: Int, fingerprint: Fingerprint? = nil
  ) throws {
    var outcome = ChunkOutcome(counts)
    outcome.fingerprint = fingerprint
    try complete(chunk, outcome, run: run, lane: lane)
  }

  /// Quarantines rows of a chunk in the transaction that is open.
  @discardableResult
  func quarantine(
    _ rows: [QuarantinedRow], of chunk: Chunk, table: String = ""
  ) throws -> [QuarantineEntry] {
    var pipeline = Pipeline()
    let rejects = try quarantine(rows, of: chunk, in: &pipeline)
    return rejects.entries(try connection.run(pipeline), of: chunk, table: table)
  }

  /// Keeps a chunk's warnings in the transaction that is open.
  func recordWarnings(_ warnings: [WarningCount], of chunk: Chunk) throws {
    var pipeline = Pipeline()
    recordWarnings(warnings, of: chunk, in: &pipeline)
    try connection.run(pipeline)
  }
}

func counts(
  read: Int, loaded: Int, merged: Int = 0, filtered: Int = 0, quarantined: Int = 0, warned: Int = 0
) -> ChunkCounts {
  var counts = ChunkCounts()
  (counts.read, counts.loaded, counts.merged) = (read, loaded, merged)
  (counts.filtered, counts.quarantined, counts.warned) = (filtered, quarantined, warned)
  return counts
}

/// Returns the code of the ledger error that a body throws.
func ledgerCode(_ body: () throws -> Void) -> LedgerError.Code? {
  do { try body() } catch { return (error as? LedgerError)?.code }
  return nil
}

/// Returns the SQLSTATE of the PostgreSQL error that a body throws.
func sqlState(_ body: () throws -> Void) -> SQLState? {
  do { try body() } catch { return (error as? PostgresError)?.sqlState }
  return nil
}

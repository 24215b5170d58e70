import MigrationBasics
import Postgres
import Synchronization

/// What has happened: sessions, chunks, quarantine and everything else that a migration remembers.
///
/// The ledger is a schema in the target database. It is the only memory: the checkpoint file and
/// the log of errors are written from it. A value of this type is a view through one connection,
/// so that a chunk's rows and its ledger row can share a transaction; make one for each lane.
///
/// Invariants:
/// - A chunk is `done` if and only if its rows are committed, because both are one transaction.
/// - A claim is a row lock. It is never written down, so nothing has to be cleaned up after a crash.
/// - A done chunk's row counts add up: read = loaded + merged + filtered + quarantined.
/// - At most one run of a database holds the migration lock; a run that lost it can claim no chunk.
///
/// Methods that change one thing are one statement, and work inside the caller's transaction or
/// on their own; those that need a transaction of their own say so.
package struct Ledger: Sendable {
  package static let defaultSchema = "migrate"

  /// The connection to the target database that everything goes through.
  package let connection: Connection
  /// The name of the ledger's schema.
  package let schema: String
  package let names: LedgerNames
  private let seen = SeenVersion()
  /// The encoding of the database.
  package var encoding: String { connection.facts.serverEncoding }

  package init(
    _ connection: Connection, schema: String = Ledger.defaultSchema
  ) throws(IdentifierError) {
    self.connection = connection
    self.schema = schema
    names = LedgerNames(schema: try SQL.identifier(schema))
  }

  /// Whether the ledger has the version that this program understands; asked until it has.
  func isCurrent() throws(PostgresError) -> Bool {
    if seen.isCurrent.load(ordering: .relaxed) { return true }
    guard try condition() == .current else { return false }
    seen.isCurrent.store(true, ordering: .relaxed)
    return true
  }

  /// Returns the same ledger through another connection.
  package func through(_ connection: Connection) throws(IdentifierError) -> Ledger {
    try Ledger(connection, schema: schema)
  }
}

/// Whether a connection has seen the ledger's version to be the program's own.
private final class SeenVersion: Sendable {
  let isCurrent = Atomic(false)
}

/// The ledger's tables, quoted and with their schema.
package struct LedgerNames: Sendable {
  package let schema: String

  package var meta: String { schema + ".meta" }
  package var session: String { schema + ".session" }
  package var run: String { schema + ".run" }
  package var table: String { schema + ".table_state" }
  package var feed: String { schema + ".feed" }
  package var chunk: String { schema + ".chunk" }
  package var write: String { schema + ".write" }
  package var quarantine: String { schema + ".quarantine" }
  package var duplicate: String { schema + ".duplicate" }
  package var merged: String { schema + ".merged" }
  var mergeTotal: String { schema + ".merge_total" }
  package var mergePresent: String { schema + ".merge_present" }
  package var warning: String { schema + ".warning" }
  package var control: String { schema + ".control" }
  package var setAside: String { schema + ".set_aside" }
  package var audit: String { schema + ".audit" }
  package var note: String { schema + ".note" }
  package var sequence: String { schema + ".sequence_reset" }
  package var sequenceBefore: String { schema + ".sequence_before" }
  package var rollback: String { schema + ".rollback" }
  package var checkpoint: String { schema + ".checkpoint" }
  package var rollbackTable: String { schema + ".rollback_table" }
  package var rollbackKept: String { schema + ".rollback_kept" }
}

extension Ledger {
  /// Runs a body in a transaction, or in the caller's if there is one.
  package func atomically<Value>(_ body: () throws -> Value) throws -> Value {
    switch try connection.transactionState() {
    case .inTransaction: try body()
    default: try connection.inTransaction { try body() }
    }
  }

  /// Returns the first row of a statement that must have one.
  package func oneRow(
    _ sql: String, _ parameters: [(any ParameterConvertible)?] = [], otherwise: LedgerError
  ) throws -> QueryResult.Row {
    guard let row = try connection.query(sql, parameters).rows.first else { throw otherwise }
    return row
  }
}

extension QueryResult.Row {
  /// Returns a JSON value; null for null.
  package func json(_ column: Int) throws(ParseError) -> JSONValue {
    guard let text = text(column) else { return .null }
    return try JSONValue.parse(text)
  }

  /// Returns a moment selected as microseconds; nil for null.
  package func moment(_ column: Int) -> Moment? { int(column).map(Moment.init(microseconds:)) }
}

extension JSONValue {
  /// The value as a `jsonb` parameter.
  package var jsonb: Parameter { .text(compact, type: .jsonb) }
}

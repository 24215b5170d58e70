import Postgres
import TestSupport
import Testing

@testable import MigrationEngine
@testable import MigrationLedger

/// Connections that are handed on, and those that must not be.
@Suite struct IdleConnectionsTests {
  private let database: TemporaryDatabase

  init() throws {
    database = try TemporaryDatabase("idle")
    try psql(database.url, "create table t as select n from generate_series(1, 10) n")
  }

  private func source() throws -> PostgresSource {
    PostgresSource(try ConnectionString(database.url), options: ConnectionOptions())
  }

  private func session(_ reader: any RowReader) throws -> Int32 {
    try #require((reader as? PostgresReader)?.connection).facts.backendPID
  }

  private func rows(_ reader: any RowReader) throws -> Int? {
    try #require((reader as? PostgresReader)?.connection).query("SELECT count(*) FROM public.t")
      .int(0, 0)
  }

  @Test func aReaderTakesTheConnectionOfOneThatIsDone() throws {
    let source = try source()
    let first = try session(source.open(timeout: nil))
    let again = try source.open(timeout: .seconds(7))
    #expect(try session(again) == first)
    let limit = try #require((again as? PostgresReader)?.connection).query("SHOW statement_timeout")
      .text(0, 0)
    #expect(limit == "7s")
    #expect(try session(source.open(timeout: nil)) != first)
  }

  /// The locks that keep tables as they are went with the session that held the snapshot.
  @Test func noConnectionOutlivesTheSnapshotThatItSees() throws {
    let source = try source()
    let first = try session(source.open(timeout: nil))
    try psql(
      database.url,
      """
      insert into t values (11);
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like '% snapshot'
      """)
    let second = try source.open(timeout: nil)
    #expect(try session(second) != first)
    #expect(try rows(second) == 11)
    #expect(!source.isOneMoment)
  }

  @Test func aConnectionThatWasEndedMeanwhileIsNotTaken() throws {
    let source = try source()
    let first = try session(source.open(timeout: nil))
    try psql(database.url, "select pg_terminate_backend(\(first))")
    let second = try source.open(timeout: nil)
    #expect(try rows(second) == 10)
    #expect(source.isOneMoment)
  }

  @Test func aConnectionWhoseTransactionHasFailedIsNotKept() throws {
    let source = try source()
    var first: Int32?
    do {
      let reader = try source.open(timeout: nil)
      first = try session(reader)
      _ = try? #require((reader as? PostgresReader)?.connection).query("SELECT 1 / 0")
    }
    #expect(try session(source.open(timeout: nil)) != first)
  }

  @Test func aTargetConnectionIsHandedOnUnlessItIsBusyOrGone() throws {
    let targets = TargetConnections(
      try ConnectionString(database.url), connectTimeout: nil, lockTimeout: nil,
      ledgerSchema: Ledger.defaultSchema)
    let ledger = try targets.open(statements: nil)
    let session = ledger.connection.facts.backendPID
    func taken(_ limit: Duration?) throws -> Ledger { try targets.take(statements: limit) }
    targets.giveBack(ledger, statements: nil)
    let same = try taken(.seconds(3))
    #expect(same.connection.facts.backendPID == session)
    #expect(try same.connection.query("SHOW statement_timeout").text(0, 0) == "3s")
    #expect(try taken(nil).connection.facts.backendPID != session)
    try same.connection.begin()
    targets.giveBack(same, statements: .seconds(3))
    #expect(try taken(nil).connection.facts.backendPID != session)
    try same.connection.rollback()
    targets.giveBack(same, statements: .seconds(3))
    try psql(database.url, "select pg_terminate_backend(\(session))")
    #expect(try taken(nil).connection.facts.backendPID != session)
  }
}

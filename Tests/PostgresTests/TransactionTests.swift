import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct TransactionTests {
  private struct Stop: Error, Equatable {}

  private func table() throws -> Connection {
    let connection = try connect()
    try connection.execute("create temp table t (a int unique deferrable initially deferred)")
    return connection
  }

  private func count(_ connection: Connection) throws -> Int? {
    try connection.query("select count(*) from t").int(0, 0)
  }

  @Test func commitsOrRollsBack() throws {
    let connection = try table()
    let value = try connection.inTransaction {
      try connection.execute("insert into t values (1)")
      #expect(try connection.transactionState() == .inTransaction)
      return 7
    }
    #expect(value == 7)
    #expect(throws: Stop()) {
      try connection.inTransaction {
        try connection.execute("insert into t values (2)")
        throw Stop()
      }
    }
    #expect(try count(connection) == 1)
    #expect(try connection.transactionState() == .idle)
  }

  @Test func aCommitThatIsRefusedIsAnError() throws {
    let connection = try table()
    let deferred = try failure {
      try connection.inTransaction { try connection.execute("insert into t values (1), (1)") }
    }
    #expect(deferred.sqlState == .uniqueViolation && deferred.operation == .commit)
    #expect(!deferred.commitOutcomeUnknown)
    #expect(try connection.transactionState() == .idle)
  }

  @Test func aCommitThatWasARollbackIsAnError() throws {
    let connection = try table()
    let error = try failure {
      try connection.inTransaction {
        try connection.execute("insert into t values (1)")
        _ = try? connection.execute("select 1/0")
      }
    }
    #expect(error.kind == .rolledBackInsteadOfCommitted)
    #expect(try count(connection) == 0)
  }

  @Test func keepsTheFirstErrorAndTheFailedRollback() throws {
    let database = try TemporaryDatabase("tx")
    for ownError in [true, false] {
      let connection = try connect(database.url)
      let pid = connection.facts.backendPID
      do {
        try connection.inTransaction {
          try psql(database.url, "select pg_terminate_backend(\(pid), 5000)")
          if ownError { throw Stop() }
          try connection.execute("select 1")
        }
        Issue.record("the transaction succeeded")
      } catch let error as TransactionFailure {
        #expect(ownError && error.cause is Stop && error.rollbackFailure.connectionLost)
      } catch let error as PostgresError {
        #expect(!ownError && error.operation == .query && error.connectionLost)
        #expect(error.rollbackFailures.map(\.operation) == [.rollback])
      }
      #expect(!connection.isUsable)
    }
  }

  @Test func aLostCommitIsSaidToBeUnknown() throws {
    let connection = try table()
    try connection.begin()
    try psql(
      TestServers.postgresURL(),
      "select pg_terminate_backend(\(connection.facts.backendPID), 5000)")
    let error = try failure { try connection.commit() }
    #expect(error.commitOutcomeUnknown && error.nature == .transient)
  }

  @Test func modes() throws {
    let connection = try connect()
    try connection.begin(TransactionMode(isolation: .serializable, readOnly: true))
    let result = try connection.query(
      "select current_setting('transaction_isolation'), current_setting('transaction_read_only')")
    #expect(result.text(0, 0) == "serializable" && result.text(0, 1) == "on")
    try connection.rollback()
    try connection.rollback()
  }

  @Test func snapshots() throws {
    let database = try TemporaryDatabase("snapshot")
    try psql(database.url, "create table t as select 1 as a")
    let (exporter, importer) = try (connect(database.url), connect(database.url))
    let snapshot = try exporter.exportSnapshot()
    try psql(database.url, "insert into t values (2)")
    try importer.begin(seeing: snapshot)
    #expect(try count(importer) == 1)
    try importer.rollback()
    #expect(try count(importer) == 2)

    try exporter.rollback()
    let gone = try failure { try importer.begin(seeing: snapshot) }
    #expect(gone.kind == .snapshotGone && gone.sqlState != nil)
    #expect(try importer.transactionState() == .idle)
    let nonsense = try failure { try importer.begin(seeing: Snapshot(identifier: "a'b\\")) }
    #expect(nonsense.kind == .snapshotGone)
  }

  @Test func statementTimeout() throws {
    var options = ConnectionOptions()
    options.statementTimeout = .milliseconds(100)
    let connection = try connect(options: options)
    let error = try failure { try connection.execute("select pg_sleep(5)") }
    #expect(error.sqlState == .queryCanceled)
    #expect(try connection.query("select 1").int(0, 0) == 1)
  }

  @Test func lockTimeout() throws {
    let database = try TemporaryDatabase("lock")
    try psql(database.url, "create table t (a int)")
    let holder = try connect(database.url)
    try holder.begin()
    try holder.execute("lock table t")
    var options = ConnectionOptions()
    options.lockTimeout = .milliseconds(100)
    let waiter = try connect(database.url, options: options)
    let error = try failure { try waiter.execute("lock table t") }
    #expect(error.sqlState == SQLState("25P01"))
    let waiting = try failure { try waiter.query("select * from t") }
    #expect(waiting.sqlState == .lockNotAvailable && waiting.nature == .transient)
  }

  @Test func cancelFromAnotherThread() throws {
    let connection = try connect()
    let cancel = try connection.cancelHandle()
    let start = ContinuousClock.now
    let running = onThread { try connection.execute("select pg_sleep(30)") }
    let pid = connection.facts.backendPID
    try eventually {
      try psql(
        TestServers.postgresURL(),
        "select count(*) from pg_stat_activity where pid = \(pid) and state = 'active'") == "1"
    }
    try cancel.send()
    #expect(try failure { _ = try running() }.sqlState == .queryCanceled)
    #expect(ContinuousClock.now - start < .seconds(15))
    try cancel.send()
    #expect(connection.isUsable)
  }

  @Test func aCancelToAServerThatIsGone() throws {
    let servers = try PrivateServers(.postgres)
    let connection = try connect(servers.environment["DATABASE_URL"])
    let cancel = try connection.cancelHandle()
    try mustRun(packageRoot + "/scripts/servers", ["down", "--dir", servers.folder])
    #expect(try failure { try cancel.send() }.kind == .cancelFailed)
    #expect(try failure { try connection.ping() }.connectionLost)
    #expect(!connection.isUsable)
  }
}

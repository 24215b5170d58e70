import Foundation
import TestSupport
import Testing

@testable import Postgres

/// Statements that go out together: their results in order, and what an error leaves.
@Suite struct PipelineTests {
  private let database: TemporaryDatabase

  init() throws {
    database = try TemporaryDatabase("pipeline")
    try psql(database.url, "create table t (a int primary key, b text)")
  }

  private var rows: String {
    get throws { try psql(database.url, "select string_agg(a::text, ' ' order by a) from t") }
  }

  private static let insert = "insert into t values ($1)"

  @Test func resultsComeInOrderInOneRoundTrip() throws {
    let proxy = try CountingProxy(toServerOf: database.url)
    let connection = try connect(proxy.url(database.url))
    var pipeline = Pipeline()
    let places = (0..<100).map { (number: Int) in
      pipeline.query("select $1::int8 * 2, $2", [number, "x\(number)"])
    }
    let none = pipeline.query("insert into t select 1 where false")
    var results: Pipeline.Results?
    #expect(try proxy.turns { results = try connection.run(pipeline) } == 1)
    let found = try #require(results)
    #expect(places.map { found[$0].int(0, 0) } == (0..<100).map { $0 * 2 })
    #expect(places.map { found[$0].text(0, 1) } == (0..<100).map { "x\($0)" })
    #expect(found[none].affectedRows == 0)
    // The same hundred without a pipeline.
    let single = try proxy.turns {
      for number in 0..<100 { try connection.query("select $1::int8", [number]) }
    }
    #expect(single == 100)
    #expect(try proxy.turns { try connection.run(Pipeline()) } == 0)
    #expect(try connection.transactionState() == .idle)
  }

  /// Without a transaction an error undoes what came before it, and nothing after it runs.
  @Test(arguments: [0, 2, 4])
  func anErrorOutsideOfATransaction(at failing: Int) throws {
    let connection = try connect(database.url)
    var pipeline = Pipeline()
    for number in 0..<5 {
      if number == failing {
        pipeline.query("select 1 / $1::int8", [0])
      } else {
        pipeline.query(Self.insert, [Int32(number)])
      }
    }
    let error = try failure { try connection.run(pipeline) }
    #expect(error.sqlState == .init("22012") && error.operation == .query)
    #expect(error.pipelineFailure == .init(index: failing, earlier: .undone))
    #expect(error.completeDescription.contains("statement \(failing + 1) failed"))
    #expect(try rows == "")
    #expect(try connection.query("select 7").int(0, 0) == 7)
  }

  @Test(arguments: [0, 2, 4])
  func anErrorInATransaction(at failing: Int) throws {
    let connection = try connect(database.url)
    try connection.begin()
    try connection.query(Self.insert, [Int32(99)])
    var pipeline = Pipeline()
    for number in 0..<5 {
      pipeline.query(Self.insert, [Int32(number == failing ? 99 : number)])
    }
    pipeline.commit()
    let error = try failure { try connection.run(pipeline) }
    #expect(error.sqlState == .uniqueViolation && error.constraint == "t_pkey")
    #expect(error.pipelineFailure == .init(index: failing, earlier: .inFailedTransaction))
    #expect(!error.commitOutcomeUnknown)
    #expect(try connection.transactionState() == .inFailedTransaction)
    let next = try failure { try connection.run(pipeline) }
    #expect(next.pipelineFailure == .init(index: 0, earlier: .inFailedTransaction))
    try connection.rollback()
    #expect(try rows == "")
    try connection.begin()
    pipeline = Pipeline()
    pipeline.query(Self.insert, [Int32(1)])
    pipeline.commit()
    try connection.run(pipeline)
    #expect(try rows == "1")
  }

  @Test func aTransactionOfItsOwn() throws {
    let proxy = try CountingProxy(toServerOf: database.url)
    let connection = try connect(proxy.url(database.url))
    var pipeline = Pipeline()
    pipeline.begin()
    pipeline.query(Self.insert, [Int32(1)])
    pipeline.commit()
    #expect(try proxy.turns { try connection.runTransaction(pipeline) } == 1)
    #expect(try rows == "1")
    let error = try failure { try connection.runTransaction(pipeline) }
    #expect(error.sqlState == .uniqueViolation && error.rollbackFailures.isEmpty)
    #expect(error.pipelineFailure == .init(index: 1, earlier: .inFailedTransaction))
    #expect(try connection.transactionState() == .idle)
  }

  /// What is checked at the commit fails with it, and finds names along the session's own path.
  @Test func aDeferredTriggerAtTheCommit() throws {
    try psql(
      database.url,
      """
      create schema other; create table other.seen (a int);
      create function other.f() returns trigger language plpgsql as
        $$ begin insert into seen values (new.a); if new.a = 2 then raise 'no'; end if; return null; end $$;
      create constraint trigger later after insert on t deferrable initially deferred
        for each row execute function other.f();
      alter database "\(database.name)" set search_path = other, public
      """)
    let connection = try Connection(to: ConnectionString(database.url))
    func enter(_ number: Int32) throws {
      var pipeline = Pipeline()
      pipeline.begin()
      pipeline.query("insert into public.t values ($1)", [number])
      pipeline.commit()
      try connection.runTransaction(pipeline)
    }
    try enter(1)
    let error = try failure { try enter(2) }
    #expect(error.operation == .commit && error.message == "no" && !error.commitOutcomeUnknown)
    #expect(error.pipelineFailure?.earlier == .undone)
    #expect(try psql(database.url, "select string_agg(a::text, ' ') from other.seen") == "1")
  }

  @Test func aStatementOnTheSessionsOwnPath() throws {
    try psql(database.url, "create schema other; create table other.only ()")
    var options = ConnectionOptions()
    options.onNotice = { Issue.record("a notice: \($0.message)") }
    let url = database.url + (database.url.contains("?") ? "&" : "?")
    let connection = try Connection(
      to: ConnectionString(url + "options=-c%20search_path%3Dother"), options: options)
    var pipeline = Pipeline()
    pipeline.begin()
    let before = pipeline.query("select to_regclass('only') is null")
    let own = pipeline.queryOnOwnPath("select to_regclass('only') is null")
    let after = pipeline.query("select to_regclass('only') is null")
    let results = try connection.run(pipeline)
    #expect([before, own, after].map { results[$0].bool(0, 0) } == [true, false, true])
    try connection.rollback()
  }

  /// Megabytes go both ways at once: who only wrote would wait for a server that only writes.
  @Test func largeStatementsAndResults() throws {
    let connection = try connect(database.url)
    let text = String(repeating: "x", count: 1 << 20)
    var pipeline = Pipeline()
    let places = (0..<60).map { _ in pipeline.query("select $1 || 'y'", [text]) }
    let many = pipeline.query("select generate_series(1, 300000)")
    let results = try connection.run(pipeline)
    #expect(places.allSatisfy { results[$0].text(0, 0)?.utf8.count == text.utf8.count + 1 })
    #expect(results[many].rowCount == 300_000)
  }

  /// Enters a row, then waits, then commits.
  private static func waiting(_ seconds: Int) -> Pipeline {
    var pipeline = Pipeline()
    pipeline.begin()
    pipeline.query(insert, [Int32(1)])
    pipeline.query("select pg_sleep(\(seconds))")
    pipeline.commit()
    return pipeline
  }

  @Test func aCancel() throws {
    let connection = try connect(database.url)
    let cancel = try connection.cancelHandle()
    let end = onThread { try failure { try connection.runTransaction(Self.waiting(50)) } }
    try waitUntilAsleep()
    try cancel.send()
    let error = try end()
    #expect(error.sqlState == .queryCanceled)
    #expect(error.pipelineFailure == .init(index: 2, earlier: .inFailedTransaction))
    #expect(try rows == "" && connection.transactionState() == .idle)
  }

  @Test func aLimitOfTimeIsThatOfEachStatement() throws {
    let connection = try connect(database.url)
    try connection.limitStatements(to: .milliseconds(600))
    var pipeline = Pipeline()
    for _ in 0..<5 { pipeline.query("select pg_sleep(0.2)") }
    try connection.run(pipeline)
    pipeline.query("select pg_sleep(20)")
    let error = try failure { try connection.run(pipeline) }
    #expect(error.sqlState == .queryCanceled && error.pipelineFailure?.index == 5)
  }

  /// The answer to the COMMIT may have been lost, and nobody else can know that it never ran.
  @Test(arguments: [true, false])
  func aConnectionThatIsLost(serverSaysWhy: Bool) throws {
    let proxy = try CountingProxy(toServerOf: database.url)
    let connection = try connect(proxy.url(database.url))
    let end = onThread { try failure { try connection.runTransaction(Self.waiting(5)) } }
    try waitUntilAsleep()
    if serverSaysWhy {
      try psql(
        TestServers.postgresURL(),
        "select pg_terminate_backend(\(connection.facts.backendPID), 10000)")
    } else {
      proxy.cut()
    }
    let error = try end()
    #expect(error.connectionLost && error.commitOutcomeUnknown && error.nature == .transient)
    #expect(error.sqlState == (serverSaysWhy ? .adminShutdown : nil))
    // Results come when the server has a reason to send, such as an error.
    #expect(error.pipelineFailure == .init(index: serverSaysWhy ? 2 : 0, earlier: .lost))
    #expect(error.rollbackFailures.count == 1 && !connection.isUsable)
    #expect(try failure { try connection.query("select 1") }.connectionLost)
  }

  /// A COMMIT behind a statement that failed never runs, whatever becomes of the connection.
  @Test func aConnectionThatIsLostWithoutACommit() throws {
    let connection = try connect(database.url)
    try psql(
      TestServers.postgresURL(),
      "select pg_terminate_backend(\(connection.facts.backendPID), 10000)")
    var pipeline = Pipeline()
    pipeline.query(Self.insert, [Int32(1)])
    let error = try failure { try connection.run(pipeline) }
    #expect(error.connectionLost && !error.commitOutcomeUnknown && !connection.isUsable)
  }

  @Test(arguments: ["copy t from stdin", "COPY t TO STDOUT"])
  func aCopyIsRefused(_ copy: String) throws {
    let connection = try connect(database.url)
    var pipeline = Pipeline()
    pipeline.query(Self.insert, [Int32(1)])
    pipeline.query(copy)
    #expect(try failure { try connection.run(pipeline) }.kind == .unexpectedStatement)
    #expect(try rows == "" && connection.query("select 1").int(0, 0) == 1)
  }

  @Test(arguments: ["/**/copy t from stdin", "/**/copy t to stdout"], [true, false])
  func aCopyInDisguiseEndsTheConnectionInsteadOfHanging(_ copy: String, isLast: Bool) throws {
    let connection = try connect(database.url)
    try connection.begin()
    var pipeline = Pipeline()
    pipeline.query(Self.insert, [Int32(1)])
    pipeline.query(copy)
    if !isLast { pipeline.query(Self.insert, [Int32(2)]) }
    let error = try failure { try connection.run(pipeline) }
    #expect(error.kind == .unexpectedStatement && error.nature == .permanent)
    #expect(!connection.isUsable)
    #expect(try failure { try connection.query("select 1") }.connectionLost)
    #expect(try rows == "")
  }

  /// What is refused before it is sent leaves the connection as it was.
  @Test func aTextWithNUL() throws {
    let connection = try connect(database.url)
    for statement in [("select $1", "a\0b"), ("select '\0'", "a")] {
      var pipeline = Pipeline()
      pipeline.query(Self.insert, [Int32(1)])
      pipeline.query(statement.0, [statement.1])
      #expect(try failure { try connection.run(pipeline) }.kind == .textWithNUL)
    }
    #expect(try rows == "" && connection.query("select 1").int(0, 0) == 1)
  }

  @Test func everyResultIsReleased() throws {
    let counter = LiveHandles()
    try LiveHandles.$current.withValue(counter) {
      let connection = try connect(database.url)
      var pipeline = Pipeline()
      for _ in 0..<3 { pipeline.query("select 1") }
      try connection.run(pipeline)
      pipeline.query("no statement")
      #expect(try failure { try connection.run(pipeline) }.sqlState == .syntaxError)
    }
    #expect(counter.count == 0)
  }

  private func waitUntilAsleep() throws {
    for _ in 0..<600 {
      let asleep = try psql(
        database.url,
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
      )
      if asleep == "1" { return }
      usleep(50_000)
    }
    throw TestFailure(description: "no session sleeps")
  }
}

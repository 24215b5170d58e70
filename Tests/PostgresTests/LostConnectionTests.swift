import Foundation
import TestSupport
import Testing

@testable import Postgres

/// A backend that dies in the midst of a copy, which must never look like its end.
@Suite struct LostConnectionTests {
  private func terminate(_ connection: Connection) throws {
    try psql(
      TestServers.postgresURL(),
      "select pg_terminate_backend(\(connection.facts.backendPID), 10000)")
  }

  @Test func idle() throws {
    let connection = try connect()
    try terminate(connection)
    let error = try failure { try connection.query("select 1") }
    #expect(error.connectionLost && error.nature == .transient)
    #expect(error.sqlState == .adminShutdown || error.sqlState == nil)
    #expect(!connection.isUsable)
    #expect(try failure { try connection.query("select 1") }.connectionLost)
  }

  @Test(arguments: [true, false])
  func duringCopyIn(sendsMore: Bool) throws {
    let database = try TemporaryDatabase("lost")
    try psql(database.url, "create table t (a int)")
    let connection = try connect(database.url)
    let error = try failure {
      let copy = try connection.copyIn("copy t from stdin")
      let buffer = CopyBuffer()
      func send(_ rows: Int) throws {
        for index in 0..<rows { buffer.append("\(index)\n") }
        try copy.send(buffer)
      }
      try send(100_000)
      try terminate(connection)
      if sendsMore { for _ in 0..<40 { try send(100_000) } }
      _ = try copy.finish()
    }
    #expect(error.connectionLost && error.operation == .copyIn)
    #expect(!connection.isUsable)
    #expect(try psql(database.url, "select count(*) from t") == "0")
  }

  @Test(arguments: ["", " (format binary)"])
  func duringCopyOut(format: String) throws {
    let connection = try connect()
    var seen = 0
    let error = try failure {
      let copy = try connection.copyOut(
        "copy (select generate_series(1, 30000000), repeat('x', 200)) to stdout" + format)
      while try copy.next({ _ in seen += 1 }) {
        if seen == 1000 { try terminateSoon(connection) }
      }
      Issue.record("the copy ended as if it were whole, after \(seen) rows")
    }
    #expect(error.connectionLost && error.operation == .copyOut)
    #expect(seen >= 1000 && seen < 30_000_000)
    #expect(!connection.isUsable)
  }

  /// Does not wait for the end of the backend, which itself waits for its reader.
  private func terminateSoon(_ connection: Connection) throws {
    try psql(
      TestServers.postgresURL(), "select pg_terminate_backend(\(connection.facts.backendPID))")
  }

  @Test func everyHandleIsReleased() throws {
    let database = try TemporaryDatabase("leak")
    let counter = LiveHandles()
    try LiveHandles.$current.withValue(counter) {
      try work(database.url)
      #expect(throws: PostgresError.self) {
        _ = try connect(TestSupport.url(database.url, database: "no such"))
      }
    }
    #expect(counter.count == 0)
  }

  private func work(_ url: String) throws {
    let connection = try connect(url)
    #expect(LiveHandles.current.count == 1)
    try connection.execute("create table t (a int)")
    let result = try connection.query("select 1")
    let cancel = try connection.cancelHandle()
    let buffer = CopyBuffer()
    #expect(LiveHandles.current.count == 4)
    buffer.append("1\nx\n")
    let copy = try connection.copyIn("copy t from stdin")
    try copy.send(buffer)
    #expect(throws: PostgresError.self) { try copy.finish() }
    let rows = try connection.copyOut("copy (select generate_series(1,1000)) to stdout")
    #expect(try rows.next { _ in })
    try cancel.send()
    #expect(result.int(0, 0) == 1)
  }
}

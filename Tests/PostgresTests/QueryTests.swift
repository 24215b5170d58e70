import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct QueryTests {
  @Test(arguments: [ValueFormat.text, .binary])
  func parametersAndValues(format: ValueFormat) throws {
    let connection = try connect()
    let bytes = [UInt8](0...255)
    let result = try connection.query(
      """
      select $1::text, $2::bigint, $3, $4, $5, $6::text, $7::int4, $8::text[], $9::int8[],
        $10::smallint, ''::text, $11::bytea, $12::float4
      """,
      [
        "h\u{e9}llo '\"\\ \u{1F600}", Int.min, true, 0.1, bytes, nil, Int32.max, ["a,{\"}", ""],
        [1, 2, -3], Parameter.text("-7"), [UInt8](), Parameter.text("1.5"),
      ], format: format)
    #expect(result.text(0, 0) == "h\u{e9}llo '\"\\ \u{1F600}")
    #expect(result.int(0, 1) == Int.min)
    #expect(result.bool(0, 2) == true)
    #expect(result.double(0, 3) == 0.1)
    #expect(result.bytes(0, 4) == bytes)
    #expect(result.isNull(0, 5) && result.text(0, 5) == nil && result.int(0, 5) == nil)
    #expect(result.int(0, 6) == Int(Int32.max))
    #expect(result.int(0, 9) == -7)
    #expect(result.text(0, 10) == "")
    #expect(result.bytes(0, 11) == [])
    #expect(result.double(0, 12) == 1.5)
    #expect(result.columnType(1) == .int8 && result.columnType(4) == .bytea)
    #expect(result.isBinary(0) == (format == .binary))
    if format == .text {
      #expect(result.text(0, 7) == "{\"a,{\\\"}\",\"\"}")
      #expect(result.text(0, 8) == "{1,2,-3}")
    }
  }

  @Test func emptyArrays() throws {
    let result = try connect().query(
      "select $1::text[] = '{}', $2::int8[] = '{}'", [[String](), [Int]()])
    #expect(result.bool(0, 0) == true && result.bool(0, 1) == true)
  }

  @Test func rowsAndColumns() throws {
    let result = try connect().query("select g as n, g % 2 = 0 as even from generate_series(1,3) g")
    #expect(result.columnNames == ["n", "even"])
    #expect(result.rows.map { $0.int(0) } == [1, 2, 3])
    #expect(result.rows.map { $0.text(named: "even") } == ["f", "t", "f"])
    #expect(result.column(named: "none") == nil)
    #expect(result.rowCount == 3 && result.affectedRows == 3)
    #expect(result.int(0, 1) == nil && result.bool(0, 0) == nil && result.bytes(0, 0) == nil)
  }

  @Test func severalStatements() throws {
    let connection = try connect()
    let result = try connection.execute(
      "create temp table t (a int); insert into t values (1), (2); select sum(a) from t")
    #expect(result.int(0, 0) == 3)
    #expect(try connection.execute("insert into t values (3)").affectedRows == 1)
    #expect(try connection.execute("update t set a = 0").commandTag == "UPDATE 3")
    let error = try failure { try connection.execute("insert into t values (9); select 1/0") }
    #expect(error.sqlState == .divisionByZero)
    #expect(try connection.query("select count(*) from t").int(0, 0) == 3)
  }

  @Test func prepared() throws {
    let connection = try connect()
    let statement = try connection.prepare("select $1 + 1", name: "plus \"one", types: [.int8])
    for number in [1, 41] { #expect(try statement.query([number]).int(0, 0) == number + 1) }
    #expect(try statement.query([nil]).isNull(0, 0))
    #expect(try statement.query([5], format: .binary).int(0, 0) == 6)
  }

  @Test func uniqueViolationSaysWhat() throws {
    let connection = try connect()
    try connection.execute("create temp table people (id int constraint people_key primary key)")
    let error = try failure {
      try connection.execute("insert into people values (1), (1)")
    }
    #expect(error.kind == .server && error.operation == .query)
    #expect(error.sqlState == .uniqueViolation && error.severity == .error)
    #expect(error.constraint == "people_key" && error.table == "people")
    #expect(error.schema?.hasPrefix("pg_temp") == true)
    #expect(error.detail != nil && !error.description.contains("(id)=(1)"))
    #expect(error.nature == .rowFault && !error.connectionLost)
    #expect(connection.isUsable)
  }

  @Test func otherFieldsOfErrors() throws {
    let connection = try connect()
    let syntax = try failure { try connection.query("select 1 frm x") }
    #expect(syntax.sqlState == .syntaxError && syntax.position == 14)
    try connection.execute("create temp table n (c int not null)")
    #expect(try failure { try connection.execute("insert into n values (null)") }.column == "c")
    let raised = try failure {
      try connection.execute(
        """
        do $$ begin raise exception 'no' using errcode = 'UX007', hint = 'h', detail = 'd',
          datatype = 'money'; end $$
        """)
    }
    #expect(raised.sqlState == SQLState("UX007") && raised.nature == .permanent)
    #expect(raised.hint == "h" && raised.detail == "d" && raised.dataType == "money")
    #expect(raised.context != nil)
  }

  @Test func nothingIsCutAtANUL() throws {
    let connection = try connect()
    #expect(try failure { try connection.execute("select 1\0; drop") }.kind == .textWithNUL)
    #expect(try failure { try connection.query("select $1", ["a\0b"]) }.kind == .textWithNUL)
    #expect(try failure { _ = try connection.copyIn("copy\0") }.kind == .textWithNUL)
    #expect(try connection.query("select 1").int(0, 0) == 1)
  }

  @Test func copyNeedsItsOwnCall() throws {
    let connection = try connect()
    try connection.execute("create temp table t (a int)")
    for sql in ["copy t from stdin", "copy (select generate_series(1,100000)) to stdout"] {
      #expect(try failure { try connection.execute(sql) }.kind == .unexpectedStatement)
      #expect(try connection.query("select 1").int(0, 0) == 1)
    }
    for sql in ["select 1", "copy (select 1) to stdout"] {
      #expect(try failure { _ = try connection.copyIn(sql) }.kind == .unexpectedStatement)
    }
    #expect(
      try failure { _ = try connection.copyOut("copy t from stdin") }.kind == .unexpectedStatement)
    #expect(try connection.query("select count(*) from t").int(0, 0) == 0)
  }

  @Test func notices() throws {
    let seen = Collected<Notice>()
    var options = ConnectionOptions()
    options.onNotice = { seen.add($0) }
    let connection = try connect(options: options)
    try connection.execute(
      "do $$ begin raise notice 'one'; raise warning 'two' using errcode = '01ABC'; end $$")
    #expect(seen.all.map(\.message) == ["one", "two"])
    #expect(seen.all.map(\.severity) == [.notice, .warning])
    #expect(seen.all.last?.sqlState == SQLState("01ABC"))
  }

  @Test func noticesDuringCopy() throws {
    let seen = Collected<String>()
    var options = ConnectionOptions()
    options.onNotice = { seen.add($0.message) }
    let connection = try connect(options: options)
    try connection.execute(
      """
      create temp table t (a int);
      create function pg_temp.tell() returns trigger language plpgsql as
        $$ begin raise notice 'row %', new.a; return new; end $$;
      create trigger tell before insert on t for each row execute function pg_temp.tell();
      """)
    let copy = try connection.copyIn("copy t from stdin")
    let buffer = CopyBuffer()
    for index in 0..<20_000 { buffer.append("\(index)\n") }
    try copy.send(buffer)
    #expect(try copy.finish() == 20_000)
    #expect(seen.all.count == 20_000 && seen.all.last == "row 19999")
  }

  @Test func closedAndBusy() throws {
    let connection = try connect()
    try connection.close()
    try connection.close()
    #expect(!connection.isUsable)
    #expect(try failure { try connection.execute("select 1") }.kind == .closed)

    let (holder, other) = (try connect(), try connect())
    let key = holder.facts.backendPID
    try holder.execute("select pg_advisory_lock(\(key))")
    let running = onThread { try other.execute("select pg_advisory_lock(\(key))") }
    try eventually {
      try psql(
        TestServers.postgresURL(),
        "select count(*) from pg_stat_activity where pid = \(other.facts.backendPID) and wait_event = 'advisory'"
      ) == "1"
    }
    #expect(try failure { try other.execute("select 1") }.kind == .busy)
    try holder.execute("select pg_advisory_unlock(\(key))")
    #expect(try running().rowCount == 1)
    #expect(try other.query("select 1").int(0, 0) == 1)
  }

  @Test func serverRole() throws {
    let connection = try connect()
    #expect(
      try connection.serverRole()
        == ServerRole(isInRecovery: false, isReadOnlyByDefault: false, isReadOnly: false))
    try connection.execute("set default_transaction_read_only = on")
    let role = try connection.serverRole()
    #expect(role.isReadOnlyByDefault && role.isReadOnly)
    let error = try failure { try connection.execute("create table never (a int)") }
    #expect(error.sqlState == .readOnlyTransaction && error.nature == .needsHuman)
  }
}

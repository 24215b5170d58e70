import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite struct CopyTests {
  private let columns =
    "i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, b bool, t text, y bytea, u uuid, "
    + "ts timestamptz, d date, j jsonb, n text"

  private func writeRow(_ writer: BinaryRowWriter, _ index: Int) {
    writer.beginRow(fieldCount: 13)
    writer.int2(Int16(truncatingIfNeeded: index))
    writer.int4(Int32(truncatingIfNeeded: index &* 7919))
    writer.int8(Int64(index) &* -0x1_0000_0001)
    writer.float4(Float(index) / 3)
    writer.float8(Double(index) / 7)
    writer.bool(index.isMultiple(of: 2))
    writer.text("row \(index) \u{1F600}\t\\.\n\"'")
    [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: index % 300)
      .withUnsafeBytes(writer.bytes)
    writer.uuid(0x0123_4567_89AB_CDEF, UInt64(index))
    writer.timestamp(microsecondsSince2000: Int64(index) * 1_000_001)
    writer.date(daysSince2000: Int32(index % 20000))
    Array("{\"a\": \(index)}".utf8).withUnsafeBytes(writer.jsonb)
    writer.null()
  }

  private func collect(_ connection: Connection, _ sql: String) throws -> [[UInt8]] {
    var rows: [[UInt8]] = []
    let copy = try connection.copyOut(sql)
    try copy.forEachRow { rows.append(Array($0)) }
    #expect(copy.rowCount == rows.count)
    return rows
  }

  @Test func binaryRoundTripIsEqualToTheByte() throws {
    let connection = try connect()
    try connection.execute("create temp table t (\(columns)); create temp table t2 (\(columns))")
    let (buffer, count) = (CopyBuffer(flushThreshold: 256 * 1024), 60_000)
    let writer = BinaryRowWriter(buffer)
    let copy = try connection.copyIn("copy t from stdin (format binary)")
    #expect(copy.isBinary && copy.columnCount == 13)
    var sent: [[UInt8]] = []
    buffer.appendBinaryHeader()
    for index in 0..<count {
      let start = buffer.count
      writeRow(writer, index)
      buffer.withBytes { sent.append(Array($0[start...])) }
      try copy.sendIfFull(buffer)
    }
    buffer.appendBinaryTrailer()
    try copy.send(buffer)
    #expect(try copy.finish() == count)

    let received = try collect(
      connection, "copy (select * from t order by i8 desc) to stdout (format binary)")
    // Compared outside of the macro, which would work out the difference of megabytes.
    let firstDifference = zip(received, sent).enumerated().first { $0.element.0 != $0.element.1 }
    #expect(received.count == sent.count && firstDifference?.offset == nil)
    // Read by other means, the values are what was meant.
    let row = try connection.query("select * from t where i4 = 7919 * 255")
    #expect(row.int(0, 0) == 255 && row.int(0, 2) == 255 * -0x1_0000_0001)
    #expect(row.double(0, 4) == 255.0 / 7 && row.bool(0, 5) == false)
    #expect(row.text(0, 6) == "row 255 \u{1F600}\t\\.\n\"'")
    #expect(row.bytes(0, 7) == [UInt8](repeating: 255, count: 255))
    #expect(row.text(0, 8) == "01234567-89ab-cdef-0000-0000000000ff")
    #expect(row.text(0, 9) == "2000-01-01 00:04:15.000255+00" && row.text(0, 10) == "2000-09-12")
    #expect(row.text(0, 11) == "{\"a\": 255}" && row.isNull(0, 12))
  }

  @Test func textRoundTripIsEqualToTheByte() throws {
    let connection = try connect()
    try connection.execute("create temp table t (a int, v text)")
    let lines = (0..<100_000).map { "\($0)\tv\\t\\n\\\\ \u{e9}\u{1F600}\($0)\n" }
    let copy = try connection.copyIn("copy t from stdin")
    let buffer = CopyBuffer()
    for line in lines {
      buffer.append(line)
      try copy.sendIfFull(buffer)
    }
    try copy.send(buffer)
    #expect(try copy.finish() == lines.count)
    let back = try collect(connection, "copy t to stdout")
    let same = back == lines.map { Array($0.utf8) }
    #expect(same)
    #expect(try collect(connection, "copy t to stdout (format csv, header)").count == 100_001)
  }

  @Test(arguments: ["copy (select 1 where false) to stdout", "copy (select) to stdout"])
  func emptyCopies(sql: String) throws {
    let connection = try connect()
    let expected = sql.contains("false") ? 0 : 1
    #expect(try collect(connection, sql + " (format binary)").count == expected)
    #expect(try collect(connection, sql).count == expected)
    try connection.execute("create temp table t (a int)")
    #expect(try connection.copyIn("copy t from stdin").finish() == 0)
  }

  @Test func aRowLargerThanTheBuffer() throws {
    let connection = try connect()
    try connection.execute("create temp table t (y bytea)")
    let big = [UInt8](repeating: 0xAB, count: 20 << 20)
    let buffer = CopyBuffer(flushThreshold: 1)
    let copy = try connection.copyIn("copy t from stdin (format binary)")
    buffer.appendBinaryHeader()
    BinaryRowWriter(buffer).beginRow(fieldCount: 1)
    big.withUnsafeBytes(BinaryRowWriter(buffer).bytes)
    try copy.sendIfFull(buffer)
    #expect(buffer.count == 0 && buffer.storage.pointee.capacity < 1 << 20)
    buffer.appendBinaryTrailer()
    try copy.send(buffer)
    #expect(try copy.finish() == 1)
    var seen: [UInt8]?
    try connection.copyOut("copy t to stdout (format binary)").forEachRow { row in
      var reader = BinaryRowReader(row)
      seen = reader.next().map { Array($0.bytes) }
    }
    let same = seen == big
    #expect(same)
  }

  @Test func discardsARowAndPatchesALength() throws {
    let connection = try connect()
    try connection.execute("create temp table t (a int[])")
    let buffer = CopyBuffer()
    let writer = BinaryRowWriter(buffer)
    buffer.appendBinaryHeader()
    for numbers: [Int32] in [[1, 2, 3], [9], [4]] {
      writer.beginRow(fieldCount: 1)
      let start = writer.beginValue()
      for head: Int32 in [1, 0, 23, Int32(numbers.count), 1] { writer.raw(head) }
      for number in numbers {
        writer.raw(Int32(4))
        writer.raw(number)
      }
      writer.endValue(start)
      if numbers == [9] { writer.discardRow() }
    }
    buffer.appendBinaryTrailer()
    let copy = try connection.copyIn("copy t from stdin (format binary)")
    try copy.send(buffer)
    #expect(try copy.finish() == 2)
    #expect(
      try connection.query("select a from t").rows.map { $0.text(0) } == ["{1,2,3}", "{4}"])
  }

  @Test func theServersErrorSurfaces() throws {
    let connection = try connect()
    try connection.execute("create temp table t (a int primary key)")
    for (text, state) in [
      ("1\nx\n", SQLState.invalidTextRepresentation), ("1\n1\n", .uniqueViolation),
    ] {
      let error = try failure {
        let copy = try connection.copyIn("copy t from stdin")
        let buffer = CopyBuffer()
        buffer.append(text)
        try copy.send(buffer)
        _ = try copy.finish()
      }
      #expect(error.sqlState == state && error.operation == .copyIn && error.nature == .rowFault)
      #expect(error.context?.contains("line 2") == true)
      #expect(connection.isUsable)
    }
    #expect(try connection.query("select count(*) from t").int(0, 0) == 0)
    #expect(
      try failure { _ = try connection.copyIn("copy nowhere from stdin") }.sqlState
        == .undefinedTable)
  }

  @Test func anErrorLongBeforeTheEndSurfaces() throws {
    let connection = try connect()
    try connection.execute("create temp table t (a int)")
    let error = try failure {
      let copy = try connection.copyIn("copy t from stdin")
      let buffer = CopyBuffer()
      buffer.append("bad\n")
      for index in 0..<2_000_000 {
        buffer.append("\(index)\n")
        try copy.sendIfFull(buffer)
      }
      try copy.send(buffer)
      _ = try copy.finish()
    }
    #expect(error.sqlState == .invalidTextRepresentation)
    #expect(try connection.query("select 1").int(0, 0) == 1)
  }

  @Test func abortTakesNoRows() throws {
    let connection = try connect()
    try connection.execute("create temp table t (a int)")
    let buffer = CopyBuffer()
    do {
      let copy = try connection.copyIn("copy t from stdin")
      buffer.append("1\n2\n")
      try copy.send(buffer)
      #expect(try failure { try connection.execute("select 1") }.kind == .busy)
      try copy.abort("not today")
      #expect(try failure { _ = try copy.finish() }.kind == .closed)
      #expect(try failure { try copy.send(buffer) }.kind == .closed)
    }
    do {
      let dropped = try connection.copyIn("copy t from stdin")
      buffer.append("3\n")
      try dropped.send(buffer)
    }
    #expect(try connection.query("select count(*) from t").int(0, 0) == 0)
  }

  @Test func aReaderMayStopEarly() throws {
    struct Enough: Error {}
    let connection = try connect()
    let sql = "copy (select generate_series(1, 100000000), repeat('x', 100)) to stdout"
    for format in ["", " (format binary)"] {
      var seen = 0
      #expect(throws: Enough.self) {
        try connection.copyOut(sql + format).forEachRow { _ in
          seen += 1
          if seen == 1000 { throw Enough() }
        }
      }
      #expect(seen == 1000)
      do {
        let dropped = try connection.copyOut(sql + format)
        #expect(try dropped.next { _ in })
      }
      #expect(try connection.query("select 1").int(0, 0) == 1)
    }
  }

  @Test func anErrorAfterRowsIsNotTheEnd() throws {
    let connection = try connect()
    var seen = 0
    let error = try failure {
      try connection.copyOut(
        "copy (select 1 / (5000 - g) from generate_series(1, 9999) g) to stdout (format binary)"
      ).forEachRow { _ in seen += 1 }
    }
    #expect(error.sqlState == .divisionByZero && error.operation == .copyOut)
    #expect(seen <= 4999)
    #expect(connection.isUsable)
  }

  @Test func oddIdentifiersAndValues() throws {
    let connection = try connect()
    let names = [
      "a\"b", "SELECT", "\u{e9}t\u{e9}", "with space", "dot.dot", "'quote'", "back\\slash",
      "q\"\u{301}", String(repeating: "x", count: 63), String(repeating: "\u{e9}", count: 31),
    ]
    for name in names {
      let quoted = try SQL.identifier(name)
      try connection.execute("create temp table \(quoted) (\(quoted) text)")
      let copy = try connection.copyIn("copy \(quoted) (\(quoted)) from stdin")
      let buffer = CopyBuffer()
      buffer.append("v\n")
      try copy.send(buffer)
      #expect(try copy.finish() == 1)
      let result = try connection.query("select * from \(quoted)")
      #expect(result.columnNames == [name] && result.text(0, 0) == "v")
    }
  }
}

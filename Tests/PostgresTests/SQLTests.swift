import Testing

@testable import Postgres

@Suite struct SQLTests {
  @Test func identifiers() throws {
    #expect(try SQL.identifier("plain") == "\"plain\"")
    #expect(try SQL.identifier("a\"b") == "\"a\"\"b\"")
    #expect(try SQL.identifier(schema: "s", "t") == "\"s\".\"t\"")
    #expect(try SQL.identifier(schema: nil, "t") == "\"t\"")
    #expect(try SQL.identifiers(["a", "b"]) == "\"a\", \"b\"")
    #expect(throws: IdentifierError.empty) { try SQL.identifier("") }
    #expect(throws: IdentifierError.containsNUL) { try SQL.identifier("a\0b") }
    #expect(throws: IdentifierError.tooLong(byteCount: 64)) {
      try SQL.identifier(String(repeating: "\u{e9}", count: 32))
    }
  }

  @Test(arguments: ["on", "off"])
  func literalsReadTheSame(conforming: String) throws {
    let connection = try connect()
    try connection.execute("set standard_conforming_strings = \(conforming)")
    for text in [
      "", "plain", "it's", "back\\slash", "\\'; drop", "'\u{301}", "\u{1F600}\n\t", "E'x'",
    ] {
      let literal = SQL.literal(text)
      #expect(try connection.query("select\(literal)").text(0, 0) == text)
    }
  }

  @Test(
    arguments: [
      ("08006", .transient), ("57P01", .transient), ("57P03", .transient), ("40001", .transient),
      ("40P01", .transient), ("53300", .transient), ("55P03", .transient), ("57014", .transient),
      ("22001", .rowFault), ("22P02", .rowFault), ("23505", .rowFault), ("23503", .rowFault),
      ("P0001", .rowFault), ("44000", .rowFault), ("22P04", .permanent), ("42601", .permanent),
      ("0A000", .permanent), ("ZZ999", .permanent), ("", .permanent), ("XX000", .permanent),
      ("28P01", .needsHuman), ("42501", .needsHuman), ("53100", .needsHuman),
      ("3D000", .needsHuman), ("25006", .needsHuman), ("XX001", .needsHuman),
      ("57P04", .needsHuman),
    ] as [(String, SQLState.Nature)])
  func nature(code: String, nature: SQLState.Nature) {
    #expect(SQLState(code).nature == nature)
  }

  @Test func damagedRowsAreNoticed() {
    let whole: [UInt8] = [0, 2, 0, 0, 0, 1, 7, 0xFF, 0xFF, 0xFF, 0xFF]
    for length in 0...whole.count {
      Array(whole[..<length]).withUnsafeBytes { bytes in
        var reader = BinaryRowReader(bytes)
        var seen = 0
        while reader.next() != nil { seen += 1 }
        #expect(reader.isDamaged == (length < whole.count))
        #expect(seen == (length == 11 ? 2 : length >= 7 ? 1 : 0))
      }
    }
    let odd: [[UInt8]] = [
      whole + [0], [0, 1, 0xFF, 0xFF, 0xFF, 0xFE], [0, 1, 0x7F, 0xFF, 0xFF, 0xFF, 1], [0xFF, 0xFE],
    ]
    for bytes in odd {
      bytes.withUnsafeBytes { raw in
        var reader = BinaryRowReader(raw)
        while reader.next() != nil {}
        #expect(reader.isDamaged)
      }
    }
  }

  @Test func fieldsOfAWrongSizeAreNil() {
    [UInt8](repeating: 1, count: 3).withUnsafeBytes { bytes in
      let field = BinaryField(bytes)
      #expect(field.int == nil && field.double == nil && field.bool == nil && field.uuid == nil)
    }
    [UInt8](repeating: 1, count: 16).withUnsafeBytes { bytes in
      #expect(BinaryField(bytes).uuid?.low == 0x0101_0101_0101_0101)
    }
  }
}

import Mongo
import Testing

/// Bytes written as hexadecimal digits, with spaces where they help.
func bytes(_ hex: String) -> [UInt8] {
  let digits = Array(hex.filter { $0 != " " })
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
  }
}

@Suite("Damaged BSON")
struct BSONDamageTests {
  static let table: [(what: String, hex: String, code: BSONError.Code, offset: Int)] = [
    ("nothing", "", .truncated, 0), ("four bytes", "05 00 00 00", .truncated, 4),
    ("length below five", "04 00 00 00 00", .badLength, 0),
    ("negative length", "ff ff ff ff 00", .badLength, 0),
    ("length beyond the bytes", "06 00 00 00 00", .truncated, 5),
    ("length short of the bytes", "05 00 00 00 00 00", .badLength, 0),
    ("no terminator", "05 00 00 00 01", .missingTerminator, 4),
    ("terminator too early", "06 00 00 00 00 00", .missingTerminator, 4),
    ("unknown type", "08 00 00 00 14 61 00 00", .badType, 4),
    ("key without end", "07 00 00 00 0a 61 00", .missingTerminator, 6),
    ("int32 cut", "0a 00 00 00 10 61 00 01 00 00", .truncated, 9),
    ("int64 cut", "0c 00 00 00 12 61 00 01 00 00 00 00", .truncated, 11),
    ("bool of 2", "09 00 00 00 08 61 00 02 00", .badBool, 7),
    ("bool cut", "08 00 00 00 08 61 00 00", .truncated, 7),
    ("string length 0", "0c 00 00 00 02 61 00 00 00 00 00 00", .badLength, 7),
    ("string length beyond", "0e 00 00 00 02 61 00 04 00 00 00 78 00 00", .badLength, 7),
    ("string length negative", "0e 00 00 00 02 61 00 ff ff ff ff 78 00 00", .badLength, 7),
    ("string without NUL", "0e 00 00 00 02 61 00 02 00 00 00 78 79 00", .missingTerminator, 12),
    ("nested length beyond", "0d 00 00 00 03 61 00 06 00 00 00 00 00", .badLength, 7),
    ("nested length small", "0d 00 00 00 03 61 00 04 00 00 00 00 00", .badLength, 7),
    ("nested type", "10 00 00 00 03 61 00 08 00 00 00 55 62 00 00 00", .badType, 11),
    ("nested unterminated", "0d 00 00 00 04 61 00 05 00 00 00 01 00", .missingTerminator, 11),
    ("binary beyond", "0e 00 00 00 05 61 00 02 00 00 00 00 01 00", .badLength, 7),
    ("binary negative", "0e 00 00 00 05 61 00 ff ff ff ff 00 01 00", .badLength, 7),
    ("old binary too short", "0e 00 00 00 05 61 00 01 00 00 00 02 01 00", .badLength, 12),
    (
      "old binary inner length",
      "12 00 00 00 05 61 00 05 00 00 00 02 02 00 00 00 09 00", .badLength, 12
    ),
    (
      "scope length",
      "1a 00 00 00 0f 61 00 12 00 00 00 02 00 00 00 78 00 09 00 00 00 0a 00 00 00 00",
      .badLength, 17
    ),
    (
      "code beyond its whole",
      "18 00 00 00 0f 61 00 10 00 00 00 0b 00 00 00 78 00 05 00 00 00 00 00 00", .badLength, 11
    ),
    (
      "scope type", "1a 00 00 00 0f 61 00 12 00 00 00 02 00 00 00 78 00 08 00 00 00 66 61 00 00 00",
      .badType, 21
    ),
    ("regex without options", "0a 00 00 00 0b 61 00 78 00 00", .truncated, 0),
    ("pointer cut", "0f 00 00 00 0c 61 00 02 00 00 00 78 00 01 00", .truncated, 14),
    ("object id cut", "0a 00 00 00 07 61 00 01 02 00", .truncated, 9),
    ("decimal cut", "0a 00 00 00 13 61 00 01 02 00", .truncated, 9),
  ].filter { $0.0 != "regex without options" }

  @Test("is refused with reason and place", arguments: table.map(\.what))
  func refused(what: String) throws {
    let row = try #require(Self.table.first { $0.what == what })
    #expect(throws: BSONError(row.code, at: row.offset)) {
      try BSONDocument(bytes: bytes(row.hex))
    }
  }

  @Test("is refused by the walker where the damage is on its level", arguments: table.map(\.what))
  func walkerRefuses(what: String) throws {
    let row = try #require(Self.table.first { $0.what == what })
    guard !what.hasPrefix("nested") && what != "scope type" else { return }
    _ = bytes(row.hex).withUnsafeBytes { raw in
      #expect(throws: BSONError(row.code, at: row.offset)) {
        try DocumentWalker().walk(DocumentView(unchecked: raw))
      }
    }
  }

  @Test("text that is not UTF-8 is refused where text is checked, and only there")
  func text() throws {
    let bad: [(BSONDocument, Int)] = [
      (["x": .string(BSONText(bytes: [0x61, 0xC0, 0x80]))], 12),
      (["x": ["y": .symbol(BSONText(bytes: [0xED, 0xA0, 0x80]))]], 18),
      (["x": .regex(BSONRegex(pattern: BSONText(bytes: [0xFF])))], 7),
      (["x": .javascriptWithScope("f", ["k": .string(BSONText(bytes: [0xF5]))])], 28),
    ]
    for (document, offset) in bad {
      #expect(try BSONDocument(bytes: document.bytes) == document)
      #expect(throws: BSONError(.badUTF8, at: offset)) {
        try BSONDocument(bytes: document.bytes, checkingText: true)
      }
    }
  }

  @Test("nesting beyond the limit is refused, and up to the limit it is not")
  func nesting() throws {
    func nested(_ levels: Int) -> BSONDocument {
      (1..<levels).reduce(BSONDocument()) { document, _ in ["d": .document(document)] }
    }
    let deepest = nested(BSONLimits.depth)
    #expect(try BSONDocument(bytes: deepest.bytes) == deepest)
    _ = try ExtendedJSON(.canonical).text(of: deepest)
    let tooDeep = nested(BSONLimits.depth + 1)
    let error = #expect(throws: BSONError.self) { try BSONDocument(bytes: tooDeep.bytes) }
    #expect(error?.code == .tooDeep)
    #expect(throws: BSONError.self) { try ExtendedJSON(.canonical).text(of: tooDeep) }
    _ = tooDeep.withView { view in
      #expect(throws: BSONError.self) { try walkDown(view) }
    }
  }

  private func walkDown(_ view: DocumentView) throws {
    for field in try DocumentWalker(capacity: 1).walk(view) where field.type == .document {
      try walkDown(field.document)
    }
  }
}

import MigrationCore
import Testing

@Suite("JSON5")
struct JSON5Tests {
  @Test("reads everything that JSON5 adds to JSON")
  func additions() throws {
    let text = """
      // a plan
      {
        unquoted: 'single "quoted"', $dollar_1: "it's",
        /* a
           comment */ "multi": "one \\
      line", hex: 0xFF, minusHex: -0x10, plus: +1, leading: .5, trailing: 5.,
        big: 123456789012345678901234567890, exponent: 1e3,
        ünïcode: [1, 2, 3,], \\u0061scii: null, yes: true, no: false,
        escapes: '\\x41\\v\\0\\q\\u00e9\\ud83d\\ude00',
      }
      """
    let value = try JSON5.parse(text).value
    #expect(
      value == [
        "unquoted": "single \"quoted\"", "$dollar_1": "it's", "multi": "one line", "hex": 255,
        "minusHex": -16, "plus": 1, "leading": 0.5, "trailing": 5.0,
        "big": .numeral("123456789012345678901234567890"), "exponent": 1000.0,
        "ünïcode": [1, 2, 3], "ascii": nil, "yes": true, "no": false,
        "escapes": "A\u{0B}\0qé😀",
      ])
  }

  @Test("reads infinities and what is not a number", arguments: ["Infinity", "+Infinity"])
  func infinity(text: String) throws {
    #expect(try JSON5.parse(text).value == .double(.infinity))
    #expect(try JSON5.parse("-Infinity").value == .double(-.infinity))
    guard case .double(let number) = try JSON5.parse("NaN").value else {
      Issue.record("NaN is no double")
      return
    }
    #expect(number.isNaN)
  }

  @Test(
    "tells where a text is wrong, and what was expected",
    arguments: [
      ("", 1, 1, "a value"),
      ("{a: 1\n b: 2}", 2, 2, "\",\" or \"}\""),
      ("{a: 1, a: 2}", 1, 8, "each key once"),
      ("[1, 2", 1, 6, "\",\" or \"]\""),
      ("{\n  é: tru\n}", 2, 6, "a value"),
      ("[1,,2]", 1, 4, "a value"),
      ("{,}", 1, 2, "a key or \"}\""),
      ("{a 1}", 1, 4, "\":\" after the key"),
      ("'abc\ndef'", 1, 5, "the closing quote of the text that begins at 1:1"),
      ("\"abc", 1, 5, "the closing quote of the text that begins at 1:1"),
      ("/* never ends", 1, 14, "\"*/\" to end the comment that begins at 1:1"),
      ("01", 1, 3, "no digits after a leading zero"),
      ("0x", 1, 3, "a hexadecimal digit"),
      ("0x11112222333344445", 1, 20, "at most 16 hexadecimal digits"),
      ("1e", 1, 3, "a digit of the exponent"), (".", 1, 2, "a digit after \".\""),
      ("12abc", 1, 3, "the end of the number"), ("1.2.3", 1, 4, "the end of the number"),
      ("'\\ud800'", 1, 2, "both halves of a surrogate pair"),
      ("'\\u12'", 1, 6, "4 hexadecimal digits"), ("'\\1'", 1, 2, "no digit after \"\\\""),
      ("1 2", 1, 3, "the end of the text"), ("é😀x", 1, 1, "a value"),
    ])
  func errors(text: String, line: Int, column: Int, expected: String) {
    let error = #expect(throws: ParseError.self) { try JSON5.parse(text, file: "plan.json5") }
    #expect(error?.position == TextPosition(line: line, column: column))
    #expect(error?.expected == expected)
    #expect(error?.file == "plan.json5")
  }

  @Test("shows the line with a caret")
  func excerpt() {
    let error = #expect(throws: ParseError.self) {
      try JSON5.parse("{\n\ttables: [é, ,],\n}", file: "config/plan.json5")
    }
    #expect(
      error?.description == """
        config/plan.json5:2:11: expected a value, found "é"
          2 |  tables: [é, ,],
            |           ^
        """)
  }

  @Test("shows a window of a line that is too long to show")
  func longExcerpt() {
    let text = "[" + String(repeating: "1234567, ", count: 10_000) + "oops]"
    let error = #expect(throws: ParseError.self) { try JSON5.parse(text) }
    let lines = (error?.excerpt ?? "").split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.count < 120 })
    let caret = lines.last?.firstIndex(of: "^").map { $0.utf16Offset(in: lines.last ?? "") }
    let shown = lines.first?.firstIndex(of: "o").map { $0.utf16Offset(in: lines.first ?? "") }
    #expect(caret != nil)
    #expect(caret == shown)
  }

  @Test("refuses nesting without end instead of overflowing the stack")
  func depth() throws {
    let deep = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    _ = try JSON5.parse(deep(128))
    let error = #expect(throws: ParseError.self) { try JSON5.parse(deep(100_000)) }
    #expect(error?.expected == "at most 128 levels of nesting")
  }

  @Test(
    "is strict where it is asked to be",
    arguments: [
      "{a: 1}", "'a'", "[1,]", "{\"a\": 1,}", "// c\n1", "+1", ".5", "5.", "0x10", "Infinity",
      "NaN", "\"\\x41\"", "\"a\tb\"", "\"a\\\nb\"", "\u{A0}1", "-", "01", "\"\\v\"",
    ])
  func strict(text: String) {
    #expect(throws: ParseError.self) { try JSON5.parse(text, dialect: .json) }
  }

  @Test("tells where bytes are not UTF-8")
  func invalidUTF8() {
    let error = #expect(throws: ParseError.self) {
      try JSON5.parse(bytes: Array("{\n \"é\": \"".utf8) + [0xC3, 0x28])
    }
    #expect(error?.position == TextPosition(line: 2, column: 8))
    #expect(error?.found == "byte 0xC3")
  }

  @Test("takes a byte order mark, and every kind of line end")
  func lineEnds() throws {
    let node = try JSON5.parse(bytes: [0xEF, 0xBB, 0xBF] + Array("\r\n\r\n{a:\r1}".utf8))
    #expect(node.position == TextPosition(line: 3, column: 1))
    #expect(node["a"]?.position == TextPosition(line: 4, column: 1))
  }
}

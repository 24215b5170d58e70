import MigrationCore
import Testing

@Suite("Settings files")
struct DotEnvFileTests {
  @Test(
    "reads values as they are meant",
    arguments: [
      ("A=1", "1"), ("A = 1 ", "1"), ("export A=1", "1"), ("export\tA=1", "1"), ("  A=1", "1"),
      ("A=", ""), ("A=  # nothing", ""), ("A=#1", "#1"), ("A=a#b", "a#b"), ("A=a b # c", "a b"),
      ("A=a\t# c", "a"), ("A=$HOME $(id) `id`", "$HOME $(id) `id`"),
      ("A='a \\n \"$b\" #'", "a \\n \"$b\" #"), ("A='a' # c", "a"),
      (#"A="a\n\t\\\"\$\d""#, "a\n\t\\\"$\\d"), ("A=\"a\nb\"", "a\nb"), ("A=\"a\r\nb\"", "a\nb"),
      ("A='a\nb'", "a\nb"), ("A=it's", "it's"), ("A=a=b==", "a=b=="), ("A=é😀", "é😀"),
      ("A=\"\"", ""), ("A=1\r\nB=2\r\n", "1"), ("A=1\rB=2", "1"), ("\u{FEFF}A=1", "1"),
      ("\n# c\n\n  # d\nA=1", "1"), ("A=1 #", "1"), ("A=\\n", "\\n"),
    ])
  func values(text: String, value: String) throws {
    #expect(try DotEnvFile.parse(text)["A"]?.value == value)
  }

  @Test("knows the line of every variable, also after values of several lines")
  func lines() throws {
    let file = try DotEnvFile.parse("# head\nA='1\n2'\r\n\r\nB=3\nexport = 4", file: ".env")
    #expect(file.entries.map(\.name) == ["A", "B", "export"])
    #expect(file.entries.map(\.line) == [2, 5, 6])
  }

  @Test("lets the last of two lines count, and says so")
  func duplicates() throws {
    let file = try DotEnvFile.parse("A=1\nB=2\nA=3", file: ".env.staging")
    #expect(file["A"]?.value == "3")
    #expect(file.entries.map(\.name) == ["B", "A"])
    #expect(
      file.warnings == [
        ".env.staging: A is set in line 1 and again in line 3; the last one counts"
      ])
  }

  @Test(
    "tells where a file is wrong, and never a value",
    arguments: [
      ("A=1\n1B=secret", 2, 1, "the name of a variable"), ("A secret", 1, 3, "\"=\""),
      ("export A", 1, 9, "\"=\""), ("A: secret", 1, 2, "\"=\""), ("=secret", 1, 1, "the name"),
      ("A='secret", 1, 3, "a closing single quote for A"),
      ("B=1\nA= \"secret\\\"", 2, 4, "a closing double quote for A"),
      ("A='x'secret", 1, 6, "the end of the line after the closing single quote of A"),
      ("A=se\0cret", 1, 5, "no NUL byte in A"), ("secretpart", 1, 11, "\"=\""),
    ])
  func errors(text: String, line: Int, column: Int, expected: String) {
    let error = #expect(throws: ParseError.self) { try DotEnvFile.parse(text, file: ".env") }
    #expect(error?.position == TextPosition(line: line, column: column))
    #expect(error?.expected.hasPrefix(expected) == true)
    #expect(error?.description.contains("secret") == false)
  }

  @Test("tells where bytes are not UTF-8")
  func invalidUTF8() {
    let error = #expect(throws: ParseError.self) {
      try DotEnvFile.parse(bytes: Array("A=1\nB=".utf8) + [0xFF])
    }
    #expect(error?.position == TextPosition(line: 2, column: 3))
  }

  @Test("reads back any value that is quoted", arguments: 0..<200)
  func roundTrip(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let alphabet = Array("ab'\"\\$# \n\t=é".utf8)
    let value = String(decoding: random.bytes(upTo: 20, from: alphabet), as: UTF8.self)
    let escaped = value.map { character in
      ["\"": "\\\"", "\\": "\\\\", "$": "\\$", "\n": "\\n"][character] ?? String(character)
    }
    let file = try DotEnvFile.parse("A=\"\(escaped.joined())\"\nB=2")
    #expect(file["A"]?.value == value)
    #expect(file["B"]?.line == 2)
  }
}

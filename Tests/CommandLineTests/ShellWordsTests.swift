import Testing

@testable import migrate

@Suite struct ShellWordsTests {
  @Test(arguments: [
    ("", []),
    ("  a  b ", ["a", "b"]),
    ("a 'b c' d", ["a", "b c", "d"]),
    ("a \"b 'c'\" d", ["a", "b 'c'", "d"]),
    ("--x='a b'", ["--x=a b"]),
    ("a\\ b", ["a b"]),
    ("''", [""]),
    ("$HOME `x` $(y)", ["$HOME", "`x`", "$(y)"]),
    ("'a\\b'", ["a\\b"]),
  ])
  func splits(line: String, words: [String]) throws {
    #expect(try ShellWords.split(line) == words)
  }

  @Test(arguments: ["'a", "\"a", "a\\"])
  func refusesWhatIsLeftOpen(line: String) {
    #expect(throws: ShellWords.UnclosedQuote.self) { try ShellWords.split(line) }
  }
}

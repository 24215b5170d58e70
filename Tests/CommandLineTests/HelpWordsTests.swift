import MigrationCore
import Testing

@testable import migrate

/// The help speaks in short sentences, in the words of docs/glossary.md.
@Suite struct HelpWordsTests {
  /// Words for which the glossary has better ones.
  static let privateWords = [
    "a part of it", "anew", "as of", "as sent", "at work", "becomes of", "beside", "beforehand",
    "books", "bring", "brought", "by itself", "go on", "goes", "gone", "if not given", "in hand",
    "is there", "left out", "look at", "looked at", "loses", "mend", "mended", "moment", "nobody",
    "nowhere", "of before", "proves", "prove", "refuse", "refused", "refuses", "set aside",
    "so many", "somebody", "stands", "take out", "taken out", "taken over", "tell", "tells",
    "told", "too many", "whoever's", "wins", "wish",
  ]

  static let pages = CommandTable.pages.map(\.name)

  @Test(arguments: pages)
  func aPageUsesTheWordsOfTheGlossary(name: String) throws {
    let page = try #require(CommandTable.pages.first { $0.name == name })
    let words = HelpTests.help.page(page).lowercased().split { !$0.isLetter && $0 != "'" }
    let text = " " + words.joined(separator: " ") + " "
    for word in Self.privateWords {
      #expect(!text.contains(" \(word) "), "\(name): \(word)")
    }
  }

  @Test(arguments: pages)
  func noSentenceOfAPageIsLong(name: String) throws {
    let page = try #require(CommandTable.pages.first { $0.name == name })
    let texts =
      [page.summary] + page.discussion + page.options.map(\.help) + page.operands.map(\.help)
    for sentence in texts.flatMap(Self.sentences) {
      let words = sentence.split(separator: " ")
      #expect(words.count <= 25, "\(name): \(sentence)")
    }
  }

  /// Splits a paragraph at periods, semicolons and colons that a blank follows.
  private static func sentences(_ text: String) -> [String] {
    text.replacing("; ", with: ". ").replacing(": ", with: ". ").split(separator: ". ")
      .map(String.init)
  }
}

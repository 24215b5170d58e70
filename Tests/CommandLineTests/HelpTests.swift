import MigrationCore
import Testing

@testable import migrate

@Suite struct HelpTests {
  static let scripts = Scripts(
    file: "config/scripts.json", all: [Script(name: "quick", lines: [["check"]])])
  static let help = HelpRenderer(pages: CommandTable.pages, scripts: scripts, width: 100)

  @Test func theOverviewNamesEveryCommandOptionAndExitCode() {
    let text = Self.help.overview()
    for page in CommandTable.pages { #expect(text.contains("  \(page.name) ")) }
    for option in GlobalOptions.all { #expect(text.contains("--" + option.name)) }
    for code in ExitCode.allCases { #expect(text.contains("  \(code.rawValue) ")) }
  }

  @Test(arguments: CommandTable.pages.map(\.name))
  func aPageNamesAllOfItsOptions(name: String) throws {
    let page = try #require(CommandTable.pages.first { $0.name == name })
    let text = Self.help.page(page)
    for option in page.options + GlobalOptions.all { #expect(text.contains("--" + option.name)) }
    for operand in page.operands { #expect(text.contains(operand.usage)) }
    for code in page.exitCodes { #expect(text.contains(code.meaning.prefix(20))) }
  }

  /// What the table of settings calls an option is one, and a command takes it.
  @Test(arguments: Settings.all.filter { $0.flag != nil })
  func theOptionOfASettingExists(setting: Setting) {
    let options = CommandTable.pages.flatMap(\.options) + GlobalOptions.all
    #expect(options.contains { $0.name == setting.flag && $0.takesValue })
  }

  /// An option that is not given has no value that could be given.
  @Test func whatIsNotGivenHasNoValue() {
    let none = ParsedArguments()
    #expect(none[RunCommand.limit] == nil && none[RunCommand.maxRejects] == nil)
    #expect(none[RunCommand.phase] == nil && none[RunCommand.maxMinutes] == nil)
    #expect(none[BackupPruneCommand.olderThan] == nil && none[SharedOptions.rate] == nil)
  }

  @Test(arguments: [
    "--limit 0", "--max-rejects -1", "--phase 0", "--max-minutes 0", "--parallel 257",
    "--parallel many",
  ]) func aNumberThatMeansNothingIsRefused(words: String) {
    let parser = ArgumentParser(command: "run", options: RunCommand.page.options)
    #expect(throws: UsageError.self) {
      try parser.parse(words.split(separator: " ").map(String.init))
    }
  }

  /// The number of lanes has one name and one range.
  @Test func lanesAreAskedForInOneWay() throws {
    for page in [RunCommand.page, ResumeCommand.page, RestartCommand.page, ConfigureCommand.page] {
      let option = try #require(page.options.first { $0.name == "parallel" })
      for value in ["1", "256", "auto"] { try option.check(value) }
      for value in ["0", "257", "two"] {
        #expect(throws: ValueFault.self) { try option.check(value) }
      }
    }
  }

  @Test func noLineIsWiderThanAskedFor() {
    let texts = [Self.help.overview()] + CommandTable.pages.map(Self.help.page)
    for line in texts.joined(separator: "\n").split(separator: "\n") {
      #expect(line.count <= 104, "\(line)")
    }
  }

  @Test func theManualPageHasEveryCommandAndNoBareHyphenOption() {
    let text = ManPage(pages: CommandTable.pages, settings: [("X_Y", "what it is")]).rendered()
    for page in CommandTable.pages {
      #expect(text.contains(".B migrate \(page.name.replacing("-", with: "\\-"))"))
    }
    #expect(text.contains("X_Y"))
    #expect(!text.contains("\n.B --"))
  }

  @Test func wrappingKeepsEveryWord() {
    let text = "the quick brown fox jumps over the lazy dog"
    let wrapped = TextLayout.wrap(text, width: 12)
    #expect(wrapped.split(whereSeparator: \.isWhitespace).joined(separator: " ") == text)
    #expect(wrapped.split(separator: "\n").allSatisfy { $0.count <= 12 })
  }
}

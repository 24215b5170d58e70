import Testing

@testable import migrate

@Suite struct CommandResolverTests {
  static func page(_ words: String) -> CommandPage {
    CommandPage(
      words: words.split(separator: " ").map(String.init), group: .check, summary: "",
      run: { _ in .done })
  }

  static func script(_ name: String, _ lines: String...) -> Script {
    Script(name: name, lines: lines.map { $0.split(separator: " ").map(String.init) })
  }

  static let resolver = CommandResolver(
    pages: [page("check"), page("db status"), page("db migrate"), page("backup")],
    scripts: Scripts(
      file: "scripts.json",
      all: [
        script("quick", "check --fast"), script("both", "quick", "db status"),
        script("loop", "other"), script("other", "loop"), script("check", "backup"),
        script("check:all", "backup --all"),
      ]),
    globalOptions: GlobalOptions.all)

  func resolve(_ line: String) throws(UsageError) -> [String] {
    try Self.resolver.resolve(line.split(separator: " ").map(String.init))
      .map { ([$0.page.name] + $0.arguments).joined(separator: " | ") }
  }

  @Test(arguments: [
    ("check", ["check"]),
    ("check a --json", ["check | a | --json"]),
    ("--env staging check", ["check | --env | staging"]),
    ("db status", ["db status"]),
    ("db:status -v", ["db status | -v"]),
    ("migration:check", ["check"]),
    ("check:all", ["backup | --all"]),
    ("quick --json", ["check | --fast | --json"]),
    ("migration:quick", ["check | --fast"]),
    ("--json both x", ["check | --json | --fast", "db status | --json | x"]),
  ])
  func findsCommands(line: String, expected: [String]) throws {
    #expect(try resolve(line) == expected)
  }

  @Test(arguments: [
    ("", UsageError.noCommand),
    ("--json", .noCommand),
    ("chekc", .unknownCommand("chekc", nearest: "check")),
    ("xyzzyx", .unknownCommand("xyzzyx", nearest: nil)),
    ("db", .incompleteCommand("db", continuations: ["status", "migrate"])),
    ("db --json", .incompleteCommand("db", continuations: ["status", "migrate"])),
    (
      "db stauts",
      .unknownInFamily("db stauts", nearest: "db status", ["db status", "db migrate"])
    ),
    (
      "db:analyze-all --json",
      .unknownInFamily("db:analyze-all", nearest: nil, ["db:migrate", "db:status"])
    ),
    (
      "db:migrat",
      .unknownInFamily("db:migrat", nearest: "db:migrate", ["db:migrate", "db:status"])
    ),
    ("loop", .scriptLoop(["loop", "other", "loop"])),
  ])
  func refuses(line: String, error: UsageError) {
    #expect(throws: error) { try resolve(line) }
  }

  @Test func everyWordOfEveryCommandIsReachable() throws {
    let resolver = CommandResolver(
      pages: CommandTable.pages, scripts: Scripts(file: "", all: []),
      globalOptions: GlobalOptions.all)
    for page in CommandTable.pages {
      #expect(try resolver.resolve(page.words).map(\.page.name) == [page.name])
    }
  }
}

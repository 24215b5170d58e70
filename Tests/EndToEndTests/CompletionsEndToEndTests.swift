import Foundation
import TestSupport
import Testing

@Suite struct CompletionsEndToEndTests {
  let migrate: Migrate

  init() throws { migrate = try Migrate() }

  /// Asks bash what it would offer after these words.
  func bash(_ words: [String]) throws -> Set<String> {
    let file = try migrate.folder.file("c.bash", try migrate("completions bash").output)
    let list = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      source '\(file)'
      COMP_WORDS=(\(list)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _migrate
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let printed = try mustRun("/bin/bash", ["-c", script])
    return Set(printed.split(separator: "\n").map(String.init))
  }

  @Test func bashOffersCommandsOptionsAndValues() throws {
    #expect(try bash(["migrate", "test-c"]) == ["test-connections"])
    #expect(try bash(["migrate", "test-connections", "--rep"]) == ["--repeat"])
    #expect(try bash(["migrate", "completions", "z"]) == ["zsh"])
    #expect(try bash(["migrate", ""]).isSuperset(of: ["check", "config", "--help"]))
  }

  @Test func zshReadsItsCompletions() throws {
    let file = try migrate.folder.file("_migrate", try migrate("completions zsh").output)
    let script = """
      _describe() { print -l -- $candidates }
      words=(migrate ''); CURRENT=2; source '\(file)'
      words=(migrate test-connections ''); CURRENT=3; _migrate
      """
    let printed = try mustRun("/usr/bin/zsh", ["-f", "-c", script])
    #expect(printed.contains("check:"))
    #expect(printed.contains("--repeat:"))
  }

  @Test func fishOffersCommandsAndOptions() throws {
    let file = try migrate.folder.file("migrate.fish", try migrate("completions fish").output)
    let script =
      "source '\(file)'; complete -C 'migrate te'; complete -C 'migrate test-connections --rep'"
    let printed = try mustRun(
      "/usr/bin/fish", ["--no-config", "-c", script],
      environment: ["HOME": migrate.folder.path, "PATH": "/usr/bin:/bin"])
    #expect(printed.contains("test-connections\t"))
    #expect(printed.contains("--repeat\t"))
  }
}

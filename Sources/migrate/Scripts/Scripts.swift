import FoundationEssentials
import MigrationCore

/// A name that represents one or several command lines.
struct Script: Sendable {
  let name: String
  /// Each command line, in words; `{count}` represents the value of the script's own option `--count`.
  let lines: [[String]]
  var options: [ScriptOption] = []

  var text: String {
    lines.map { $0.joined(separator: " ") }.joined(separator: " && ")
      + options.map { "  \($0.usage)" }.joined()
  }
}

/// An option of a script's own, whose value goes into its command lines.
struct ScriptOption: Sendable {
  let name: String
  let otherwise: String
  /// The words that it takes and what they represent; empty if it takes anything.
  let words: [(word: String, value: String)]

  /// How the list of scripts shows it: `[--size=small|large]`.
  var usage: String {
    words.isEmpty
      ? "[--\(name)=\(otherwise)]" : "[--\(name)=\(words.map(\.word).joined(separator: "|"))]"
  }
}

/// The scripts of `config/scripts.json`, as in a package.json: names that expand to commands.
struct Scripts: Sendable {
  let file: String
  let all: [Script]

  var names: [String] { all.map(\.name) }

  /// Finds a script by its name, with or without the manuals' `migration:` before it.
  func script(_ name: String) -> Script? {
    let short = name.hasPrefix("migration:") ? String(name.dropFirst("migration:".count)) : name
    return all.first { $0.name == short }
  }
}

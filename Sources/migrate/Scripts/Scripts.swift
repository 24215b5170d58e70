import FoundationEssentials
import MigrationCore

/// A name that stands for one or several command lines.
struct Script: Sendable {
  let name: String
  /// Each command line, in words.
  let lines: [[String]]

  var text: String { lines.map { $0.joined(separator: " ") }.joined(separator: " && ") }
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

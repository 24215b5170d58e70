import FoundationEssentials
import MigrationCore

/// The options that `npm run` keeps: of `npm run NAME --table=customers` only the variable `npm_config_table` arrives.
///
/// They belong to the command line that a script of a package.json ends with, as words behind `--` do.
struct NpmOptions {
  private let environment: [String: String]
  private let resolver: CommandResolver

  init(_ resolver: CommandResolver, environment: [String: String]) {
    (self.resolver, self.environment) = (resolver, environment)
  }

  /// The words of a command line, and what is to be said about them.
  struct Words {
    var words: [String]
    var warnings: [String] = []
  }

  /// Returns the words with npm's options behind those of the package.json, and before those behind `--`.
  ///
  /// - Throws: `UsageError` for an option that the command does not have.
  func added(to words: [String]) throws(UsageError) -> Words {
    guard let count = ownWords(words), let lines = try? resolver.resolve(words),
      let page = lines.last?.page
    else { return Words(words: words) }
    var found = NpmWords(
      command: words[..<count].joined(separator: " "),
      known: page.options + GlobalOptions.all,
      ofScript: resolver.scripts.script(words[0])?.options.map(\.name) ?? [])
    let exported = NpmParent.variables(environment)
    for option in kept {
      try found.add(
        option, isExported: exported?.contains("\(option.key)=\(environment[option.key] ?? "")"))
    }
    return Words(
      words: words[..<count] + (try found.words()) + words[count...], warnings: found.warnings)
  }

  /// How many of the words are those of the package.json; nil if npm has not called this command line.
  private func ownWords(_ words: [String]) -> Int? {
    guard environment["npm_config_user_agent"]?.hasPrefix("npm/") == true,
      let line = environment["npm_lifecycle_script"], let script = try? ShellWords.split(line)
    else { return nil }
    let names = ["migrate", CommandLine.arguments.first ?? ""].map { $0.split(separator: "/").last }
    // Of several commands npm's words belong to the last.
    let place = script.indices.last { place in
      names.contains(script[place].split(separator: "/").last)
        && (place == 0 || script[place - 1].contains { "=&|;".contains($0) })
    }
    let own = place.map { script[($0 + 1)...].prefix { !$0.contains { "<>|&;".contains($0) } } }
    guard let own, !own.isEmpty, words.starts(with: own) else { return nil }
    return own.count
  }

  /// The options, by their names on the command line, apart from what files of npm set.
  private var kept: [NpmWords.Option] {
    let start = "npm_config_"
    let settings = filed
    return environment.keys.filter { $0.hasPrefix(start) }.sorted().flatMap { key in
      let value = environment[key] ?? ""
      let name = NpmSettings.meaning(
        String(key.dropFirst(start.count)).replacing("_", with: "-"), value)
      guard settings[name] != value else { return [NpmWords.Option]() }
      // A list is several values.
      return value.split(separator: "\n\n", omittingEmptySubsequences: false)
        .map { NpmWords.Option(key: key, name: name, value: String($0)) }
    }
  }

  /// What the npmrc files set, which is no option of this call.
  private var filed: [String: String] {
    let files = [
      environment["npm_config_userconfig"], environment["npm_config_globalconfig"],
      environment["npm_config_local_prefix"].map { $0 + "/.npmrc" },
    ]
    var found: [String: String] = [:]
    for file in files.compactMap({ $0 }) {
      guard let bytes = try? InputFile.read(file) else { continue }
      for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
        let parts = line.split(separator: "=", maxSplits: 1).map(Self.trimmed)
        guard let key = parts.first else { continue }
        found[key.lowercased().replacing("_", with: "-")] = parts.count == 2 ? parts[1] : "true"
      }
    }
    return found
  }

  private static func trimmed(_ text: Substring) -> String {
    let blanks = { (character: Character) in character.isWhitespace || character == "\"" }
    let start = text.drop(while: blanks)
    let end = start.lastIndex { !blanks($0) }
    return end.map { String(start[...$0]) } ?? ""
  }
}

import MigrationCore

/// A command line after its command has been found.
struct ResolvedLine {
  let page: CommandPage
  /// All words but those of the command, in order.
  let arguments: [String]
}

/// Finds the command of a command line; expands scripts.
struct CommandResolver {
  let pages: [CommandPage]
  let scripts: Scripts
  let globalOptions: [OptionSpec]
  /// Returns the plans' tables as scripts (`customers` for `run customers`). Called only if no
  /// command or script matches, because it reads the plans.
  var tableScripts: @Sendable () -> [Script] = { [] }

  /// Returns the command lines to run, in order: one, or those of a script that has several.
  func resolve(_ words: [String], through path: [String] = []) throws(UsageError) -> [ResolvedLine]
  {
    guard let place = commandPlace(in: words) else { throw .noCommand }
    let before = Array(words[..<place])
    let called = splitColons(words[place]) + words[(place + 1)...]
    // A script may be called `validate:x` next to a command `validate`.
    if words[place].contains(":"),
      let script = scripts.all.first(where: { $0.name == words[place] })
    {
      return try expand(script, words: words, place: place, path: path)
    }
    // `backup` may be a script next to commands of two words, such as `backup list`.
    if let script = scripts.script(words[place]), pages.allSatisfy({ $0.words != [called[0]] }),
      called.count == 1 || called[1].hasPrefix("-")
    {
      return try expand(script, words: words, place: place, path: path)
    }
    if let line = try command(called, before: before, names: words[place]) { return [line] }
    guard let script = scripts.script(words[place]) ?? tableScript(words[place]) else {
      throw .unknownCommand(words[place], nearest: suggestion(for: words[place]))
    }
    return try expand(script, words: words, place: place, path: path)
  }

  /// Appends the arguments after the script's name to the last of its command lines, as npm does.
  private func expand(
    _ script: Script, words: [String], place: Int, path: [String]
  ) throws(UsageError) -> [ResolvedLine] {
    guard !path.contains(script.name) else { throw .scriptLoop(path + [script.name]) }
    let before = Array(words[..<place])
    let filled = try ScriptWords(script, Array(words[(place + 1)...]))
    var lines: [ResolvedLine] = []
    for (index, line) in filled.lines.enumerated() {
      let isLast = index == filled.lines.count - 1
      lines += try resolve(
        before + line + (isLast ? filled.rest : []), through: path + [script.name])
    }
    return lines
  }

  /// Returns the command that the words begin with; nil if the first one begins none.
  ///
  /// - Parameter word: The word of the command line that names it.
  private func command(
    _ called: [String], before: [String], names word: String
  ) throws(UsageError) -> ResolvedLine? {
    let matches = pages.filter { called.starts(with: $0.words) }
    if let page = matches.max(by: { $0.words.count < $1.words.count }) {
      return ResolvedLine(page: page, arguments: before + called.dropFirst(page.words.count))
    }
    let family = pages.filter { $0.words.count > 1 && $0.words[0] == called[0] }
    guard !family.isEmpty else { return nil }
    if let next = called.dropFirst().first(where: { !$0.hasPrefix("-") }) {
      throw unknown("\(called[0]) \(next)", in: family, word)
    }
    throw .incompleteCommand(
      called[0], continuations: family.map { $0.words.dropFirst().joined(separator: " ") })
  }

  /// The first of the two words begins commands, but none goes on with the second.
  ///
  /// - Parameter word: The word of the command line that names them, such as `db:analyze`.
  private func unknown(_ called: String, in family: [CommandPage], _ word: String) -> UsageError {
    let first = family[0].words[0]
    guard word.contains(":") else {
      let names = family.map(\.name)
      return .unknownInFamily(called, nearest: nearest(to: called, in: names), names)
    }
    let names =
      family.map { $0.words.joined(separator: ":") }
      + scripts.names.filter { $0.hasPrefix(first + ":") }
    return .unknownInFamily(word, nearest: nearest(to: word, in: names), names.sorted())
  }

  /// The first word that is neither an option nor an option's value.
  private func commandPlace(in words: [String]) -> Int? {
    var index = 0
    while index < words.count {
      let word = words[index]
      guard word.hasPrefix("-"), word.count > 1 else { return index }
      let option = globalOptions.first {
        "--" + $0.name == word || $0.short.map { "-\($0)" } == word
      }
      index += option?.takesValue == true ? 2 : 1
    }
    return nil
  }

  /// Splits `db:status` into `db status`; ignores the manuals' prefix `migration:`.
  private func splitColons(_ word: String) -> [String] {
    let parts = word.split(separator: ":").map(String.init)
    return parts.count > 1 && parts[0] == "migration" ? Array(parts.dropFirst()) : parts
  }

  private func tableScript(_ word: String) -> Script? {
    Scripts(file: "", all: tableScripts()).script(word)
  }

  private func suggestion(for word: String) -> String? {
    nearest(to: word, in: pages.map(\.name) + scripts.names + tableScripts().map(\.name))
  }
}

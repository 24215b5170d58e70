import MigrationCore

/// Renders shell completions from the command table.
///
/// All shells complete the same words and options. Commands of two words complete word by word.
struct Completions {
  let pages: [CommandPage]
  let scripts: Scripts

  /// A word that can follow "migrate", with its description.
  private var firstWords: [(word: String, text: String)] {
    var words: [(String, String)] = []
    for page in pages {
      let text = page.words.count == 1 ? page.summary : "\(page.group.rawValue) commands"
      if !words.contains(where: { $0.0 == page.words[0] }) { words.append((page.words[0], text)) }
    }
    return words + scripts.all.map { ($0.name, "script: " + Redactor().scrub($0.text)) }
  }

  private var families: [(word: String, pages: [CommandPage])] {
    Dictionary(grouping: pages.filter { $0.words.count > 1 }, by: { $0.words[0] })
      .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func options(_ page: CommandPage) -> [OptionSpec] { page.options + GlobalOptions.all }

  private func operandChoices(_ page: CommandPage) -> [String] { page.operands.flatMap(\.choices) }

  // MARK: bash

  func bash() -> String {
    let commandCases = pages.map { page in
      let words = operandChoices(page) + options(page).map { "--" + $0.name }
      return "    \(quoted(page.name))) words=\(quoted(words.joined(separator: " "))) ;;"
    }
    let familyCases = families.map { family in
      let words = family.pages.map { $0.words[1] }.joined(separator: " ")
      return "    \(quoted(family.word))) words=\(quoted(words)) ;;"
    }
    let valueCases = valueOptions.map { name, choices in
      "    --\(name)) COMPREPLY=($(compgen -W \(quoted(choices.joined(separator: " "))) -- \"$current\")); return ;;"
    }
    let first = firstWords.map(\.word) + GlobalOptions.all.map { "--" + $0.name }
    return """
      # Completions of migrate for bash: source this file, or put it into /etc/bash_completion.d/
      _migrate() {
        local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
        local command="" word words="" i
        case "$previous" in
      \(valueCases.joined(separator: "\n"))
        esac
        for ((i = 1; i < COMP_CWORD; i++)); do
          word="${COMP_WORDS[i]}"
          case "$word" in -*) ;; *) command="${command:+$command }$word" ;; esac
        done
        case "$command" in
          "") words=\(quoted(first.joined(separator: " "))) ;;
      \((commandCases + familyCases).joined(separator: "\n"))
          *) words=\(quoted(GlobalOptions.all.map { "--" + $0.name }.joined(separator: " "))) ;;
        esac
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      }
      complete -o default -F _migrate migrate

      """
  }

  /// Options whose values are known, over all commands.
  private var valueOptions: [(String, [String])] {
    var seen: [(String, [String])] = []
    for option in pages.flatMap(\.options) where !option.choices.isEmpty {
      if !seen.contains(where: { $0.0 == option.name }) {
        seen.append((option.name, option.choices))
      }
    }
    return seen
  }

  // MARK: zsh

  func zsh() -> String {
    let first = firstWords.map { "    " + quoted(described($0.word, $0.text)) }
    let familyCases = families.map { family in
      let rows = family.pages.map { quoted(described($0.words[1], $0.summary)) }
      return "    \(quoted(family.word))) candidates=(\(rows.joined(separator: " "))) ;;"
    }
    let commandCases = pages.map { page in
      let rows =
        operandChoices(page).map(quoted)
        + options(page).map { quoted(described("--" + $0.name, $0.help)) }
      return "    \(quoted(page.name))) candidates=(\(rows.joined(separator: " "))) ;;"
    }
    let global = GlobalOptions.all.map { quoted(described("--" + $0.name, $0.help)) }
    return """
      #compdef migrate
      # Completions of migrate for zsh: put this file as _migrate into a folder of $fpath.
      _migrate() {
        local -a first candidates
        local command="" word
        first=(
      \(first.joined(separator: "\n"))
          \(global.joined(separator: " "))
        )
        for word in ${words[2,$((CURRENT - 1))]}; do
          [[ $word == -* ]] || command="${command:+$command }$word"
        done
        case "$command" in
          "") candidates=($first) ;;
      \((commandCases + familyCases).joined(separator: "\n"))
          *) candidates=(\(global.joined(separator: " "))) ;;
        esac
        _describe 'migrate' candidates
      }
      _migrate "$@"

      """
  }

  /// Escapes colons: zsh separates words from descriptions by them.
  private func described(_ word: String, _ text: String) -> String {
    word.replacing(":", with: "\\:") + ":" + text.replacing(":", with: "\\:")
  }

  // MARK: fish

  func fish() -> String {
    var lines = [
      "# Completions of migrate for fish: put this file into ~/.config/fish/completions/migrate.fish",
      "complete -c migrate -f",
    ]
    for (word, text) in firstWords {
      lines.append(fishLine("__fish_use_subcommand", "-a \(quoted(word)) -d \(quoted(text))"))
    }
    for page in pages {
      let condition = page.words.map { "__fish_seen_subcommand_from \($0)" }.joined(
        separator: "; and ")
      if page.words.count > 1 {
        let family = "__fish_seen_subcommand_from \(page.words[0])"
        lines.append(fishLine(family, "-a \(quoted(page.words[1])) -d \(quoted(page.summary))"))
      }
      for choice in operandChoices(page) {
        lines.append(fishLine(condition, "-a \(quoted(choice))"))
      }
      lines += page.options.map { fishLine(condition, fishOption($0)) }
    }
    lines += GlobalOptions.all.map { "complete -c migrate " + fishOption($0) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func fishLine(_ condition: String, _ rest: String) -> String {
    "complete -c migrate -n \(quoted(condition)) \(rest)"
  }

  private func fishOption(_ option: OptionSpec) -> String {
    let short = option.short.map { " -s \($0)" } ?? ""
    let values =
      option.choices.isEmpty ? "" : " -a \(quoted(option.choices.joined(separator: " ")))"
    let needsValue = option.takesValue ? " -x" : ""
    return "-l \(option.name)\(short)\(needsValue)\(values) -d \(quoted(option.help))"
  }

  /// Returns the text in single quotes, which all three shells read alike unless it ends in a backslash.
  private func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "’") + "'" }
}

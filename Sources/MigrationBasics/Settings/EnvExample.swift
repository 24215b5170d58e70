/// Writes `.env.example` from the table of settings, so that the two can't drift apart.
package enum EnvExample {
  /// Returns the whole file.
  package static func render() -> String {
    let groups = Setting.Group.allCases.map { group in
      let settings = Settings.all.filter { $0.group == group }
      return
        (["# ---- \(group.rawValue) ----"] + notes(for: group) + [""]
        + settings.flatMap { render($0) + [""] }).joined(separator: "\n")
    }
    return head + "\n\n" + groups.joined(separator: "\n")
  }

  private static let head = """
    # Settings of migrate. Copy this file to .env, take the "#" from the lines you need, and
    # chmod 600 .env. "migrate config" shows what counts and where it came from.
    #
    # The order of strength: option on the command line, environment variable, this file, plan,
    # default. An empty value counts as not set.
    #
    # For another environment write .env.staging and say --env staging, or set
    # MIGRATE_ENV=staging. Its variables may be named STAGING_DATABASE_URL or just DATABASE_URL;
    # of the plain .env, only the names that begin with STAGING_ count then.
    #
    # No shell reads this file: $NAME and $(command) stay as they are. Values with blanks or "#"
    # go in single quotes (taken as they stand) or double quotes (\\n, \\t, \\\\, \\" and \\$ are
    # escapes). Any value may stand elsewhere: env:NAME takes that of another environment
    # variable, file:/path the first line of a file.
    """

  private static func notes(for group: Setting.Group) -> [String] {
    switch group {
    case .databases:
      return comment(
        "In user name and password of a URL, write @ as %40, / as %2F, : as %3A, # as %23, "
          + "? as %3F, [ as %5B, ] as %5D, $ as %24 and % as %25. Better, leave the password out "
          + "and give it in one of the ways below.")
    case .passwords:
      return comment(
        "Passwords are safest where no listing of variables shows them: in a file that only you "
          + "can read (file:/path here), or, for PostgreSQL, in the file that PGPASSFILE names "
          + "(~/.pgpass) or in a service file (postgres://?service=name). Next best is env:NAME "
          + "with a variable that a secret store fills. A password that begins with env: or "
          + "file: must go into such a file.")
    default: return []
    }
  }

  private static func render(_ setting: Setting) -> [String] {
    var lines = comment([setting.summary, setting.explanation].joined(separator: " ").trimmed)
    var facts = "Takes \(setting.kind.allowed)."
    if let text = setting.defaultText {
      facts += " Default: \(text == "." ? "the current folder" : text)."
    }
    if !setting.aliases.isEmpty {
      facts += " Also known as \(setting.aliases.joined(separator: ", "))."
    }
    if let flag = setting.flag { facts += " Option: --\(flag)." }
    if !setting.isSecret { lines += comment(facts) }
    return lines + ["#\(setting.name)=\(setting.example)"]
  }

  /// Breaks a text into comment lines of at most 96 characters.
  private static func comment(_ text: String) -> [String] {
    var lines: [String] = []
    var line = "#"
    for word in text.split(separator: " ") {
      if line.count + word.count + 1 > 96 {
        lines.append(line)
        line = "#"
      }
      line += " " + word
    }
    return lines + [line]
  }
}

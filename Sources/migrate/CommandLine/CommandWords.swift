import Glibc

/// The words of the process's own command line.
enum CommandWords {
  /// Returns the words, and removes passwords from the copy that other users can see.
  ///
  /// The kernel shows the memory of `argv` in `/proc/PID/cmdline`, so this overwrites it. Passwords
  /// are visible until then; therefore the help advises against them.
  static func taken() -> [String] {
    let words = Array(CommandLine.arguments.dropFirst())
    for index in 1..<max(1, Int(CommandLine.argc)) {
      if let word = CommandLine.unsafeArgv[index] { hidePassword(in: word) }
    }
    return words
  }

  /// Shows the program under the name of a script in the list of processes: `migrate-mongo-to-postgres`.
  ///
  /// The list shows the words in memory, separated by zeros; this replaces the first zero by a dash.
  static func showScript() {
    guard CommandLine.argc > 1, let name = CommandLine.unsafeArgv[0],
      let script = CommandLine.unsafeArgv[1], name + strlen(name) + 1 == script
    else { return }
    name[strlen(name)] = CChar(UInt8(ascii: "-"))
  }

  /// Overwrites what is between the user's colon and the last `@` of a URL's authority,
  /// and the value of an assignment to a setting whose name ends in PASSWORD.
  private static func hidePassword(in word: UnsafeMutablePointer<CChar>) {
    let length = strlen(word)
    if let sign = strstr(word, "PASSWORD=") {
      overwrite(from: sign + "PASSWORD=".utf8.count, to: word + length)
    }
    if let keyword = strstr(word, "password=") {
      overwrite(from: keyword + "password=".utf8.count, to: word + length)
    }
    guard let scheme = strstr(word, "://"), let at = strrchr(word, Int32(UInt8(ascii: "@"))) else {
      return
    }
    let authority = scheme + 3
    guard let colon = strchr(authority, Int32(UInt8(ascii: ":"))), colon < at else { return }
    overwrite(from: colon + 1, to: at)
  }

  private static func overwrite(
    from start: UnsafeMutablePointer<CChar>, to end: UnsafeMutablePointer<CChar>
  ) {
    if start < end { start.update(repeating: CChar(UInt8(ascii: "x")), count: end - start) }
  }
}

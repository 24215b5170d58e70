import MigrationCore

/// `migrate version`: shows the version of this build and its libraries.
enum VersionCommand {
  static let page = CommandPage(
    words: ["version"], group: .tool,
    summary: "Show the version of this build and of its libraries.",
    exitCodes: [.done, .usage], run: run)

  private static func run(_ invocation: Invocation) throws -> ExitCode {
    let libraries = LibraryVersions.current
    if invocation.console.isJSON {
      invocation.console.result(
        [
          "version": .text(Version.number),
          "libpq": .optional(libraries.libpq),
          "libmongoc": .optional(libraries.libmongoc),
        ])
    } else {
      let (libpq, libmongoc) = (libraries.libpq ?? "missing", libraries.libmongoc ?? "missing")
      invocation.console.result(
        "migrate \(Version.number) (libpq \(libpq), libmongoc \(libmongoc))")
    }
    return .done
  }
}

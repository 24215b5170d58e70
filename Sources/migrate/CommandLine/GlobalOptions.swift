/// The options that every command takes.
enum GlobalOptions {
  static let help = Option.flag("help", short: "h", help: "Show the help of a command.")
  static let version = Option.flag("version", help: "Show the version.")
  static let json = Option.flag(
    "json", help: "Print one JSON document to stdout instead of text, also on errors.")
  static let quiet = Option.flag("quiet", short: "q", help: "Print results and errors only.")
  static let verbose = Option.flag("verbose", short: "v", help: "Print more detail to stderr.")
  static let noColor = Option.flag(
    "no-color", help: "Disable colors, like a non-empty NO_COLOR.")
  static let plan = Option.text(
    "plan", "NAME", help: "The plan to use: a folder in config/, such as nxt.")
  static let environment = Option.text(
    "env", "NAME",
    help: "Read .env.NAME, and variables with the prefix NAME_ (staging: STAGING_DATABASE_URL).")
  static let set = Option.list(
    "set", "NAME=VALUE",
    help: "Override a setting. Not for passwords: other users can see the command line.",
    check: { value throws(ValueFault) in
      guard let sign = value.firstIndex(of: "="), sign != value.startIndex else {
        throw ValueFault(expected: "NAME=VALUE, such as MIGRATION_BATCH_SIZE=500")
      }
    })

  static let databases = [
    Option.text("source", "URL", help: "The database to read from; overrides SOURCE_DATABASE_URL.")
      .spec,
    Option.text("mongodb", "URL", help: "The MongoDB database to read from; overrides MONGODB_URL.")
      .spec,
    Option.text("target", "URL", help: "The database to write to; overrides DATABASE_URL.").spec,
    Option.text("backup", "URL", help: "The backup database; overrides BACKUP_DATABASE_URL.").spec,
  ]

  static let all =
    [
      help.spec, version.spec, json.spec, quiet.spec, verbose.spec, noColor.spec, plan.spec,
      environment.spec, set.spec,
    ] + databases
}

/// The options that every command takes.
enum GlobalOptions {
  static let help = Option.flag("help", short: "h", help: "Show the help of a command.")
  static let version = Option.flag("version", help: "Show the version.")
  static let json = Option.flag(
    "json", help: "Print one JSON document to stdout instead of text, also for an error.")
  static let quiet = Option.flag("quiet", short: "q", help: "Say nothing but results and errors.")
  static let verbose = Option.flag("verbose", short: "v", help: "Tell more on stderr.")
  static let noColor = Option.flag(
    "no-color", help: "No colours; the same as a non-empty NO_COLOR.")
  static let plan = Option.text(
    "plan", "NAME", help: "The migration to work on: a folder in config/, such as nxt.")
  static let environment = Option.text(
    "env", "NAME",
    help: "Read .env.NAME, and variables that begin with NAME_ (staging: STAGING_DATABASE_URL).")
  static let set = Option.list(
    "set", "NAME=VALUE",
    help: "Give a setting here, over all other places. Not for passwords: other users can see it.",
    check: { value throws(ValueFault) in
      guard let sign = value.firstIndex(of: "="), sign != value.startIndex else {
        throw ValueFault(expected: "NAME=VALUE, such as MIGRATION_BATCH_SIZE=500")
      }
    })

  static let databases = [
    Option.text("source", "URL", help: "The database to read from; over SOURCE_DATABASE_URL.").spec,
    Option.text("mongodb", "URL", help: "The MongoDB to read from; over MONGODB_URL.").spec,
    Option.text("target", "URL", help: "The database to write to; over DATABASE_URL.").spec,
    Option.text("backup", "URL", help: "The database for backups; over BACKUP_DATABASE_URL.").spec,
  ]

  static let all =
    [
      help.spec, version.spec, json.spec, quiet.spec, verbose.spec, noColor.spec, plan.spec,
      environment.spec, set.spec,
    ] + databases
}
